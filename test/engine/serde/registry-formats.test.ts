import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SerdeColumn, SerdeContext } from '../../../engine/serde/encoding/serde.ts';
import { FORMATS } from '../../../engine/serde/formats.ts';
import { MemoryRegistry } from '../../../engine/serde/schemas/memory-registry.ts';
import { SchemaCatalog } from '../../../engine/serde/schemas/schema-catalog.ts';
import { schemaForColumns, translateSchema } from '../../../engine/serde/schemas/schema-translation.ts';
import type { FormatInfo } from '../../../language/metastore/metastore.ts';
import {
  array,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimal,
  INTEGER,
  map,
  type SqlType,
  type SqlValue,
  STRING,
  struct,
  TIME,
  TIMESTAMP,
} from '../../../language/types/sql-type.ts';
import { anyType, columnsOf, SCALARS, schemaAndRow } from './arbitrary-rows.ts';

const context = (
  format: FormatInfo,
  columns: readonly SerdeColumn[],
  registry = new MemoryRegistry(),
): SerdeContext => ({
  topic: 't',
  isKey: false,
  format,
  columns,
  registry,
  sourceName: 'ORDERS_BY_ID',
});

async function roundTrip(
  target: SerdeContext,
  row: readonly SqlValue[],
  reading: readonly SerdeColumn[] = target.columns,
): Promise<SqlValue[]> {
  const format = FORMATS[target.format.name];
  const payload = (await format.createEncoder(target)).encode(row)!;
  const framed = Buffer.concat([Buffer.from('x'), payload, Buffer.from('y')]);
  const result: SqlValue[] = [];
  const decoder = await format.createDecoder({ ...target, columns: reading });
  expect(decoder.decode(framed, 1, framed.length - 1, result)).toBe(true);
  return result;
}

test.each(['AVRO', 'JSON_SR'] as const)('%s: what is written is read back', async (name) => {
  await fc.assert(
    fc.asyncProperty(schemaAndRow(), async ({ columns, row }) => {
      expect(await roundTrip(context({ name }, columns), row)).toEqual(row);
    }),
    { numRuns: 200 },
  );
});

/** Types that Protobuf has: nothing repeated within something repeated. */
const protoType = fc.oneof(
  fc.constantFrom(...SCALARS),
  fc.constantFrom(...SCALARS).map(array),
  fc.constantFrom(...SCALARS).map((type) => map(STRING, type)),
  fc.constantFrom(
    struct([
      { name: 'A', type: INTEGER },
      { name: 'B', type: array(struct([{ name: 'C', type: DATE }])) },
    ]),
  ),
);
/** The years that google.type.Date has. */
const inDateRange = (value: SqlValue, type: SqlType): boolean =>
  type.kind === 'DATE' ? value === null || Math.abs(value as number) < 700_000 : true;

describe.each(['PROTOBUF', 'PROTOBUF_NOSR'] as const)('%s', (name) => {
  test('what is written is read back', async () => {
    await fc.assert(
      fc.asyncProperty(schemaAndRow(protoType, { nulls: 0 }), async ({ columns, row }) => {
        fc.pre(columns.every(({ type }, i) => inDateRange(row[i]!, type)));
        expect(await roundTrip(context({ name }, columns), row)).toEqual(row);
      }),
      { numRuns: 200 },
    );
  });

  const columns = columnsOf({
    I: INTEGER,
    L: BIGINT,
    D: DOUBLE,
    T: decimal(5, 2),
    S: STRING,
    B: BOOLEAN,
    Y: BYTES,
    A: array(INTEGER),
    M: map(STRING, INTEGER),
    E: DATE,
  });
  const nulls = columns.map(() => null);

  test('NULLs read as defaults', async () => {
    const expected = [0, 0, 0, null, '', false, new Uint8Array(0), [], new Map(), null];
    expect(await roundTrip(context({ name }, columns), nulls)).toEqual(expected);
  });

  test.each(['OPTIONAL', 'WRAPPER'] as const)('NULLs stay NULL as %s', async (nullableRepresentation) => {
    const format: FormatInfo = { name, nullableRepresentation };
    const expected = [null, null, null, null, null, null, null, [], new Map(), null];
    expect(await roundTrip(context(format, columns), nulls)).toEqual(expected);
    const defaults = [0, 0, 0, 0n, '', false, new Uint8Array(0), [], new Map([['k', 0]]), 0];
    expect(await roundTrip(context(format, columns), defaults)).toEqual(defaults);
  });

  test('NULL elements are refused', async () => {
    await expect(
      roundTrip(context({ name }, columnsOf({ A: array(STRING), B: STRING })), [['a', null], 'b']),
    ).rejects.toThrow('NULL element of an ARRAY');
  });
});

