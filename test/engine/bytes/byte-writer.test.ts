import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../engine/bytes/byte-writer.ts';

const bytes = fc.uint8Array({ maxLength: 300 });

test('payloads hold what was written, whatever came before, and nothing writes to them again', () => {
  fc.assert(
    fc.property(fc.array(fc.array(bytes, { maxLength: 8 }), { maxLength: 8 }), (payloads) => {
      const writer = new ByteWriter(16);
      const finished = payloads.map((parts) => {
        writer.begin();
        parts.forEach((part, i) => {
          if (i % 3 === 0) writer.raw(part);
          else if (i % 3 === 1)
            writer.range(Buffer.concat([Buffer.from('ab'), part, Buffer.from('c')]), 2, part.length + 2);
          else for (const byte of part) writer.byte(byte);
        });
        return writer.finish();
      });
      finished.forEach((payload, i) => {
        expect(Buffer.from(payload).equals(Buffer.concat(payloads[i]!))).toBe(true);
      });
    }),
  );
});

test('what an encoder that failed has left is dropped by the next payload', () => {
  const writer = new ByteWriter();
  writer.ascii('half a payl');
  writer.begin();
  writer.utf8('ä\ud800');
  expect(Buffer.from(writer.finish()).toString()).toBe('ä?');
});

test('a length is put before what follows it, however many bytes it takes', () => {
  for (const length of [0, 1, 127, 128, 20_000]) {
    const writer = new ByteWriter(16);
    const mark = writer.beginLength();
    writer.raw(new Uint8Array(length).fill(7));
    writer.endLength(mark);
    const head = length < 128 ? [length] : length < 16_384 ? [128 | (length & 127), length >> 7] : [160, 156, 1];
    expect(Buffer.from(writer.finish()).equals(Buffer.concat([Buffer.from(head), Buffer.alloc(length, 7)]))).toBe(true);
  }
});

test('NaN is the one that Java writes, whatever bits it has here', () => {
  const odd = new Float64Array(new BigUint64Array([0xfff8_0000_0000_0001n]).buffer)[0]!;
  for (const value of [Number.NaN, odd]) {
    const writer = new ByteWriter();
    writer.float64(value);
    writer.float64LittleEndian(value);
    expect(Buffer.from(writer.finish()).toString('hex')).toBe('7ff8000000000000000000000000f87f');
  }
});
