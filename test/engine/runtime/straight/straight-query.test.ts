import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { ResultBlock } from '../../../../engine/runtime/straight/block/result-block.ts';
import type { SerdeColumn } from '../../../../engine/serde/encoding/serde.ts';
import { FORMATS } from '../../../../engine/serde/formats.ts';
import { MemoryRegistry } from '../../../../engine/serde/schemas/memory-registry.ts';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  INTEGER,
  type SqlType,
  type SqlValue,
  STRING,
  typeToString,
} from '../../../../language/types/sql-type.ts';
import { anyType, anyValue, SCALARS } from '../../serde/arbitrary-rows.ts';
import { runBothWays } from './both-ways.ts';

const FORMAT_NAMES = ['JSON', 'JSON', 'JSON', 'JSON', 'AVRO', 'DELIMITED', 'PROTOBUF'] as const;
type FormatName = (typeof FORMAT_NAMES)[number];
const KEY_KINDS: ReadonlySet<string> = new Set(['STRING', 'INTEGER', 'BIGINT', 'DOUBLE']);
const KEY_TYPES = ['STRING', 'STRING', 'INT', 'BIGINT', 'DOUBLE'] as const;

/** Texts of numbers and others that stand for a value, usual ones and others. */
const oddValue = fc.constantFrom(
  ...['0', '-0', '7', '-12', '007', '1.5', '-0.0', '0.0', '1.50', '0.001', '0.00099', '9999999.5', '10000000.5', '1e2'],
  ...['1E+3', '2147483648', '-2147483649', '123456789012345', '1234567890123456', '123456789012345678', 'NaN', '.5'],
  ...['12345678901234567890', '123456.123456789', '1234567.12345678901', 'true', 'false', 'null', 'nul', '"', '""'],
  ...[
    '"a"',
    '"\\n"',
    '"\\/"',
    '"\\u0041"',
    '"ä"',
    '"ä😀"',
    '"\\ud800"',
    '"12"',
    '"true"',
    '[]',
    '{}',
    '[1]',
    '{"A":1}',
    '86400001',
  ],
);

/** What is done to the text of a record. */
const change = fc.oneof(
  { weight: 4, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: fc.constant((text: string) => text.replace(/"(\w+)":/g, (name) => name.toLowerCase())) },
  { weight: 1, arbitrary: fc.constant((text: string) => text.replace(/([:,])"/g, '$1 \n"')) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(5), oddValue).map(([nth, value]) => (text: string) => {
      let count = 0;
      return text.replace(/:("[^"]*"|[^,}[{]+)/g, (whole) => (count++ === nth ? `:${value}` : whole));
    }),
  },
  { weight: 1, arbitrary: oddValue.map((value) => (text: string) => text.replace('{', `{"unknown":${value},`)) },
  { weight: 1, arbitrary: fc.constant((text: string) => text.replace(/^\{("\w+":[^,}]+)/, '{$1,$1')) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(100), fc.constantFrom(...' \n\u0001{}[],:"0a-.\\ä')).map(
      ([at, char]) =>
        (text: string) =>
          text.slice(0, at) + char + text.slice(at),
    ),
  },
  { weight: 1, arbitrary: fc.nat(100).map((at) => (text: string) => text.slice(0, at)) },
  { weight: 1, arbitrary: oddValue.map((value) => () => value) },
);

/** Expressions over a column. */
function expressionsOf({ name, type }: { name: string; type: SqlType }): string[] {
  const column = `\`${name}\``;
  switch (type.kind) {
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
      return [`${column} + 1`, `10 / ${column}`, `CAST(${column} AS STRING)`, `CASE WHEN ${column} > 3 THEN 'a' END`];
    case 'STRING':
      return [`UCASE(${column})`, `CAST(${column} AS INT)`, `LEN(${column}) + 1`, `${column} + '"ä'`];
    case 'ARRAY':
      return [`${column}[1]`];
    default:
      return [`${column} IS NULL`];
  }
}

function predicatesOf({ name, type }: { name: string; type: SqlType }): string[] {
  const column = `\`${name}\``;
  switch (type.kind) {
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
      return [`${column} > 0`, `10 / ${column} < 3`, `${column} IN (0, 7)`, `${column} BETWEEN -5 AND 5`];
    case 'STRING':
      return [
        `${column} <> 'a'`,
        `${column} LIKE '%a%'`,
        `CAST(${column} AS INT) > 3`,
        `CAST(${column} AS INT) IS NULL`,
      ];
    default:
      return [`${column} IS NOT NULL`];
  }
}

