import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { KafkaListener } from '../../engine/broker/listener/kafka-listener.ts';
import { SeededRandom } from '../../engine/connectors/datagen/random.ts';
import { smokeRound } from './smoke/smoke-round.ts';

/** `npm run smoke` does the same on a real Kafka, as often as one likes. */
let broker: MemoryBroker;
let listener: KafkaListener;

beforeAll(async () => {
  broker = new MemoryBroker();
  listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await listener.close();
  await broker.close();
});

test.each(['exactly_once_v2', 'at_least_once'] as const)(
  'three engines are killed in turn, and tables end right: %s',
  { timeout: 240_000 },
  async (guarantee) => {
    const { kills, problems } = await smokeRound({
      bootstrapServer: `127.0.0.1:${listener.port}`,
      guarantee,
      loadMs: 8_000,
      killEveryMs: 2_500,
      patienceMs: 90_000,
      random: new SeededRandom(20),
    });
    expect(problems).toEqual([]);
    expect(kills).toBeGreaterThan(0);
  },
);
