import { describe, expect, test } from 'vitest';
import { MemoryRegistry } from '../../../engine/serde/schemas/memory-registry.ts';
import { parseExactJson, printExactJson } from '../../../engine/testing/case-json.ts';
import { findDifference } from '../../../engine/testing/compare-values.ts';
import { createTestCodec } from '../../../engine/testing/test-values.ts';
import type { FormatInfo } from '../../../language/metastore/metastore.ts';
import {
  array,
  BIGINT,
  BYTES,
  DATE,
  DOUBLE,
  decimal,
  INTEGER,
  map,
  type SqlType,
  STRING,
  struct,
} from '../../../language/types/sql-type.ts';
import { columnsOf } from '../serde/arbitrary-rows.ts';

const codec = (
  format: FormatInfo,
  types: Readonly<Record<string, SqlType>>,
  registry = new MemoryRegistry(),
  isKey = false,
) => createTestCodec({ topic: 't', isKey, format, columns: columnsOf(types), registry, sourceName: 'S' });

const row = {
  V: struct([{ name: 'A', type: decimal(5, 2) }]),
  L: BIGINT,
  M: map(STRING, INTEGER),
  D: DATE,
  Y: array(BYTES),
  F: DOUBLE,
};
const rowJson = '{"V":{"A":1.10},"L":9007199254740993,"M":{"k":1},"D":19000,"Y":["AQI="],"F":1.5}';

describe('values of test files', () => {
  test.each(['JSON', 'JSON_SR', 'AVRO', 'PROTOBUF', 'PROTOBUF_NOSR'] as const)('%s', async (name) => {
    const values = codec({ name }, row);
    const read = await values.decode(await values.encode(parseExactJson(rowJson)));
    expect(printExactJson(read)).toBe(rowJson);
    expect(await values.decode(null)).toBeNull();
    expect(await values.encode(null)).toBeNull();
  });

  const kafka: readonly (readonly [SqlType, string])[] = [
    [INTEGER, '-2'],
    [BIGINT, '9007199254740993'],
    [STRING, '"x"'],
    [BYTES, '"some bytes"'],
  ];
  test.each(kafka)('KAFKA %j', async (type, json) => {
    const values = codec({ name: 'KAFKA' }, { V: type });
    expect(printExactJson(await values.decode(await values.encode(parseExactJson(json))))).toBe(json);
  });

  test('DELIMITED is the text', async () => {
    const values = codec({ name: 'DELIMITED' }, { A: STRING, B: INTEGER });
    expect(Buffer.from((await values.encode('a,1'))!).toString()).toBe('a,1');
    expect(await values.decode(Buffer.from('"-1",2'))).toBe('"-1",2');
  });

  test('bare keys', async () => {
    for (const name of ['AVRO', 'JSON_SR'] as const) {
      const keys = codec({ name, wrapping: 'UNWRAP_SINGLES' }, { K: INTEGER }, new MemoryRegistry(), true);
      expect(printExactJson(await keys.decode(await keys.encode(parseExactJson('7'))))).toBe('7');
    }
    const keys = codec({ name: 'PROTOBUF' }, { K: INTEGER }, new MemoryRegistry(), true);
    expect(printExactJson(await keys.decode(await keys.encode(parseExactJson('{"K":7}'))))).toBe('{"K":7}');
  });

  test('the registered schema decides, names in any case', async () => {
    const registry = new MemoryRegistry();
    const schema =
      '{"type":"record","name":"Row","fields":[{"name":"c1","type":"int"},{"name":"s","type":{"type":"array","items":"string"}}]}';
    registry.import('t-value', { type: 'AVRO', schema }, 5);
    const values = codec({ name: 'AVRO' }, { C1: INTEGER }, registry);
    const bytes = await values.encode(parseExactJson('{"C1":1,"S":[1,"x"],"other":2}'));
    expect(bytes?.[4]).toBe(5);
    expect(printExactJson(await values.decode(bytes))).toBe('{"c1":1,"s":["1","x"]}');
  });

  test('binary DOUBLEs compare by value, JSON ones by their digits', async () => {
    const json = parseExactJson('{"V":0}');
    const written = parseExactJson('{"V":0.0}');
    const avro = codec({ name: 'AVRO' }, { V: DOUBLE });
    expect(findDifference(json, await avro.decode(await avro.encode(written)), false)).toBeUndefined();
    const text = codec({ name: 'JSON' }, { V: DOUBLE });
    expect(findDifference(json, await text.decode(await text.encode(written)), false)).toBe('$.V');
  });
});
