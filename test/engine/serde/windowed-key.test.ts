import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendWindow, readWindow, windowBytes } from '../../../engine/serde/windowed-key.ts';

const times = fc.tuple(fc.maxSafeNat(), fc.nat()).filter(([start, size]) => Number.isSafeInteger(start + size));

test.each(['time', 'session'] as const)('%s windows are read back behind any key', (type) => {
  fc.assert(
    fc.property(fc.uint8Array(), times, (key, [startMs, sizeMs]) => {
      const window = { startMs, endMs: startMs + sizeMs };
      const bytes = appendWindow(key, window, type);
      const framed = Buffer.concat([Buffer.from('x'), bytes, Buffer.from('y')]);
      expect(readWindow(framed, 1, framed.length - 1, type, sizeMs)).toEqual(window);
      expect(new Uint8Array(bytes.subarray(0, bytes.length - windowBytes(type)))).toEqual(new Uint8Array(key));
    }),
  );
});

test('the layouts are those of Kafka Streams', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const window = { startMs: 258, endMs: 772 };
  expect(hex(appendWindow(Uint8Array.of(7), window, 'time'))).toBe('070000000000000102');
  expect(hex(appendWindow(Uint8Array.of(7), window, 'session'))).toBe('0700000000000003040000000000000102');
  expect(() => readWindow(new Uint8Array(7), 0, 7, 'time', 1)).toThrow('A windowed key needs at least 8 bytes');
});
