import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ properties: {} });
});
afterEach(() => engine.close());

const sources = () => [...engine.metastore.sources.keys()].filter((name) => name !== 'KSQL_PROCESSING_LOG');

test('a topic that a statement makes is there for the next one of the request', async () => {
  await engine.execute(`CREATE STREAM texts (v STRING) WITH (KAFKA_TOPIC='mixed', VALUE_FORMAT='KAFKA', PARTITIONS=3);
    CREATE STREAM numbers (n INT) WITH (KAFKA_TOPIC='mixed', VALUE_FORMAT='JSON');
    CREATE STREAM positive AS SELECT * FROM numbers WHERE n > 0;
    CREATE STREAM read_again (n INT) WITH (KAFKA_TOPIC='POSITIVE', VALUE_FORMAT='JSON');`);
  expect(sources()).toEqual(['TEXTS', 'NUMBERS', 'POSITIVE', 'READ_AGAIN']);
  expect((await engine.broker.describeTopic('POSITIVE'))?.partitions).toBe(3);
});

test('a topic that a statement deletes is missing for the next one of the request', async () => {
  await engine.execute(
    "CREATE STREAM texts (v STRING) WITH (KAFKA_TOPIC='texts', VALUE_FORMAT='KAFKA', PARTITIONS=1);",
  );
  const request = `DROP STREAM texts DELETE TOPIC;
    CREATE STREAM texts (v STRING) WITH (KAFKA_TOPIC='texts', VALUE_FORMAT='KAFKA');`;
  await expect(engine.execute(request)).rejects.toThrow("Topic 'texts' does not exist");
  expect(sources(), 'nothing of a request is carried out when a part of it cannot be').toEqual(['TEXTS']);
});
