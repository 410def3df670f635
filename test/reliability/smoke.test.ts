import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Chance } from '../support/chance.ts';
import { startEmbeddedKafka } from '../support/embedded-kafka.ts';
import { kafkaMissing, startKafka } from '../support/kafka-server.ts';
import { SmokeTest } from './smoke/smoke-test.ts';

const TIMES = { loadMs: 5_000, killEveryMs: 1_200, patienceMs: 120_000 };

/** `npm run smoke` does the same as often as one likes. */
async function smokeRounds(
  kafka: { readonly bootstrapServer: string; stop(): Promise<void> },
  rounds: number,
  sessionMs: number,
): Promise<void> {
  const logFolder = path.join(tmpdir(), `ksql-smoke-logs-${process.pid}`);
  const settings = { bootstrapServer: kafka.bootstrapServer, sessionMs, ...TIMES, logFolder };
  const smoke = await SmokeTest.start(settings);
  try {
    for (let round = 0; round < rounds; round++) {
      const { reports, kills } = await smoke.round(new Chance(20 + round));
      const wrong = reports.filter(({ problems }) => problems.length > 0);
      expect(wrong, `round ${round}; logs of the engines: ${logFolder}`).toEqual([]);
      expect(kills).toBeGreaterThanOrEqual(3);
    }
  } finally {
    await smoke.stop();
    await kafka.stop();
  }
}

describe('three engines are killed in turn, and tables end right, with either guarantee', () => {
  test('on an embedded broker that answers as Kafka', { timeout: 240_000 }, async () => {
    await smokeRounds(await startEmbeddedKafka(), 1, 6_000);
  });

  test.skipIf(kafkaMissing !== undefined)('on Kafka, twenty rounds', { timeout: 900_000 }, async () => {
    await smokeRounds(await startKafka(), 10, 3_000);
  });
});
