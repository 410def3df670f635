import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { PartitionBuffer } from '../../../../engine/runtime/task/partition-buffer.ts';
import { PartitionChoice } from '../../../../engine/runtime/task/partition-choice.ts';

/** The order in which records of two topics come, each a topic and a time. */
function order(table: readonly number[], stream: readonly number[], takesRuns: boolean): string[] {
  const buffers = [
    ['table', table],
    ['stream', stream],
  ] as const;
  const made = buffers.map(([topic, times]) => {
    const start = { partition: 0, offset: 0, endOffset: times.length, rebuiltAt: 0, origin: 0 };
    const buffer = new PartitionBuffer(topic, start, false);
    const builder = new RecordBatchBuilder();
    for (const timeMs of times) builder.append(null, null, timeMs);
    if (times.length > 0) buffer.add([builder.build()]);
    return buffer;
  });
  const choice = new PartitionChoice(made, {
    inTimeOrder: true,
    isTable: (topic) => topic === 'table',
    readTime: () => undefined,
    wake: () => undefined,
  });
  const seen: string[] = [];
  const take = (buffer: PartitionBuffer) => {
    seen.push(`${buffer.topic} ${buffer.headTimeMs}`);
    buffer.advance();
  };
  for (let buffer = choice.next(); buffer !== undefined; buffer = choice.next()) {
    take(buffer);
    while (takesRuns && buffer.head !== undefined && buffer.head.timeMs < choice.untilMs) take(buffer);
  }
  choice.close();
  return seen;
}

test('records older than the next one of any other partition come in the order in which they would be chosen', () => {
  const times = fc.array(fc.nat(20), { maxLength: 12 });
  fc.assert(
    fc.property(times, times, (table, stream) => {
      expect(order(table, stream, true)).toEqual(order(table, stream, false));
    }),
  );
});
