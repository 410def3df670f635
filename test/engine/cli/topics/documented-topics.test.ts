import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpClient } from '../../../../engine/api/http-client.ts';
import { appendRecords } from '../../../../engine/api/topics/topics-client.ts';
import { readFixtureLine } from '../../../../engine/fixtures/fixture-line.ts';
import { type Served, serveKsql, Workplace } from '../../../support/ksql-command.ts';

const guide = readFileSync(path.join(import.meta.dirname, '../../../../docs/topics.md'), 'utf8');
const blocksOf = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].flatMap(([, block]) =>
    block!.trim().split('\n'),
  );
const commands = blocksOf('sh');
const NOON_MS = Date.parse('2026-11-30T12:00:00Z');

const place = new Workplace();
let served: Served;
beforeAll(async () => {
  served = await serveKsql(['--listen', '127.0.0.1:0', '--no-token'], place.folder);
  const client = httpClient({ url: served.url });
  const order = (i: number) =>
    `{"topic":"orders","timestamp":${NOON_MS + i * 60_000},"key":${i},"value":{"ITEM":"${i % 2 ? 'pear' : 'apple'}"}}`;
  const lines = Array.from({ length: 10 }, (_, i) => order(i));
  await appendRecords(client, ['{"topic":"orders","partitions":2}', '{"topic":"payments","partitions":1}', ...lines]);
  client.close();
  place.write(
    'totals.ksql',
    `CREATE STREAM orders (id INT KEY, item STRING) WITH (KAFKA_TOPIC='orders', KEY_FORMAT='JSON', VALUE_FORMAT='JSON');
     SELECT item, COUNT(*) AS orders FROM orders GROUP BY item EMIT CHANGES;`,
  );
});
afterAll(() => {
  served.child.kill();
  place.remove();
});

const run = (command: string) => place.run(command.replaceAll('http://localhost:8088', served.url).split(' ').slice(1));

describe('the commands of the guide to topics', () => {
  test.each(commands.map((command) => [command]))('%s', async (command) => {
    expect(command).toMatch(/^ksql /);
    const ended = await run(command);
    expect(ended).toMatchObject({ code: 0 });
    if (command.includes(' run ')) expect(ended.stdout).toMatch(/apple\s+\W?\s+5[\s\S]*pear\s+\W?\s+5/);
    if (command.includes('--from')) expect(ended.stdout.trim().split('\n')).toHaveLength(6);
    if (command.includes('replay orders.jsonl --server')) expect(ended.stderr).toMatch(/^1\d records written$/m);
  });

  test('and its lines can be read', () => {
    expect(blocksOf('json').map((line) => readFixtureLine(line)?.kind)).toEqual(['topic', 'schema', 'record']);
  });
});

describe('capture and replay', () => {
  test('lines go to standard output, and nothing else does', async () => {
    const { code, stdout, stderr } = await run('ksql capture orders --server http://localhost:8088 --first 2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records[0]).toEqual({ topic: 'orders', partitions: 2 });
    expect(records[1]).toMatchObject({ topic: 'orders', timestamp: NOON_MS, key: 0, value: { ITEM: 'apple' } });
    expect(records).toHaveLength(3);
  });

  test('what is in a state directory is taken without a server', async () => {
    place.write('in.jsonl', '{"topic":"kept","partitions":1}\n{"topic":"kept","timestamp":5,"value":1}\n');
    expect(await run('ksql replay in.jsonl --state-dir state')).toMatchObject({
      code: 0,
      stderr: 'One record written\n',
    });
    const { stdout } = await run('ksql capture kept --state-dir state');
    expect(stdout).toBe(
      '{"topic":"kept","partitions":1}\n{"topic":"kept","partition":0,"offset":0,"timestamp":5,"key":null,"value":1}\n',
    );
  });

  test.each([
    ['ksql capture orders', 2, 'Say from where: --server, --bootstrap-server or --state-dir.'],
    ['ksql replay in.jsonl', 2, 'Say where to'],
    ['ksql capture nowhere --server http://localhost:8088', 1, "Topic 'nowhere' does not exist."],
    ['ksql capture orders --server http://localhost:8088 --first 1 --last 1', 2, '--first or --last'],
    ['ksql capture orders --server http://localhost:8088 --from noon', 2, 'Give a time such as'],
    ['ksql replay wrong.jsonl --server http://localhost:8088', 2, 'wrong.jsonl:2: This is no JSON'],
    ['ksql replay none.jsonl --server http://localhost:8088', 2, 'none.jsonl cannot be read'],
    [
      'ksql replay beyond.jsonl --server http://localhost:8088',
      1,
      "beyond.jsonl: Topic 'orders' has partitions 0 to 1",
    ],
    ['ksql replay in.jsonl --server http://localhost:8088 --late 0.1', 2, '--late-by'],
    ['ksql replay in.jsonl --server http://localhost:8088 --late 2', 2, 'from 0 to 1'],
  ])('%s ends with %i', async (command, code, message) => {
    place.write('in.jsonl', '{"topic":"orders","value":1}\n');
    place.write('wrong.jsonl', '{"topic":"orders","value":1}\n{"topic":\n');
    place.write('beyond.jsonl', '{"topic":"orders","partition":7,"value":1}\n');
    const ended = await run(command);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(message);
  });
});
