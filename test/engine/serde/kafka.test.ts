import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORMATS } from '../../../engine/serde/formats.ts';
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DOUBLE,
  INTEGER,
  type SqlType,
  type SqlValue,
  STRING,
} from '../../../language/types/sql-type.ts';
import { anyValue, contextOf } from './arbitrary-rows.ts';

const column = (type: SqlType) => contextOf('KAFKA', [{ name: 'V', type, slot: 0 }]);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const layouts: readonly (readonly [SqlType, SqlValue, string])[] = [
  [INTEGER, -2, 'fffffffe'],
  [BIGINT, 258, '0000000000000102'],
  [BIGINT, -(2n ** 63n), '8000000000000000'],
  [DOUBLE, 1.5, '3ff8000000000000'],
  [STRING, 'é', 'c3a9'],
  [BYTES, new Uint8Array([0, 255]), '00ff'],
];
test.each(layouts)('%j %s is %s', async (type, value, expected) => {
  expect(hex((await FORMATS.KAFKA.createEncoder(column(type))).encode([value])!)).toBe(expected);
});

test.each([INTEGER, BIGINT, DOUBLE, STRING, BYTES])('%j is read back', async (type) => {
  const encoder = await FORMATS.KAFKA.createEncoder(column(type));
  const decoder = await FORMATS.KAFKA.createDecoder(column(type));
  fc.assert(
    fc.property(anyValue(type, { nulls: 0 }), (value) => {
      const payload = encoder.encode([value])!;
      const framed = Buffer.concat([Buffer.from('x'), payload, Buffer.from('y')]);
      const row: SqlValue[] = [];
      decoder.decode(framed, 1, framed.length - 1, row);
      expect(row).toEqual([value]);
    }),
  );
});

test('payloads of a wrong length and types without a layout are refused', async () => {
  const decoder = await FORMATS.KAFKA.createDecoder(column(INTEGER));
  expect(() => decoder.decode(new Uint8Array(5), 0, 5, [])).toThrow(
    'Size of data received by IntegerDeserializer is not 4',
  );
  await expect(FORMATS.KAFKA.createDecoder(column(BOOLEAN))).rejects.toThrow(
    "The 'KAFKA' format does not support type 'BOOLEAN'",
  );
});
