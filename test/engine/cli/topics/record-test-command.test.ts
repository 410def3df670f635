import { afterAll, describe, expect, test } from 'vitest';
import { Workplace } from '../../../support/ksql-command.ts';

const place = new Workplace();
afterAll(() => place.remove());

const SCRIPT = `CREATE STREAM orders (id INT KEY, item STRING) WITH (KAFKA_TOPIC = 'orders', KEY_FORMAT = 'JSON', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE STREAM apples AS SELECT * FROM orders WHERE item = 'apple' EMIT CHANGES;
`;
const RECORDS =
  '{"topic":"orders","timestamp":1,"key":1,"value":{"ITEM":"apple"}}\n{"topic":"orders","timestamp":2,"key":2,"value":{"ITEM":"pear"}}\n';

place.write('apples.ksql', SCRIPT);
place.write('orders.jsonl', RECORDS);
place.write('wrong.ksql', `${SCRIPT}SELECT itm FROM orders EMIT CHANGES;`);
const record = (script: string, ...more: readonly string[]) =>
  place.run(['record-test', script, '--replay', 'orders.jsonl', ...more]);

test('a test is recorded', async () => {
  const { code, stdout } = await record('apples.ksql');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^--@test: apples with orders\.jsonl\n/);
});

test('a test is added to others, and passes', async () => {
  place.write('apples.test.ksql', `--@test: one\n${SCRIPT}`);
  expect(await record('apples.ksql', '--name', 'two', '--output', 'apples.test.ksql')).toMatchObject({
    code: 0,
    stdout: '',
  });
  expect(await place.run(['test', 'apples.test.ksql'])).toMatchObject({
    code: 0,
    stdout: '2 passed, 0 failed, 0 skipped\n',
  });
});

test('what is wrong with the script is said', async () => {
  const wrong = await record('wrong.ksql');
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toMatch(/^wrong\.ksql: .*ITM/);
});

test('without records there is nothing to record', async () => {
  expect(await place.run(['record-test', 'apples.ksql', '--replay', 'none.jsonl'])).toMatchObject({ code: 2 });
});

describe('triples of ksql-test-runner', () => {
  const output = (item: string) =>
    JSON.stringify({ outputs: [{ topic: 'APPLES', timestamp: 1, key: 1, value: { ITEM: item } }] });
  const input = JSON.stringify({ inputs: [{ topic: 'orders', timestamp: 1, key: 1, value: { ITEM: 'apple' } }] });

  test('are found in a folder by their names', async () => {
    place.write('triples/a/statements.sql', SCRIPT);
    place.write('triples/a/input.json', input);
    place.write('triples/a/output.json', output('apple'));
    place.write('triples/fruit-statements.ksql', SCRIPT);
    place.write('triples/fruit-input.json', input);
    place.write('triples/fruit-output.json', output('pear'));
    place.write('triples/mystatements.sql', SCRIPT);
    const { code, stdout } = await place.run(['test', 'triples', '--format', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).cases).toMatchObject([
      { file: 'triples/a/statements.sql', name: 'output.json', verdict: 'passed' },
      { file: 'triples/fruit-statements.ksql', name: 'fruit-output.json', verdict: 'failed' },
    ]);
  });
});
