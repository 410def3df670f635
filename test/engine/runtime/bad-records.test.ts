import { expect, test } from 'vitest';
import { openEngine } from '../../../engine/open-engine.ts';

test('a key that is too short for its window is passed over and logged', async () => {
  const engine = await openEngine({ properties: { 'auto.offset.reset': 'earliest' } });
  await engine.execute(`
    CREATE STREAM plain (k STRING KEY, v INT) WITH (KAFKA_TOPIC='keys', VALUE_FORMAT='JSON', PARTITIONS=1);
    INSERT INTO plain VALUES ('short', 1);
    INSERT INTO plain VALUES ('as long as a session', 2);
    CREATE STREAM windowed (k STRING KEY, v INT) WITH (KAFKA_TOPIC='keys', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');`);
  const answer = await engine.ask('SELECT k, v FROM windowed EMIT CHANGES LIMIT 1;');
  if (answer.kind === 'print') throw new TypeError('A SELECT gives rows');
  expect((await answer.next())?.map(({ values }) => values)).toEqual([['as l', 2]]);
  expect(engine.processingLog.entries.map(({ message }) => message.deserializationError)).toMatchObject([
    { target: 'key', topic: 'keys', errorMessage: 'A windowed key needs at least 16 bytes' },
  ]);
  await engine.close();
});