const scalarTypes = fc.constantFrom(...SCALARS, STRING, BIGINT);
const column = (type: fc.Arbitrary<SqlType>) => fc.record({ name: fc.stringMatching(/^C[A-Z0-9_]{0,6}$/), type });

/** A value, seldom one that is written in another way than most. */
function usualValue(type: SqlType): fc.Arbitrary<SqlValue> {
  const usual: Partial<Record<SqlType['kind'], fc.Arbitrary<SqlValue>>> = {
    STRING: fc.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{0,20}$/),
    INTEGER: fc.integer({ min: -1000, max: 1000 }),
    BIGINT: fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }),
    DOUBLE: fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 100),
  };
  return fc.oneof(
    { weight: 80, arbitrary: usual[type.kind] ?? fc.boolean() },
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: anyValue(type) },
  );
}

/** Expressions that are wrong for many values. */
const OFTEN_FAILS = /AS INT|^10 /;

/** A query over records, each with its key, its value before it was changed, and the change. */
const cases = fc
  .record({ from: fc.constantFrom(...FORMAT_NAMES), to: fc.constantFrom(...FORMAT_NAMES) })
  .chain(({ from, to }) => {
    const isFlat = from !== 'JSON' || to !== 'JSON';
    return casesOf(from, to, isFlat ? scalarTypes : anyType(1), {
      records: { minLength: 1, maxLength: 12 },
      isNull: 20,
      isUsual: false,
      change,
    });
  });

/** Many records of one form, with few others among them. */
const casesOfOneForm = casesOf('JSON', 'JSON', fc.constantFrom(STRING, INTEGER, BIGINT, DOUBLE, BOOLEAN), {
  records: { minLength: 20, maxLength: 60 },
  isNull: 60,
  isUsual: true,
  change: fc.oneof({ weight: 40, arbitrary: fc.constant((text: string) => text) }, { weight: 1, arbitrary: change }),
});

function casesOf(
  from: FormatName,
  to: FormatName,
  types: fc.Arbitrary<SqlType>,
  of: { records: { minLength: number; maxLength: number }; isNull: number; isUsual: boolean; change: typeof change },
) {
  const pick = (texts: string[]) => {
    const some = of.isUsual ? texts.filter((text) => !OFTEN_FAILS.test(text)) : texts;
    return fc.subarray(some, { maxLength: Math.min(3, some.length) });
  };
  const isOneIn = (many: number) => fc.integer({ min: 0, max: many - 1 }).map((n) => n === 0);
  return fc.uniqueArray(column(types), { selector: ({ name }) => name, minLength: 2, maxLength: 6 }).chain((columns) =>
    fc.record({
      from: fc.constant(from),
      to: fc.constant(to),
      columns: fc.constant(columns),
      keyType: of.isUsual ? fc.constant('STRING') : fc.constantFrom(...KEY_TYPES),
      keyFormat: of.isUsual ? fc.constant('KAFKA') : fc.constantFrom('KAFKA', 'KAFKA', 'JSON'),
      passed: fc.subarray(columns, { minLength: 1 }),
      newKey: fc.option(fc.constantFrom(...columns.filter(({ type }) => KEY_KINDS.has(type.kind)), undefined)),
      made: pick(columns.flatMap(expressionsOf)),
      besides: pick(['ROWTIME', 'ROWOFFSET + 1', 'AS_VALUE(k)']),
      predicates: pick([...columns.flatMap(predicatesOf), 'ROWOFFSET <> 2', 'k IS NOT NULL']),
      failsOnBad: isOneIn(10),
      records: fc.array(
        fc.record({
          row: fc.tuple(...columns.map(({ type }) => (of.isUsual ? usualValue(type) : anyValue(type)))),
          change: of.change,
          key: fc.option(
            fc.oneof(
              fc.stringMatching(/^[a-z0-9]{1,6}$/).map((text) => Buffer.from(text)),
              bytesOfSize(),
            ),
          ),
          timeMs: fc.oneof(
            { weight: 80, arbitrary: fc.integer({ min: 1_000_000_000_000, max: 1_000_500_000_000 }) },
            { weight: of.isUsual ? 1 : 80, arbitrary: fc.integer({ min: 0, max: 2_000_000_000_000 }) },
          ),
          isNull: isOneIn(of.isNull),
          hasHeader: isOneIn(of.isNull / 4),
        }),
        of.records,
      ),
    }),
  );
}

