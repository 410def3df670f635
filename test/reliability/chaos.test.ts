import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEmbeddedKafka } from '../support/embedded-kafka.ts';
import { kafkaMissing, startKafka } from '../support/kafka-server.ts';
import { kills, restarts } from './chaos/blows.ts';
import { chaosRound } from './chaos/chaos-round.ts';

/** `npm run chaos` does the same, as often and for as long as one likes. */
const ROUND = { loadMs: 10_000, patienceMs: 120_000, logFolder: path.join(tmpdir(), `ksql-chaos-logs-${process.pid}`) };

describe('exactly once, 20,000 keys are neither lost nor doubled, and tables are right', () => {
  test.skipIf(kafkaMissing !== undefined)(
    'where three engines and their Kafka are killed by chance',
    { timeout: 400_000 },
    async () => {
      const kafka = await startKafka();
      try {
        const { bootstrapServer } = kafka;
        const strike = kills(() => kafka.restart());
        const { problems, blows } = await chaosRound({ ...ROUND, bootstrapServer, strike, sessionMs: 3000, seed: 2 });
        expect(problems, blows.join('\n')).toEqual([]);
      } finally {
        await kafka.stop();
      }
    },
  );

  test('where all engines end and others go on, more or fewer, with more or fewer threads', {
    timeout: 400_000,
  }, async () => {
    const kafka = await startEmbeddedKafka();
    try {
      const { bootstrapServer } = kafka;
      const round = { ...ROUND, bootstrapServer, strike: restarts, sessionMs: 6000, seed: 3 };
      const { problems, blows } = await chaosRound(round);
      expect(problems, blows.join('\n')).toEqual([]);
    } finally {
      await kafka.stop();
    }
  });
});
