import { afterAll, beforeAll, expect, test } from 'vitest';
import { SeededRandom } from '../../engine/connectors/datagen/random.ts';
import { type EmbeddedKafka, startEmbeddedKafka } from '../support/embedded-kafka.ts';
import { smokeRound } from './smoke/smoke-round.ts';

/** `npm run smoke` does the same on a real Kafka, as often as one likes. */
let kafka: EmbeddedKafka;

beforeAll(async () => {
  kafka = await startEmbeddedKafka();
});

afterAll(() => kafka.stop());

test.each(['exactly_once_v2', 'at_least_once'] as const)(
  'three engines are killed in turn, and tables end right: %s',
  { timeout: 240_000 },
  async (guarantee) => {
    const { kills, problems } = await smokeRound({
      bootstrapServer: kafka.bootstrapServer,
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
