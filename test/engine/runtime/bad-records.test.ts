import { expect, test } from 'vitest';
import { PROCESSING_LOG_QUERY } from '../../../client/explorer/processing-log.ts';
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

test('the processing log is read under the names that ksqlDB gives its fields, by the panel too', async () => {
  const engine = await openEngine({ properties: { 'auto.offset.reset': 'earliest' } });
  await engine.execute(`
    CREATE STREAM texts (v STRING) WITH (KAFKA_TOPIC='numbers', VALUE_FORMAT='DELIMITED', PARTITIONS=1);
    INSERT INTO texts VALUES ('no number');
    INSERT INTO texts VALUES ('7');
    CREATE STREAM numbers (n INT) WITH (KAFKA_TOPIC='numbers', VALUE_FORMAT='DELIMITED');`);
  const numbers = await engine.ask('SELECT n FROM numbers EMIT CHANGES LIMIT 1;');
  if (numbers.kind === 'print') throw new TypeError('A SELECT gives rows');
  await numbers.next();
  const first = async (text: string) => {
    const answer = await engine.ask(text);
    if (answer.kind === 'print') throw new TypeError('A SELECT gives rows');
    const [row] = (await answer.next()) ?? [];
    await answer.close();
    return row?.values;
  };
  const [reason, topic] =
    (await first(`SELECT message->deserializationError->errorMessage, message->DESERIALIZATIONERROR->\`topic\`
      FROM KSQL_PROCESSING_LOG EMIT CHANGES LIMIT 1;`)) ?? [];
  expect(reason).toMatch(/./);
  expect(topic).toBe('numbers');
  expect(await first(PROCESSING_LOG_QUERY)).toMatchObject({ 0: expect.stringMatching(/./), 2: 'numbers' });
  await expect(engine.ask('SELECT message->`errorMessage` FROM KSQL_PROCESSING_LOG;')).rejects.toThrow();
  await engine.close();
});
