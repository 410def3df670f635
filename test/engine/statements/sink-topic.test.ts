import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineError } from '../../../engine/api/errors.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute(`
    CREATE STREAM s (id INT KEY, a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);
    CREATE STREAM one (id INT KEY, a INT) WITH (KAFKA_TOPIC='one', VALUE_FORMAT='JSON', PARTITIONS=1, RETENTION_MS=5000);
    CREATE STREAM there AS SELECT * FROM s;`);
});
afterAll(() => engine.close());

const refusal = (statement: string): Promise<EngineError> =>
  engine.execute(statement).then(
    () => Promise.reject(new Error('not refused')),
    (error: EngineError) => error,
  );

describe('the topic of a sink is looked at before the query', () => {
  const query = 'AS SELECT nope FROM s;';
  test.each([
    [`CREATE STREAM x WITH (KAFKA_TOPIC='one', PARTITIONS=5) ${query}`, 'expects 5 partitions (topic has 1)'],
    [`CREATE STREAM x WITH (KAFKA_TOPIC='one') ${query}`, 'expects 2 partitions (topic has 1)'],
    [
      `CREATE STREAM x WITH (KAFKA_TOPIC='one', PARTITIONS=1, REPLICAS=3) ${query}`,
      '3 replication factor (topic has 1)',
    ],
    [`CREATE STREAM x WITH (KAFKA_TOPIC='one', PARTITIONS=1, RETENTION_MS=1) ${query}`, '1 retention (topic has 5000)'],
    [`CREATE STREAM IF NOT EXISTS there WITH (PARTITIONS=5) ${query}`, 'expects 5 partitions (topic has 2)'],
    [`CREATE STREAM x WITH (PARTITIONS=0) ${query}`, 'Failed to guarantee existence of topic X'],
    [`CREATE STREAM x WITH (REPLICAS=0) ${query}`, 'Failed to guarantee existence of topic X'],
  ])('%s is an error of the server', async (statement, words) => {
    const error = await refusal(statement);
    expect(error.toBody()).toMatchObject({ '@type': 'statement_error', error_code: 50000, statementText: statement });
    expect(error.message).toContain(words);
  });

  test('a table without windows keeps its records', async () => {
    const error = await refusal(`CREATE TABLE x WITH (RETENTION_MS=1000, KAFKA_TOPIC='one') ${query}`);
    expect(error.toBody()).toMatchObject({ '@type': 'generic_error', error_code: 40000 });
    const windowed = 'SELECT nope, COUNT(*) FROM s WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY id;';
    expect((await refusal(`CREATE TABLE x WITH (RETENTION_MS=1000) AS ${windowed}`)).message).toContain('NOPE');
  });

  test('one that is there as it is wanted is taken', async () => {
    const statement = "CREATE STREAM x WITH (KAFKA_TOPIC='one', PARTITIONS=1, RETENTION_MS=5000) AS SELECT * FROM s;";
    const [entity] = await engine.execute(statement);
    expect(entity).toMatchObject({ commandStatus: { status: 'SUCCESS' } });
  });
});
