import { expect, test } from 'vitest';
import type { Broker } from '../../../../engine/broker/broker.ts';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { cutPlan } from '../../../../engine/plan/cut-plan.ts';
import { QueryProperties } from '../../../../engine/runtime/session/session-properties.ts';
import { commitFirstPositions, taskPositions } from '../../../../engine/runtime/shared/group-positions.ts';
import { taskTopology } from '../../../../engine/runtime/shared/task-topology.ts';
import { brokerView } from '../../../support/broker-view.ts';
import { planScript } from '../cut-pipelines.ts';

async function setUp() {
  const broker = new MemoryBroker();
  await broker.createTopic({ name: 's', partitions: 2, replicas: 1 });
  const { plan } = planScript(
    `CREATE STREAM s (id INT KEY, a INT) WITH (KAFKA_TOPIC='s', PARTITIONS=2, VALUE_FORMAT='JSON');
     CREATE TABLE o AS SELECT id, COUNT(*) AS n FROM s GROUP BY id EMIT CHANGES;`,
  );
  const topology = await taskTopology(cutPlan(plan, 'app'), 'app', async () => 2);
  const told: string[] = [];
  const begin = (isStateLost = false, settings: Readonly<Record<string, string>> = {}, by: Broker = broker) =>
    commitFirstPositions({
      broker: by,
      group: 'app',
      properties: new QueryProperties(new Map(Object.entries(settings)), new Map()),
      topology,
      isStateLost: async () => isStateLost,
      tell: ({ text }) => told.push(text),
    });
  const write = async (partition: number) => {
    const builder = new RecordBatchBuilder();
    builder.append(null, Buffer.from('{}'), 0);
    await broker.append('s', partition, [builder.build()]);
  };
  const positions = async () => [...(await broker.committed('app', 's'))].map(([, { offset }]) => offset);
  return { broker, topology, told, begin, write, positions };
}

test('a new query notes where its topics end, and that stays, whatever comes meanwhile', async () => {
  const { begin, write, positions, told } = await setUp();
  await write(1);
  await begin();
  await write(1);
  await begin();
  expect(await positions()).toEqual([0, 1]);
  expect(told).toEqual([]);
});

test('a setting has it begin at the oldest record', async () => {
  const { begin, write, positions } = await setUp();
  await write(1);
  await begin(false, { 'ksql.streams.auto.offset.reset': 'earliest' });
  expect(await positions()).toEqual([0, 0]);
});

test('a query that one engine alone ran before begins again where it began, since its state is in no changelog', async () => {
  const { broker, begin, write, positions, told } = await setUp();
  for (let i = 0; i < 4; i++) await write(0);
  await broker.commit('app', [
    { topic: 's', partition: 0, offset: 4, note: 'origin=2' },
    { topic: 's', partition: 1, offset: 0, note: 'origin=0' },
  ]);
  await begin(true);
  expect(await positions()).toEqual([2, 0]);
  expect(told).toEqual([expect.stringContaining('It is made anew from all that the query has read')]);
});

test('a query that another engine has just begun, and whose changelogs are not there yet, begins where that one does', async () => {
  const { begin, write, positions, told } = await setUp();
  await write(1);
  await begin(true);
  await write(1);
  await begin(true);
  expect(await positions()).toEqual([0, 1]);
  expect(told).toEqual([]);
});

test('a partition that has come since is read from its beginning', async () => {
  const { broker, begin, write, positions, told } = await setUp();
  await write(1);
  await broker.commit('app', [{ topic: 's', partition: 0, offset: 0 }]);
  await begin();
  expect(await positions()).toEqual([0, 0]);
  expect(told).toEqual([expect.stringContaining('topic s has a new partition, 1')]);
});

test('a task goes on where its group stands, and begins a topic between tasks at its beginning', async () => {
  const { broker, topology, write } = await setUp();
  await write(1);
  const [first, second] = topology.tasks;
  const membership = { committed: async () => [{ topic: 's', partition: 0, offset: 7, note: '' }] };
  expect(await taskPositions(first!, membership, broker)).toEqual(new Map([['s-0', 7]]));
  expect(await taskPositions(second!, { committed: async () => [] }, broker)).toEqual(new Map([['s-1', 0]]));
});

test('an engine that looks, stands still and then writes sets nothing back that another has read meanwhile', async () => {
  const { broker, begin, positions } = await setUp();
  let looks = 0;
  const slow = new Proxy(brokerView(broker), {
    get(target, name) {
      if (name !== 'committed') return Reflect.get(target, name);
      return async (group: string, topic: string) => {
        const committed = await broker.committed(group, topic);
        // Once before it takes its turn, and once in it.
        if (++looks !== 2) return committed;
        await begin();
        await broker.commit('app', [{ topic: 's', partition: 0, offset: 7 }]);
        return committed;
      };
    },
  });
  await begin(false, {}, slow);
  expect(looks).toBeGreaterThan(2);
  expect(await positions()).toEqual([7, 0]);
});
