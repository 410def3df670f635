import { expect, test } from 'vitest';
import { cutPlan } from '../../../../engine/plan/cut-plan.ts';
import { taskTopology } from '../../../../engine/runtime/shared/task-topology.ts';
import { planScript } from '../cut-pipelines.ts';

const SOURCES = `
  CREATE STREAM s (id INT KEY, a INT) WITH (KAFKA_TOPIC='s', PARTITIONS=3, VALUE_FORMAT='JSON');
  CREATE TABLE t (id INT PRIMARY KEY, b STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=2, VALUE_FORMAT='JSON');
  CREATE TABLE u (id INT PRIMARY KEY, c INT) WITH (KAFKA_TOPIC='u', PARTITIONS=4, VALUE_FORMAT='JSON');
`;
const PARTITIONS: Readonly<Record<string, number>> = { s: 3, t: 2, u: 4 };

const topologyOf = (query: string) =>
  taskTopology(cutPlan(planScript(SOURCES + query).plan, 'app'), 'app', async (topic) => PARTITIONS[topic]!);

test('a query that spreads no keys has a task for each partition, and no topic of its own without state', async () => {
  const { tasks, groupTasks, repartitions, changelogs, sourceTopics } = await topologyOf(
    'CREATE STREAM o AS SELECT * FROM s EMIT CHANGES;',
  );
  expect(tasks.map(({ id, inputs }) => [id, inputs])).toEqual(
    [0, 1, 2].map((partition) => [`0_${partition}`, [{ topic: 's', partition }]]),
  );
  expect(groupTasks.map(({ isStateful }) => isStateful)).toEqual([false, false, false]);
  expect([repartitions, changelogs]).toEqual([[], []]);
  expect([...sourceTopics]).toEqual([['s', 3]]);
});

test('rows that are grouped anew go through a topic to tasks with state', async () => {
  const { tasks, repartitions, changelogs, sourceTopics } = await topologyOf(
    'CREATE TABLE o AS SELECT a, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY a EMIT CHANGES;',
  );
  const topic = 'app-Aggregate-GroupBy-repartition';
  expect(
    tasks.map(({ id, inputs, writtenPartitions, changelog }) => [
      id,
      inputs[0]?.topic,
      writtenPartitions,
      changelog?.partition,
    ]),
  ).toEqual([
    ['0_0', 's', 3, undefined],
    ['0_1', 's', 3, undefined],
    ['0_2', 's', 3, undefined],
    ['1_0', topic, 0, 0],
    ['1_1', topic, 0, 1],
    ['1_2', topic, 0, 2],
  ]);
  expect(repartitions.map(({ topic: { source }, partitions }) => [source.topic, partitions])).toEqual([[topic, 3]]);
  expect(changelogs).toEqual([
    { name: 'app-Aggregate-Aggregate-Materialize-changelog', partitions: 3, retentionMs: expect.any(Number) },
  ]);
  expect([...sourceTopics]).toEqual([['s', 3]]);
});

test('a foreign-key join is one task of all partitions', async () => {
  const { tasks, changelogs } = await topologyOf(
    'CREATE TABLE o AS SELECT u.id, u.c, t.b FROM u JOIN t ON u.c = t.id EMIT CHANGES;',
  );
  expect(tasks.map(({ id }) => id)).toEqual(['0_0']);
  expect(tasks[0]!.inputs).toHaveLength(6);
  expect(new Set(changelogs.map(({ partitions }) => partitions))).toEqual(new Set([1]));
});