function bytesOfSize(): fc.Arbitrary<Uint8Array> {
  return fc.constantFrom(4, 8, 3).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
}

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function scriptOf(one: Case): string {
  const { from, to, columns, keyType, keyFormat, passed, newKey, made, besides, predicates } = one;
  const declared = columns.map(({ name, type }) => `\`${name}\` ${typeToString(type)}`).join(', ');
  const selected = [
    newKey ? `\`${newKey.name}\`` : 'k',
    ...passed.filter((column) => column !== newKey).map(({ name }) => `\`${name}\``),
    ...[...made, ...besides].map((expression, i) => `${expression} AS \`made${i}\``),
  ];
  const where =
    predicates.length === 0 ? '' : ` WHERE ${predicates.map((predicate) => `(${predicate})`).join(' AND ')}`;
  const by = newKey ? ` PARTITION BY \`${newKey.name}\`` : '';
  const formats = (format: string) => `KEY_FORMAT='${keyFormat}', VALUE_FORMAT='${format}'`;
  return `CREATE STREAM s (k ${keyType} KEY, ${declared}) WITH (KAFKA_TOPIC='in', PARTITIONS=1, ${formats(from)});
    CREATE STREAM o WITH (${formats(to)}) AS SELECT ${selected.join(', ')} FROM s${where}${by};`;
}

async function batchOf({ from, columns, records }: Case, registry: MemoryRegistry) {
  const slots: SerdeColumn[] = columns.map((own, slot) => ({ ...own, slot }));
  const context = { topic: 'in', isKey: false, format: { name: from }, columns: slots, registry };
  const encoder = await FORMATS[from].createEncoder(context);
  const builder = new RecordBatchBuilder();
  const encoded = (row: readonly SqlValue[]) => {
    try {
      return encoder.encode(row);
    } catch {
      return Buffer.from('no such row');
    }
  };
  for (const { row, change, key, timeMs, isNull, hasHeader } of records) {
    const payload = isNull ? null : encoded(row);
    const isText = from === 'JSON' || from === 'DELIMITED';
    const value = payload !== null && isText ? Buffer.from(change(Buffer.from(payload).toString())) : payload;
    builder.append(key, value, timeMs, hasHeader ? [{ key: 'h', value: Buffer.from('v') }] : []);
  }
  return builder.build();
}

/** How many records there were, and how many of them the short way took. */
async function holdBothWays(every: fc.Arbitrary<Case>, numRuns: number): Promise<{ records: number; taken: number }> {
  let taken = 0;
  let records = 0;
  await fc.assert(
    fc.asyncProperty(every, async (one) => {
      const registry = new MemoryRegistry();
      const batch = await batchOf(one, registry);
      const settings = new Map([['ksql.fail.on.deserialization.error', String(one.failsOnBad)]]);
      const ways = await runBothWays(scriptOf(one), batch, registry, settings);
      expect(ways.taken).toBeDefined();
      expect(ways.short).toEqual(ways.long);
      taken += ways.taken!;
      records += batch.count;
    }),
    { numRuns },
  );
  return { records, taken };
}

test('the short way writes the bytes and the log that reader, operators and writer would', {
  timeout: 120_000,
}, async () => {
  const { records, taken } = await holdBothWays(cases, 150);
  expect(taken / records).toBeGreaterThan(0.1);
});

test('so it does of records of one form, which it reads and writes in blocks', { timeout: 120_000 }, async () => {
  const add = vi.spyOn(ResultBlock.prototype, 'add');
  const { records, taken } = await holdBothWays(casesOfOneForm, 150);
  const written = add.mock.results.filter(({ value }) => value === true).length;
  add.mockRestore();
  expect(taken / records).toBeGreaterThan(0.4);
  expect(written / records).toBeGreaterThan(0.2);
});

test('and of batches that are larger than what it reads at once', async () => {
  const builder = new RecordBatchBuilder();
  for (let n = 0; n < 6000; n++) {
    const text = n % 1000 === 999 ? `"a\\tb${'x'.repeat(n)}"` : `"text ${n % 7}${'x'.repeat(n % 90)}"`;
    const value = Buffer.from(`{"ID":${n},"A":${n % 5 === 0 ? 'null' : text},"B":${n / 4},"OTHER":${text}}`);
    builder.append(n % 11 === 0 ? null : Buffer.from(`key ${n % 100}`), value, 1_700_000_000_000 + n);
  }
  const script = `CREATE STREAM s (k STRING KEY, id INT, a STRING, b DOUBLE) WITH (KAFKA_TOPIC='in', PARTITIONS=1,
      VALUE_FORMAT='JSON');
    CREATE STREAM o AS SELECT k, id, UCASE(a) AS u, a, b, id + 1 AS more, CAST(b AS STRING) AS t FROM s WHERE id % 3 < 2;`;
  const { long, short, taken } = await runBothWays(script, builder.build());
  expect(short).toEqual(long);
  expect(taken).toBe(6000);
});
