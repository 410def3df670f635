import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Broker, FetchedBatches } from '../../../engine/broker/broker.ts';
import { type RecordBatch, RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (range: Uint8Array | null) => (range === null ? null : new TextDecoder().decode(range));

/** A batch of records with these values; the n-th has key `k<n>` and time n. */
export function batchOf(...values: readonly (string | null)[]): RecordBatch {
  const builder = new RecordBatchBuilder();
  for (const [n, value] of values.entries()) {
    builder.append(bytes(`k${n}`), value === null ? null : bytes(value), 1000 + n, [{ key: 'h', value: bytes('x') }]);
  }
  return builder.build();
}

/** What a fetch holds, in a form that reads well in a failure. */
export function recordsOf(fetched: FetchedBatches, from = 0) {
  const records: { offset: number; timeMs: number; key: string | null; value: string | null; headers: string[] }[] = [];
  for (const batch of fetched.batches) {
    const cursor = batch.records();
    while (cursor.next()) {
      if (cursor.offset < from) continue;
      const headers = cursor.headers.map((header) => `${header.key}=${text(header.value)}`);
      records.push({
        offset: cursor.offset,
        timeMs: cursor.timeMs,
        key: text(cursor.key),
        value: text(cursor.value),
        headers,
      });
    }
  }
  return records;
}

/**
 * What every broker must do. The same suite runs over the embedded one, with and without a directory, and over a real
 * Kafka.
 */
export function brokerContract(title: string, open: () => Promise<Broker>): void {
  describe(title, () => {
    let broker: Broker;
    let topics = 0;
    const newTopic = async (partitions = 1): Promise<string> => {
      const name = `contract-${process.pid}-${++topics}`;
      await broker.createTopic({ name, partitions, replicas: 1 });
      return name;
    };
    beforeAll(async () => {
      broker = await open();
    }, 60_000);
    afterAll(() => broker?.close());

    test('creates, lists, describes and deletes topics', async () => {
      const name = await newTopic(3);
      expect((await broker.describeTopic(name))?.partitions).toBe(3);
      expect((await broker.listTopics()).map((topic) => topic.name)).toContain(name);
      await expect(broker.createTopic({ name, partitions: 1, replicas: 1 })).rejects.toMatchObject({
        code: 'topic-exists',
      });
      await broker.deleteTopic(name);
      expect(await broker.describeTopic(name)).toBeUndefined();
    });

    test('refuses names that Kafka refuses', async () => {
      await expect(broker.createTopic({ name: 'no spaces', partitions: 1, replicas: 1 })).rejects.toMatchObject({
        code: 'invalid-topic',
      });
    });

    test('gives back what was appended: keys, values, nulls, times, headers, offsets', async () => {
      const topic = await newTopic();
      expect(await broker.append(topic, 0, [batchOf('a', null), batchOf('c')])).toBe(0);
      expect(await broker.append(topic, 0, [batchOf('d')])).toBe(3);
      expect(recordsOf(await broker.read({ topic, partition: 0, offset: 0 }, 1 << 20))).toEqual([
        { offset: 0, timeMs: 1000, key: 'k0', value: 'a', headers: ['h=x'] },
        { offset: 1, timeMs: 1001, key: 'k1', value: null, headers: ['h=x'] },
        { offset: 2, timeMs: 1000, key: 'k0', value: 'c', headers: ['h=x'] },
        { offset: 3, timeMs: 1000, key: 'k0', value: 'd', headers: ['h=x'] },
      ]);
    });

    test('reads from the middle and finds nothing at the end', async () => {
      const topic = await newTopic();
      await broker.append(topic, 0, [batchOf('a', 'b', 'c')]);
      expect(
        recordsOf(await broker.read({ topic, partition: 0, offset: 2 }, 1 << 20), 2).map((record) => record.value),
      ).toEqual(['c']);
      expect((await broker.read({ topic, partition: 0, offset: 3 }, 1 << 20)).batches).toEqual([]);
    });

    test('tells the offsets of each partition', async () => {
      const topic = await newTopic(2);
      await broker.append(topic, 1, [batchOf('a', 'b')]);
      expect(await broker.offsets(topic)).toEqual([
        { partition: 0, earliest: 0, latest: 0 },
        { partition: 1, earliest: 0, latest: 2 },
      ]);
    });

    test('tells the offsets of one partition', async () => {
      const topic = await newTopic(3);
      await broker.append(topic, 1, [batchOf('a', 'b')]);
      expect(await broker.offsets(topic, { partition: 1 })).toEqual([{ partition: 1, earliest: 0, latest: 2 }]);
    });

    test('delivers what is there and what comes, in order, one call at a time for a partition', async () => {
      const topic = await newTopic(2);
      await broker.append(topic, 0, [batchOf('a')]);
      const seen: string[] = [];
      const busy = [0, 0];
      let most = 0;
      const positions = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
      const subscription = await broker.subscribe(positions, async (fetched) => {
        const { partition } = fetched;
        most = Math.max(most, ++busy[partition]!);
        await new Promise((resolve) => setTimeout(resolve, 1));
        for (const record of recordsOf(fetched)) seen.push(`${partition}${record.value}`);
        busy[partition]!--;
      });
      await broker.append(topic, 0, [batchOf('b'), batchOf('c')]);
      await broker.append(topic, 1, [batchOf('z')]);
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(4);
      await subscription.close();
      expect(seen.filter((record) => record.startsWith('0'))).toEqual(['0a', '0b', '0c']);
      expect(most).toBe(1);
      await broker.append(topic, 0, [batchOf('d')]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(seen).toHaveLength(4);
    });

    test('a slow partition does not hold up the others', async () => {
      const topic = await newTopic(2);
      await broker.append(topic, 0, [batchOf('a')]);
      const slow = Promise.withResolvers<void>();
      const seen: string[] = [];
      const positions = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
      const subscription = await broker.subscribe(positions, (fetched) => {
        for (const record of recordsOf(fetched)) seen.push(`${fetched.partition}${record.value}`);
        return fetched.partition === 0 ? slow.promise : undefined;
      });
      await expect.poll(() => seen).toEqual(['0a']);
      await broker.append(topic, 0, [batchOf('b')]);
      await broker.append(topic, 1, [batchOf('y')]);
      await broker.append(topic, 1, [batchOf('z')]);
      await expect.poll(() => seen).toEqual(['0a', '1y', '1z']);
      slow.resolve();
      await expect.poll(() => seen).toEqual(['0a', '1y', '1z', '0b']);
      await subscription.close();
    });

    test('a paused subscription delivers nothing until it goes on', async () => {
      const topic = await newTopic();
      const seen: (string | null)[] = [];
      const subscription = await broker.subscribe([{ topic, partition: 0, offset: 0 }], (fetched) => {
        seen.push(...recordsOf(fetched).map((record) => record.value));
      });
      subscription.pause();
      await broker.append(topic, 0, [batchOf('a')]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(seen).toEqual([]);
      subscription.resume();
      await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['a']);
      await subscription.close();
    });

    test('remembers committed offsets by group', async () => {
      const topic = await newTopic(2);
      const group = `group-${topic}`;
      expect((await broker.committed(group, topic)).size).toBe(0);
      await broker.commit(group, [{ topic, partition: 1, offset: 7 }]);
      expect([...(await broker.committed(group, topic))]).toMatchObject([[1, { offset: 7 }]]);
      expect(await broker.listGroups()).toContain(group);
      await broker.deleteGroup(group);
      expect((await broker.committed(group, topic)).size).toBe(0);
    });

    test('says so when a topic does not exist', async () => {
      await expect(broker.append('contract-none', 0, [batchOf('a')])).rejects.toMatchObject({ code: 'unknown-topic' });
      await expect(broker.offsets('contract-none')).rejects.toMatchObject({ code: 'unknown-topic' });
    });
  });
}
