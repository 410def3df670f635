import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../engine/broker/crc32c.ts';
import { halves } from '../../../engine/broker/halves.ts';
import { murmur2, partitionOf } from '../../../engine/broker/murmur2.ts';
import { RecordBatch, RecordBatchBuilder, splitBatches } from '../../../engine/broker/record-batch.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const field = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const record = fc.record({
  key: field,
  value: field,
  timeMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  headers: fc.array(fc.record({ key: fc.string(), value: field }), { maxLength: 3 }),
  skipped: fc.integer({ min: 0, max: 3 }),
});

interface Read {
  offset: number;
  timeMs: number;
  key: readonly number[] | null;
  value: readonly number[] | null;
  headers: readonly (readonly [string, readonly number[] | null])[];
}

const numbers = (bytes: Uint8Array | null) => (bytes === null ? null : [...bytes]);

function read(batch: RecordBatch): Read[] {
  const records: Read[] = [];
  const cursor = batch.records();
  while (cursor.next()) {
    const headers = cursor.headers.map(({ key, value }) => [key, numbers(value)] as const);
    records.push({
      offset: cursor.offset,
      timeMs: cursor.timeMs,
      key: numbers(cursor.key),
      value: numbers(cursor.value),
      headers,
    });
  }
  return records;
}

describe('record batches', () => {
  test('hold what was put in, at its offset', () => {
    const property = fc.property(
      fc.array(record, { minLength: 1, maxLength: 40 }),
      fc.nat(2 ** 40),
      (records, base) => {
        const builder = new RecordBatchBuilder();
        const expected: Read[] = [];
        let offset = base;
        for (const { key, value, timeMs, headers, skipped } of records) {
          for (let i = 0; i < skipped; i++) builder.skip();
          offset += skipped;
          builder.append(key, value, timeMs, headers);
          const named = headers.map((header) => [header.key, numbers(header.value)] as const);
          expected.push({ offset: offset++, timeMs, key: numbers(key), value: numbers(value), headers: named });
        }
        const batch = builder.build();
        batch.baseOffset = base;
        expect(batch.isIntact).toBe(true);
        expect(batch.count).toBe(records.length);
        expect(batch.lastOffset).toBe(offset - 1);
        expect(batch.maxTimestampMs).toBe(Math.max(...records.map(({ timeMs }) => timeMs)));
        expect(read(batch)).toEqual(expected);
        if (records.length > 1 && records.every(({ skipped }) => skipped === 0)) {
          const again = halves(batch).flatMap(read);
          expect(again.map(({ value }) => value)).toEqual(expected.map(({ value }) => value));
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  test('a run of batches is cut apart, without the one that is torn', () => {
    const batches = ['a', 'b', 'c'].map((text) => {
      const builder = new RecordBatchBuilder();
      builder.append(null, utf8(text), 1);
      return builder.build();
    });
    const bytes = Buffer.concat(batches.map((batch) => batch.bytes));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = Math.floor(cut / batches[0]!.sizeBytes);
      expect(splitBatches(bytes.subarray(0, cut))).toHaveLength(whole);
    }
  });

  test('a changed byte is noticed', () => {
    const builder = new RecordBatchBuilder();
    builder.append(utf8('key'), utf8('value'), 1);
    const { bytes } = builder.build();
    for (let at = 21; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1;
      expect(new RecordBatch(changed).isIntact).toBe(false);
    }
  });
});

test('CRC-32C of the standard check value and of every length', () => {
  expect(crc32c(utf8('123456789'))).toBe(0xe3069283);
  const slow = (bytes: Uint8Array) => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
  };
  const ranges = fc.tuple(fc.uint8Array({ maxLength: 400 }), fc.nat({ max: 20 }), fc.nat({ max: 20 }));
  fc.assert(
    fc.property(ranges, ([bytes, start, cut]) => {
      const end = Math.max(start, bytes.length - cut);
      return crc32c(bytes, start, end) === slow(bytes.subarray(start, end));
    }),
  );
});

// The values of Kafka's own test of its partitioner.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s', (text, expected) => {
  expect(murmur2(utf8(text))).toBe(expected);
  expect(partitionOf(utf8(text), 7)).toBe((expected & 0x7fffffff) % 7);
});