describe('schemas', () => {
  const columns = columnsOf({ FOO: INTEGER, V: struct([{ name: 'A', type: decimal(4, 2) }]), M: map(STRING, DOUBLE) });

  test('Avro', () => {
    const { schema } = schemaForColumns(context({ name: 'AVRO' }, columns))!;
    expect(JSON.parse(schema)).toMatchObject({
      type: 'record',
      name: 'KsqlDataSourceSchema',
      namespace: 'io.confluent.ksql.avro_schemas',
      'connect.name': 'io.confluent.ksql.avro_schemas.KsqlDataSourceSchema',
      fields: [
        { name: 'FOO', type: ['null', 'int'], default: null },
        { name: 'V', type: ['null', { type: 'record', name: 'KsqlDataSourceSchema_V', fields: [{ name: 'A' }] }] },
        { name: 'M', type: ['null', { type: 'array', items: { name: 'KsqlDataSourceSchema_M' } }] },
      ],
    });
  });

  test('Avro keys', () => {
    const key = { ...context({ name: 'AVRO' }, columnsOf({ A: INTEGER, B: INTEGER })), isKey: true };
    expect(JSON.parse(schemaForColumns(key)!.schema)).toMatchObject({ name: 'OrdersByIdKey' });
    const single = { ...context({ name: 'AVRO' }, columnsOf({ A: STRING })), isKey: true };
    expect(schemaForColumns(single)!.schema).toBe('"string"');
  });

  test('JSON Schema', () => {
    const { schema } = schemaForColumns(context({ name: 'JSON_SR' }, columnsOf({ FOO: INTEGER })))!;
    expect(JSON.parse(schema)).toEqual({
      type: 'object',
      properties: {
        FOO: { 'connect.index': 0, oneOf: [{ type: 'null' }, { type: 'integer', 'connect.type': 'int32' }] },
      },
    });
  });

  test('Protobuf', () => {
    const { schema } = schemaForColumns(
      context({ name: 'PROTOBUF', nullableRepresentation: 'WRAPPER' }, columns.slice(0, 1)),
    )!;
    expect(schema).toBe(
      'syntax = "proto3";\n\nimport "google/protobuf/wrappers.proto";\n\nmessage ConnectDefault1 {\n  google.protobuf.Int32Value FOO = 1;\n}\n',
    );
    expect(() => schemaForColumns(context({ name: 'PROTOBUF' }, columnsOf({ 'a-b': INTEGER })))).toThrow(
      'ConnectDefault1.a-b: "a-b" is not a valid identifier.',
    );
  });

  test.each(['AVRO', 'JSON_SR', 'PROTOBUF'] as const)('%s: columns are inferred back', async (name) => {
    await fc.assert(
      fc.property(schemaAndRow(name === 'PROTOBUF' ? protoType : anyType()), ({ columns }) => {
        const schema = schemaForColumns(context({ name }, columns))!;
        const { root } = translateSchema({ schema, dependencies: new Map() });
        expect(root).toEqual(struct(columns.map((column) => ({ name: column.name, type: column.type }))));
      }),
    );
  });
});

