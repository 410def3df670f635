import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workplace } from '../../support/ksql-command.ts';

const root = path.join(import.meta.dirname, '../../..');
const guide = readFileSync(path.join(root, 'docs/notebooks.md'), 'utf8');
const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block!.trim().split('\n'));

describe('the commands of the guide to notebooks do what they are for', () => {
  const place = new Workplace();
  beforeAll(() => cpSync(path.join(root, 'examples'), path.join(place.folder, 'examples'), { recursive: true }));
  afterAll(() => place.remove());

  test.each(commands)('%s', async (command) => {
    const [program, ...args] = command.split(' ');
    expect(program).toBe('ksql');
    expect(await place.run(args)).toMatchObject({ code: 0 });
  });

  test('and the file that it shows is that of the example', () => {
    const example = readFileSync(path.join(root, 'examples/orders.ksqlnb'), 'utf8');
    const [, shown] = /^```ksql\n[\s\S]*?(SELECT[\s\S]*?)^```/m.exec(guide)!;
    expect(example).toContain(shown);
  });
});
