import { expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import {
  changelogTopics,
  deleteChangelogTopics,
  ensureChangelogTopics,
} from '../../../../engine/runtime/state/changelog-topics.ts';

test('a store goes with the one whose name its own begins with, else with the first', () => {
  const { topics, topicOf, principalOf } = changelogTopics('app', ['Aggregate', 'L_Join', 'L_Join-Reduce'], 0);
  expect(topics).toEqual(['app-Aggregate-changelog', 'app-L_Join-changelog', 'app-L_Join-Reduce-changelog']);
  expect(['Aggregate-3-time', 'L_Join-this', 'L_Join-Reduce', 'Materialized'].map(topicOf)).toEqual([
    topics[0],
    topics[1],
    topics[2],
    topics[0],
  ]);
  expect(topics.map(principalOf)).toEqual(['Aggregate', 'L_Join', 'L_Join-Reduce']);
});

test('topics are made as Kafka Streams makes them, once, whoever comes first, and deleted again', async () => {
  const broker = new MemoryBroker();
  const specs = [
    { name: 'plain', partitions: 3 },
    { name: 'windowed', partitions: 3, retentionMs: 60_000 },
  ];
  await Promise.all([ensureChangelogTopics(broker, specs), ensureChangelogTopics(broker, specs)]);
  expect(await broker.listTopics()).toEqual([
    {
      name: 'plain',
      partitions: 3,
      replicas: 1,
      config: {
        'delete.retention.ms': '86400000',
        'cleanup.policy': 'compact',
        'message.timestamp.type': 'CreateTime',
        'segment.bytes': '52428800',
      },
    },
    {
      name: 'windowed',
      partitions: 3,
      replicas: 1,
      config: {
        'delete.retention.ms': '86400000',
        'cleanup.policy': 'compact,delete',
        'message.timestamp.type': 'CreateTime',
        'segment.bytes': '52428800',
        'retention.ms': String(60_000 + 24 * 3600 * 1000),
      },
    },
  ]);
  await expect(ensureChangelogTopics(broker, [{ name: 'plain', partitions: 4 }])).rejects.toThrow(
    'Existing internal topic plain has invalid partitions: expected: 4; actual: 3.',
  );
  await deleteChangelogTopics(broker, ['plain', 'windowed', 'never made']);
  expect(await broker.listTopics()).toEqual([]);
  await broker.close();
});

test('of windows as long as time the topic keeps as long as a Kafka can', async () => {
  const broker = new MemoryBroker();
  await ensureChangelogTopics(broker, [{ name: 'endless', partitions: 1, retentionMs: Number(2n ** 63n - 1n) }]);
  expect((await broker.describeTopic('endless'))?.config['retention.ms']).toBe('9223372036854775807');
  await broker.close();
});