describe('inference', () => {
  const infer = (type: 'AVRO' | 'JSON' | 'PROTOBUF', schema: string, fullName?: string) =>
    translateSchema({ schema: { type, schema }, dependencies: new Map() }, fullName);

  test('Avro types', () => {
    const schema = {
      type: 'record',
      name: 'Row',
      fields: [
        { name: 'f', type: 'float' },
        { name: 'e', type: { type: 'enum', name: 'Colour', symbols: ['RED'] } },
        { name: 'x', type: ['null', { type: 'fixed', size: 16, name: 'md5' }] },
        { name: 'u', type: ['int', 'string'] },
        { name: 'again', type: ['null', 'Colour'] },
        { name: 'n', type: { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 } },
        { name: 't', type: { type: 'int', logicalType: 'time-millis' } },
        { name: 'us', type: { type: 'long', logicalType: 'timestamp-micros' } },
        { name: 'm', type: { type: 'map', values: 'double' } },
      ],
    };
    expect(infer('AVRO', JSON.stringify(schema)).root).toEqual(
      struct([
        { name: 'f', type: DOUBLE },
        { name: 'e', type: STRING },
        { name: 'x', type: BYTES },
        {
          name: 'u',
          type: struct([
            { name: 'int', type: INTEGER },
            { name: 'string', type: STRING },
          ]),
        },
        { name: 'again', type: STRING },
        { name: 'n', type: decimal(6, 2) },
        { name: 't', type: TIME },
        { name: 'us', type: BIGINT },
        { name: 'm', type: map(STRING, DOUBLE) },
      ]),
    );
    expect(infer('AVRO', '"int"').root).toEqual(INTEGER);
  });

  test('Protobuf types and definitions', () => {
    const text = `syntax = "proto3"; import "google/protobuf/timestamp.proto";
      enum Colour { RED = 0; } message First { uint32 u = 1; sint64 z = 2; Colour c = 3; google.protobuf.Timestamp t = 4; map<string, Second> m = 5; }
      message Second { repeated string b = 1; }`;
    const { root, definitions } = infer('PROTOBUF', text);
    expect(definitions).toEqual(['Colour', 'First', 'Second']);
    expect(root).toEqual(
      struct([
        { name: 'u', type: BIGINT },
        { name: 'z', type: BIGINT },
        { name: 'c', type: STRING },
        { name: 't', type: TIMESTAMP },
        { name: 'm', type: map(STRING, struct([{ name: 'b', type: array(STRING) }])) },
      ]),
    );
    expect(infer('PROTOBUF', text, 'Second').root).toEqual(struct([{ name: 'b', type: array(STRING) }]));
  });

  test('schemas without a meaning come with the reason', async () => {
    const registry = new MemoryRegistry();
    const record = (fields: string) => `{"type":"record","name":"Row","fields":[${fields}]}`;
    registry.import('empty', { type: 'AVRO', schema: record('') }, 1);
    registry.import(
      'twice',
      { type: 'AVRO', schema: record('{"name":"a","type":"int"},{"name":"A","type":"int"}') },
      2,
    );
    registry.import('recursive', { type: 'AVRO', schema: record('{"name":"next","type":["null","Row"]}') }, 3);
    const catalog = new SchemaCatalog(registry);
    await catalog.load({ subjects: ['empty', 'twice', 'recursive', 'unknown'], ids: [2] });
    const problem = (subject: string) => catalog.lookUps.latest(subject)?.problem;
    expect(problem('empty')).toBe('Schema does not include any columns with types that ksqlDB supports.');
    expect(problem('twice')).toBe('Cannot create field because of field name duplication A');
    expect(problem('recursive')).toContain('contains itself');
    expect(catalog.lookUps.latest('unknown')).toBeUndefined();
    expect(catalog.lookUps.byId(2)).toMatchObject({ id: 2, format: 'AVRO' });
  });

  test('JSON Schema types', () => {
    const schema = {
      type: 'object',
      definitions: { id: { type: 'integer' } },
      properties: {
        z: { $ref: '#/definitions/id', 'connect.index': 0 },
        a: { type: ['null', 'string'], 'connect.index': 1 },
      },
    };
    expect(infer('JSON', JSON.stringify(schema)).root).toEqual(
      struct([
        { name: 'z', type: BIGINT },
        { name: 'a', type: STRING },
      ]),
    );
    expect(infer('JSON', '{"oneOf":[{"type":"null"},{"type":"number"}]}').root).toEqual(DOUBLE);
  });
});

describe('reading what others wrote', () => {
  test('Avro fields go to columns of their name in any case, and types widen', async () => {
    const registry = new MemoryRegistry();
    const written = columnsOf({ a: INTEGER, b: STRING, c: array(INTEGER), d: BOOLEAN });
    const writing = context({ name: 'AVRO' }, written, registry);
    const reading = columnsOf({ D: STRING, A: BIGINT, Z: DOUBLE });
    expect(await roundTrip(writing, [1, 'x', [1, null], true], reading)).toEqual(['true', 1, null]);
    await expect(roundTrip(writing, [1, 'x', null, true], columnsOf({ B: INTEGER, A: INTEGER }))).rejects.toThrow(
      'Failed to deserialize value from topic: t. Cannot deserialize type string as type INTEGER for path: ->B',
    );
  });

  test('Protobuf messages are found by their indexes', async () => {
    const registry = new MemoryRegistry();
    const schema =
      'syntax = "proto3"; message First { int32 a = 1; } message Second { message Inner { string b = 1; } }';
    registry.import('t-value', { type: 'PROTOBUF', schema }, 9);
    const format: FormatInfo = { name: 'PROTOBUF', schemaId: 9, schemaFullName: 'Second.Inner' };
    const target = context(format, columnsOf({ B: STRING }), registry);
    const payload = (await FORMATS.PROTOBUF.createEncoder(target)).encode(['x'])!;
    expect(Buffer.from(payload).toString('hex')).toBe('00000000090402000a0178');
    expect(await roundTrip(target, ['x'])).toEqual(['x']);
  });

  test('an unwrapped value is the whole payload, NULL is none', async () => {
    for (const name of ['AVRO', 'JSON_SR'] as const) {
      const target = context({ name, wrapping: 'UNWRAP_SINGLES' }, columnsOf({ V: array(INTEGER) }));
      expect(await roundTrip(target, [[1, null]])).toEqual([[1, null]]);
      expect((await FORMATS[name].createEncoder(target)).encode([null])).toBeNull();
    }
  });

  test('without the magic byte nothing is read', async () => {
    const decoder = await FORMATS.AVRO.createDecoder(context({ name: 'AVRO' }, columnsOf({ V: INTEGER })));
    expect(() => decoder.decode(new Uint8Array([1, 0, 0, 0, 1, 0]), 0, 6, [])).toThrow('Unknown magic byte!');
  });

  test('without a registry the formats that need one say so', async () => {
    const { registry: _, ...bare } = context({ name: 'AVRO' }, columnsOf({ V: INTEGER }));
    await expect(FORMATS.AVRO.createEncoder(bare)).rejects.toThrow(
      "Cannot use topic 't' with format AVRO without configuring 'ksql.schema.registry.url'",
    );
  });
});
