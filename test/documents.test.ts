import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../engine/rest/http/limits.ts';

const root = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** The rows of a document's tables, without their heads. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\|(?!---)(.+)\|$(?!\n\|---)/gm)].map(([, cells]) => cells!.split('|').map((cell) => cell.trim()));

describe('promises', () => {
  const rows = rowsOf(read('docs/promises.md'));

  test.each(rows)('%s', (promise, against, tests) => {
    expect(promise).not.toBe('');
    expect(against).not.toBe('');
    const files = [...tests!.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file]) => file!);
    expect(files).not.toEqual([]);
    expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });
});

test('the limits of the server are documented as they are', () => {
  const told = rowsOf(read('docs/server.md')).flatMap(([, name, number]) => {
    const [, limit] = /^`(\w+)`$/.exec(name ?? '') ?? [];
    return limit === undefined ? [] : [[limit, Number.parseInt(number!, 10)] as const];
  });
  expect(Object.fromEntries(told)).toEqual(LIMITS);
});

describe('links between documents lead somewhere', () => {
  const documents = [
    ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'],
    ...globSync('docs/*.md', { cwd: root }).toSorted(),
  ];

  test.each(documents)('%s', (document) => {
    const targets = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!);
    const missing = targets.filter((target) => !existsSync(path.join(root, path.dirname(document), target)));
    expect(missing).toEqual([]);
  });
});
