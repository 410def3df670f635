import { describe, expect, test } from 'vitest';
import { startEmbeddedKafka } from '../support/embedded-kafka.ts';
import { kafkaMissing, startKafka } from '../support/kafka-server.ts';
import { movingPulls } from './pulls/moving-pulls.ts';

/** A question takes 20 s at most, also where the engine that has a partition stands still. */
const TIMEOUT_MS = 300_000;

describe('pull queries while engines come and go are answered with what was true, or refused', () => {
  const ask = async (
    kafka: { readonly bootstrapServer: string; stop(): Promise<void> },
    sessionMs: number,
    moves: number,
  ) => {
    try {
      return await movingPulls({ bootstrapServer: kafka.bootstrapServer, seed: 6, moves, sessionMs });
    } finally {
      await kafka.stop();
    }
  };

  test('on an embedded broker that answers as Kafka', { timeout: TIMEOUT_MS }, async () => {
    const { answers, wrong } = await ask(await startEmbeddedKafka(), 6000, 3);
    expect(wrong).toEqual([]);
    expect(answers).toBeGreaterThan(0);
  });

  test.skipIf(kafkaMissing !== undefined)('on Kafka', { timeout: TIMEOUT_MS }, async () => {
    const { answers, wrong } = await ask(await startKafka(), 3000, 4);
    expect(wrong).toEqual([]);
    expect(answers).toBeGreaterThan(0);
  });
});
