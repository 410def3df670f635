import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../../../engine/index.ts';
import { openEngine } from '../../../../../engine/open-engine.ts';
import { type EmbeddedKafka, startEmbeddedKafka } from '../../../../support/embedded-kafka.ts';

/** An engine that serves, and one that is somebody's own (`ksql run`, the prompt), of one service on one Kafka. */
let kafka: EmbeddedKafka;
let engines: Engine[] = [];

beforeAll(async () => {
  kafka = await startEmbeddedKafka();
});

afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  engines = [];
});

afterAll(() => kafka.stop());

const SCRIPT = (name: string) => `
  CREATE STREAM ${name} (v INT) WITH (KAFKA_TOPIC = '${name}', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
  CREATE STREAM ${name}_copy AS SELECT * FROM ${name};`;

async function open(serviceId: string, role?: 'headless'): Promise<Engine> {
  const engine = await openEngine({
    bootstrapServers: kafka.bootstrapServer,
    serviceId,
    role,
    endpoint: role && 'http://127.0.0.1:8088',
    listen: '127.0.0.1:8088',
    properties: { 'session.timeout.ms': '6000' },
  });
  engines.push(engine);
  return engine;
}

test('whoever runs a script beside engines that serve is refused, and told where to send it', async () => {
  const serving = await open('beside_', 'headless');
  await serving.execute(SCRIPT('a'));
  await expect.poll(() => serving.queries.all()[0]?.shared?.local.length).toBe(1);
  const own = await open('beside_');
  await expect(own.execute(SCRIPT('a'))).rejects.toThrow(
    /Engines that serve share the queries of service id beside_ on this Kafka: http:\/\/127\.0\.0\.1:8088\. .*--server URL/,
  );
  expect(own.queries.all()).toEqual([]);
  const other = await open('of_its_own_');
  await other.execute(SCRIPT('b'));
  expect(other.queries.all()).toHaveLength(1);
}, 40_000);

test('an engine that is to serve does not begin beside one that runs a script, until that has ended', async () => {
  const own = await open('first_');
  await own.execute(SCRIPT('c'));
  await expect(open('first_', 'headless')).rejects.toThrow(
    /Another engine runs the queries of service id first_ on this Kafka: at 127\.0\.0\.1:8088, pid \d+/,
  );
  engines = [];
  await own.close();
  await open('first_', 'headless');
}, 40_000);
