import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import type { PrintEvent } from '../../../engine/runtime/print/print-topic.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);");
  await engine.execute('INSERT INTO s VALUES (1); INSERT INTO s VALUES (2);');
});
afterEach(() => engine.close());

const PRINT = 'PRINT s FROM BEGINNING LIMIT ${count};';

test('a variable says how many records PRINT shows', async () => {
  const answer = await engine.ask(PRINT, { variables: { count: '1' } });
  if (answer.kind !== 'print') throw new Error('PRINT is answered by what it prints.');
  const events: PrintEvent[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next()) events.push(...next);
  expect(events.filter(({ kind }) => kind === 'record')).toHaveLength(1);
});

test.each([
  [{}, 'The variable ${count} is not defined'],
  [{ count: '1.5' }, 'Value must be integer for command: LIMIT'],
  [{ count: "'1'" }, 'Syntax Error'],
])('PRINT whose limit is the variable of %j says what is wrong', async (variables, message) => {
  await expect(engine.ask(PRINT, { variables })).rejects.toThrow(message);
});

test('what is no query once its variables are replaced is refused as any other', async () => {
  const text = 'ASSERT TOPIC s TIMEOUT ${seconds} SECONDS;';
  await expect(engine.ask(text, { variables: { seconds: '1' }, endpoint: 'query' })).rejects.toThrow(
    'Statement type AssertTopic not supported for this resource',
  );
});
