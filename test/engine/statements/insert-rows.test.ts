import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute("CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);");
});
afterEach(() => engine.close());

test('ROWTIME is the time of the record', async () => {
  await engine.execute('INSERT INTO s (ROWTIME, a) VALUES (1234, 1);');
  const { batches } = await engine.broker.read({ topic: 's', partition: 0, offset: 0 }, 1000);
  expect(batches.map(({ baseTimestampMs }) => baseTimestampMs)).toEqual([1234]);
});

test.each(['-1', 'NULL'])('a record cannot have the time %s', async (time) => {
  const insert = engine.execute(`INSERT INTO s (ROWTIME, a) VALUES (${time}, 1);`);
  await expect(insert).rejects.toThrow("Failed to insert values into 'S'. Invalid timestamp");
});
