import { afterAll, beforeAll, expect, test } from 'vitest';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type EmbeddedKafka, startEmbeddedKafka } from '../../support/embedded-kafka.ts';
import { topicRecords } from '../../support/topic-records.ts';

/** Engines that run one file of statements over one Kafka. */
let kafka: EmbeddedKafka;
let broker: KafkaBroker;
const engines: Engine[] = [];

beforeAll(async () => {
  kafka = await startEmbeddedKafka();
  broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await broker.close();
  await kafka.stop();
});

async function open(statements: string): Promise<Engine> {
  const engine = await openEngine({
    bootstrapServers: kafka.bootstrapServer,
    serviceId: 'connected_',
    role: 'headless',
    endpoint: `http://127.0.0.1:${8000 + engines.length}`,
    properties: { 'session.timeout.ms': '6000' },
  });
  engines.push(engine);
  await engine.execute(statements);
  return engine;
}

const connector = (name: string, iterations: number, interval: number) => `
  CREATE SOURCE CONNECTOR ${name} WITH ('connector.class' = 'io.confluent.kafka.connect.datagen.DatagenConnector',
    'quickstart' = 'users', 'kafka.topic' = '${name}', 'iterations' = '${iterations}', 'max.interval' = '${interval}');`;
const STATEMENTS = connector('few', 50, 0) + connector('many', 100_000, 5);

async function listed(engine: Engine): Promise<unknown> {
  const [answer] = (await engine.execute('SHOW CONNECTORS;')) as readonly { readonly connectors?: unknown }[];
  return answer!.connectors;
}

const records = async (topic: string) => (await topicRecords(broker, topic)).length;

test('each connector of a deployment runs in one of its engines, and in another when that one is gone', async () => {
  const first = await open(STATEMENTS);
  const second = await open(STATEMENTS);
  const running = [
    expect.objectContaining({ name: 'FEW', state: 'RUNNING' }),
    expect.objectContaining({ name: 'MANY', state: 'RUNNING' }),
  ];
  for (const engine of [first, second]) await expect.poll(() => listed(engine)).toEqual(running);
  await expect.poll(() => records('few')).toBe(50);
  await expect.poll(() => records('many')).toBeGreaterThan(20);
  await engines.shift()!.close();
  const before = await records('many');
  await expect.poll(() => records('many')).toBeGreaterThan(before + 20);
  // Who goes on goes on where the other has committed.
  expect(await records('few')).toBe(50);
  expect(await listed(second)).toEqual(running);
}, 40_000);
