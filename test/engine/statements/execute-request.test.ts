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

test('a sink keeps its records for as long as the topic that it is made of, unless it says otherwise', async () => {
  await engine.broker.createTopic({ name: 'kept', partitions: 1, replicas: 1, config: { 'retention.ms': '7200000' } });
  await engine.broker.createTopic({ name: 'endless', partitions: 1, replicas: 1, config: { 'retention.ms': '-1' } });
  await engine.execute(`CREATE STREAM kept (k INT KEY, v INT) WITH (KAFKA_TOPIC='kept', VALUE_FORMAT='JSON');
    CREATE STREAM copied AS SELECT * FROM kept;
    CREATE STREAM copied_again AS SELECT * FROM copied;
    CREATE STREAM stated WITH (RETENTION_MS=60000) AS SELECT * FROM kept;
    CREATE TABLE counted AS SELECT k, COUNT(*) AS n FROM kept WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY k;
    CREATE STREAM endless (k INT KEY, v INT) WITH (KAFKA_TOPIC='endless', VALUE_FORMAT='JSON');
    CREATE STREAM endless_copy AS SELECT * FROM endless;`);
  const retention = async (topic: string) => (await engine.broker.describeTopic(topic))?.config['retention.ms'];
  expect(await retention('COPIED')).toBe('7200000');
  expect(await retention('COPIED_AGAIN')).toBe('7200000');
  expect(await retention('STATED')).toBe('60000');
  expect(await retention('COUNTED')).toBe('7200000');
  expect(await retention('ENDLESS_COPY')).toBe('-1');
});
