import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { MergedRecords, type ReadRange } from '../../../engine/topics/merged-records.ts';

/** A topic whose partitions hold batches of records with these times; a batch may leave offsets out. */
async function topicOf(partitions: readonly (readonly (readonly (number | 'gap')[])[])[]): Promise<MemoryBroker> {
  const broker = new MemoryBroker();
  await broker.createTopic({ name: 't', partitions: partitions.length, replicas: 1 });
  for (const [partition, batches] of partitions.entries())
    for (const times of batches) {
      const builder = new RecordBatchBuilder();
      for (const time of times) {
        if (time === 'gap') builder.skip();
        else builder.append(null, null, time);
      }
      if (builder.count > 0) await broker.append('t', partition, [builder.build()]);
    }
  return broker;
}

const rangesOf = async (broker: MemoryBroker): Promise<ReadRange[]> =>
  (await broker.offsets('t')).map(({ partition, earliest, latest }) => ({
    topic: 't',
    partition,
    offset: earliest,
    end: latest,
  }));

async function visited(merged: MergedRecords): Promise<string[]> {
  const seen: string[] = [];
  await merged.visit(({ offset, timeMs }, { partition }) => {
    seen.push(`${partition}/${offset}@${timeMs}`);
    return true;
  });
  return seen;
}

test('records come by time, those of a partition in their order, and ends are kept, also in gaps', async () => {
  const times = fc.array(fc.array(fc.oneof(fc.nat({ max: 20 }), fc.constant('gap' as const)), { maxLength: 4 }), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 3 }), fc.nat({ max: 12 }), async (partitions, cut) => {
      const broker = await topicOf(partitions);
      const ranges = await rangesOf(broker);
      const whole = await visited(new MergedRecords(broker, ranges));
      // In two parts, the second after the ends have moved on, every record is met once.
      const merged = new MergedRecords(
        broker,
        ranges.map((range) => ({ ...range, end: Math.min(range.end, cut) })),
      );
      const first = await visited(merged);
      for (const range of ranges) merged.extend(range);
      const second = await visited(merged);
      expect(first.every((record) => Number(record.split(/[/@]/)[1]) < cut)).toBe(true);
      expect([...first, ...second].sort()).toEqual(whole.toSorted());
      for (const { partition } of ranges) {
        const offsets = whole
          .filter((record) => record.startsWith(`${partition}/`))
          .map((each) => Number(each.split(/[/@]/)[1]));
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      }
      await broker.close();
    }),
  );
});

test('of the next records the earliest comes first', async () => {
  const broker = await topicOf([
    [[1, 4], [9]],
    [[2, 3], [5]],
  ]);
  expect(await visited(new MergedRecords(broker, await rangesOf(broker)))).toEqual([
    '0/0@1',
    '1/0@2',
    '1/1@3',
    '0/1@4',
    '1/2@5',
    '0/2@9',
  ]);
  await broker.close();
});

test('a visitor stops it behind a record, and it goes on there', async () => {
  const broker = await topicOf([[[1, 2, 3]]]);
  const merged = new MergedRecords(broker, await rangesOf(broker));
  const seen: number[] = [];
  await merged.visit(({ offset }) => {
    seen.push(offset);
    return offset < 1;
  });
  expect(seen).toEqual([0, 1]);
  expect(await visited(merged)).toEqual(['0/2@3']);
  await broker.close();
});
