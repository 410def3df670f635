import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import type { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { Engine } from '../../../engine/index.ts';
import type { RegisteredQuery } from '../../../engine/runtime/query-registry.ts';
import { MemoryRegistry } from '../../../engine/serde/schemas/memory-registry.ts';
import { type ActualRecord, readTopic } from '../../../engine/testing/check-outputs.ts';
import { prepareTopics } from '../../../engine/testing/prepare-topics.ts';
import type { TestCase } from '../../../engine/testing/test-case.ts';
import { writeInput } from '../../../engine/testing/test-topics.ts';
import { parseScript } from '../../../language/index.ts';
import { PrefixedBroker } from '../../support/prefixed-broker.ts';

const PARTITIONS = 4;
const PATIENCE_MS = 30_000;
const POLL_MS = 10;

/** What the topics that a case looks at hold in the end, by their names. */
export type Outputs = ReadonlyMap<string, readonly ActualRecord[]>;

const properties = (testCase: TestCase, more: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({
      'auto.offset.reset': 'earliest',
      'cache.max.bytes.buffering': '0',
      ...more,
      ...testCase.properties,
    }),
  );

/** Runs a case on one engine over an embedded broker whose topics have four partitions, record by record. */
export async function outputsOfOne(testCase: TestCase): Promise<Outputs> {
  const broker = new MemoryBroker();
  const registry = new MemoryRegistry('NONE');
  const engine = await Engine.open({
    broker,
    registry,
    properties: properties(testCase),
    drive: 'manual',
    takesSinkTopics: true,
  });
  try {
    await prepareTopics(testCase, broker, registry, PARTITIONS);
    await execute(testCase, [engine]);
    const feed = feeder(engine);
    await feed();
    for (const record of testCase.inputs) {
      await writeInput(record, engine, registry, PARTITIONS);
      await feed();
    }
    return await outputsOf(testCase, engine, registry);
  } finally {
    await engine.close();
  }
}

/** Gives each query, in the order of creation, what is new in its topics. */
function feeder({ queries, broker }: Engine): () => Promise<void> {
  const positions = new Map<string, number>();
  return async () => {
    for (const query of queries.all())
      for (const topic of new Set(query.inputTopics))
        for (const { partition, earliest } of await broker.offsets(topic)) {
          const place = `${query.id} ${topic} ${partition}`;
          const { batches } = await broker.read(
            { topic, partition, offset: positions.get(place) ?? earliest },
            Number.MAX_SAFE_INTEGER,
          );
          for (const batch of batches) await query.run.process(topic, partition, [batch]);
          const last = batches.at(-1);
          if (last !== undefined) positions.set(place, last.lastOffset + 1);
        }
  };
}

/** Runs a case on two engines that share its queries over a Kafka, record by record, beside other cases. */
export async function outputsOfTwo(testCase: TestCase, kafka: KafkaBroker, name: string): Promise<Outputs> {
  const broker = new PrefixedBroker(kafka, `${name}-`);
  const registry = new MemoryRegistry('NONE');
  const open = (process: string) =>
    Engine.open({
      broker,
      registry,
      properties: properties(testCase, { 'ksql.streams.commit.interval.ms': '100' }),
      serviceId: name,
      takesSinkTopics: true,
      resumesQueries: true,
      sharing: { process, capacity: 1, endpoint: () => undefined },
    });
  const engines = [await open('first'), await open('second')];
  try {
    await prepareTopics(testCase, broker, registry, PARTITIONS);
    await execute(testCase, engines);
    await whenShared(engines);
    await whenProcessed(engines);
    for (const record of testCase.inputs) {
      await writeInput(record, engines[0]!, registry, PARTITIONS);
      await whenProcessed(engines);
    }
    return await outputsOf(testCase, engines[0]!, registry);
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
    for (const topic of await broker.listTopics()) await broker.deleteTopic(topic.name);
  }
}

/** Rows are inserted by one of them. */
async function execute({ statements }: TestCase, [first, ...others]: readonly Engine[]): Promise<void> {
  for (const { text, node } of parseScript(statements.join('\n'), { dialect: 'latest' }).statements) {
    await first!.execute(text);
    if (node !== undefined && node.$type === 'InsertValues') continue;
    for (const other of others) await other.execute(text);
  }
}

/** Waits until each has tasks of each query that has more than one, and none is on its way. */
async function whenShared(engines: readonly Engine[]): Promise<void> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (const { id } of engines[0]!.queries.all())
    while (!isShared(engines.map(({ queries }) => queries.get(id)!))) {
      if (Date.now() > untilMs) throw new Error(`The tasks of ${id} were not shared in time.`);
      await sleep(POLL_MS);
    }
}

function isShared(runs: readonly RegisteredQuery[]): boolean {
  const local = runs.map(({ shared }) =>
    shared!.local.filter(({ isActive, isRestoring }) => isActive && !isRestoring).map(({ id }) => id),
  );
  const wanted = runs[0]!.shared!.placements.flatMap(({ active }) => active);
  const isSpread = wanted.length === 1 || local.every((own) => own.length > 0);
  return wanted.length > 0 && isSpread && local.flat().sort().join() === wanted.sort().join();
}

/** Waits until both have processed all that is there, one query after the other in the order of their creation. */
async function whenProcessed(engines: readonly Engine[]): Promise<void> {
  for (const { id, inputTopics, repartitions } of engines[0]!.queries.all()) {
    const ends = await Promise.all(
      [...new Set(inputTopics)].map(async (topic) =>
        (await engines[0]!.broker.offsets(topic)).map(({ partition, latest }) => ({
          topic,
          partition,
          offset: latest,
        })),
      ),
    );
    // What one has spread anew the other may have before it.
    for (let part = 0; part <= repartitions.length; part++)
      await Promise.all(engines.map(({ queries }) => queries.get(id)!.run.whenReached(ends.flat(), PATIENCE_MS)));
  }
}

async function outputsOf(testCase: TestCase, engine: Engine, registry: MemoryRegistry): Promise<Outputs> {
  const topics = new Set(testCase.outputs.map(({ topic }) => topic));
  const outputs = new Map<string, readonly ActualRecord[]>();
  for (const topic of topics) outputs.set(topic, await readTopic(topic, engine, registry));
  return outputs;
}
