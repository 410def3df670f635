import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TransactionalProducer } from '../../../../engine/broker/broker.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { FileHandles } from '../../../../engine/files/file-handles.ts';
import { changelogTopics, ensureChangelogTopics } from '../../../../engine/runtime/state/changelog-topics.ts';
import { QueryState } from '../../../../engine/runtime/state/query-state.ts';
import { restoreState } from '../../../../engine/runtime/state/restore-state.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../../support/kafka-server.ts';

const KEYS = 50;
const ROUNDS = 30;
const TIMEOUT_MS = 120_000;

describe.skipIf(kafkaMissing !== undefined)('a state with a changelog on Kafka', () => {
  let kafka: KafkaServer;
  let broker: KafkaBroker;
  let folder: string;

  beforeAll(async () => {
    kafka = await startKafka();
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    folder = mkdtempSync(path.join(tmpdir(), 'ksql-changelog-kafka-'));
  }, 300_000);

  afterAll(async () => {
    await broker?.close();
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const fileOf = (name: string) => ({
    path: path.join(folder, name),
    handles: new FileHandles(),
    sync: 'never' as const,
  });
  const contentOf = (state: QueryState) => [...state.open('Aggregate').scan()];

  async function commit(state: QueryState): Promise<void> {
    const offsets = new Map<string, number>();
    for await (const { topic, partition, batch } of state.changelogBatches())
      offsets.set(topic, (await broker.append(topic, partition, [batch])) + batch.count);
    await state.commit(new Map(), offsets);
  }

  test(
    'is restored from a compacted topic as from a whole one, without a file and from an old one',
    async () => {
      const changelog = changelogTopics('compacted', ['Aggregate'], 1);
      const name = changelog.topics[0]!;
      // A topic as ours, but for how soon Kafka compacts it.
      const soon = { 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.001' };
      await broker.createTopic({ name, partitions: 2, replicas: 1, config: soon });
      await ensureChangelogTopics(broker, [{ name, partitions: 2 }]);
      const file = fileOf('owner.state');
      const owner = await QueryState.open({ changelog, file });
      for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < KEYS; i++) owner.open('Aggregate').put(`key ${i}`, [round, i]);
        owner.open('Aggregate').delete(`key ${round}`);
        await commit(owner);
        if (round === 5) copyFileSync(file.path, path.join(folder, 'old.state'));
        await sleep(30);
      }
      const written = ROUNDS * KEYS;
      expect((await broker.offsets(name))[1]!.latest).toBe(written);
      const records = async () => {
        const state = await QueryState.open({ changelog });
        const progress = await restoreState(state, { broker });
        expect(contentOf(state)).toEqual(contentOf(owner));
        state.close();
        return progress.records;
      };
      await expect.poll(records, { timeout: 60_000, interval: 500 }).toBeLessThan(written / 2);
      const old = await QueryState.open({ changelog, file: fileOf('old.state') });
      await restoreState(old, { broker });
      expect(contentOf(old)).toEqual(contentOf(owner));
      old.close();
      owner.close();
    },
    TIMEOUT_MS,
  );

  test(
    'has what transactions committed, and nothing of those that were aborted',
    async () => {
      const changelog = changelogTopics('transactional', ['Aggregate'], 0);
      await ensureChangelogTopics(broker, [{ name: changelog.topics[0]!, partitions: 1 }]);
      const owner = await QueryState.open({ changelog });
      const producer: TransactionalProducer = await broker.openTransactions('restore-test');
      const put = async (key: string) => {
        owner.open('Aggregate').put(key, 1);
        await producer.begin();
        for await (const { topic, partition, batch } of owner.changelogBatches())
          await producer.produce(topic, partition, [batch]);
        await owner.commit(new Map());
      };
      await put('committed');
      await producer.commit();
      await put('aborted');
      await producer.abort();
      await put('committed while it is restored');
      const state = await QueryState.open({ changelog });
      const restoring = restoreState(state, { broker });
      await sleep(500);
      await producer.commit();
      await restoring;
      expect(contentOf(state).map(([key]) => key)).toEqual(['committed', 'committed while it is restored']);
      await producer.close();
      state.close();
    },
    TIMEOUT_MS,
  );
});
