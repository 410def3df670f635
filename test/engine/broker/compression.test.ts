import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressBatch } from '../../../engine/broker/compress-batch.ts';
import { CODECS, codecCode, compress, decompress } from '../../../engine/broker/compression.ts';
import { batchOf, recordsOf } from './broker-contract.ts';

/** Bytes with repetitions near and far, and some without any. */
const contents = fc
  .tuple(
    fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5000 })), {
      maxLength: 12,
    }),
    fc.uint8Array({ maxLength: 300 }),
  )
  .map(([runs, noise]) =>
    Buffer.concat([...runs.flatMap(([run, times]) => [Buffer.concat(Array(times).fill(run)), noise]), noise]),
  );

describe.each(CODECS)('%s', (codec) => {
  test('gives back what was compressed', () => {
    fc.assert(
      fc.property(contents, (bytes) => {
        expect(Buffer.compare(decompress(codecCode(codec), compress(codec, bytes)), bytes)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('a batch is the same with fewer bytes, and one that would be no smaller is left alone', () => {
    const values = Array.from({ length: 500 }, (_, i) => `value ${i}`);
    const batch = batchOf(...values);
    const compressed = compressBatch(batch, codec);
    expect(compressed.sizeBytes).toBeLessThan(batch.sizeBytes * 0.75);
    expect(compressed.isIntact).toBe(true);
    const records = (each: typeof batch) => recordsOf({ topic: 't', partition: 0, batches: [each] });
    expect(records(compressed)).toEqual(records(batch));
    const small = batchOf('a');
    expect(compressBatch(small, codec)).toBe(small);
  });
});
