import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { runBothWays, type TopicBatch } from './both-ways.ts';

const KEYS = {
  STRING: ['a', 'b', 'key 12', '', 'ä', '\u0001', 'A'].map((text) => Buffer.from(text)),
  INT: [0, 1, -1, 77].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  }),
  BIGINT: [0n, 1n, -1n, 2n ** 60n].map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  }),
  DOUBLE: [0, -0, 1.5].map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes;
  }),
} as const;

/** The value of the stream's `ref` for the same keys; the text of JSON. */
const REFERENCES = {
  STRING: ['"a"', '"b"', '"key 12"', '""', '"\\u00e4"', 'null', '7'],
  INT: ['0', '1', '-1', '77', 'null', '"x"'],
  BIGINT: ['0', '1', '-1', '1152921504606846976', 'null'],
  DOUBLE: ['0', '-0.0', '1.5', 'null'],
} as const;

/** Mostly the first two, which are usual. */
const odd = (texts: readonly string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...texts.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...texts) },
  );

/** Queries over a stream and a table, and their records in turn. */
const cases = fc.constantFrom('STRING', 'STRING', 'INT', 'BIGINT', 'DOUBLE').chain((keyType) => {
  const known: readonly Uint8Array[] = KEYS[keyType];
  const key = fc.oneof<fc.WeightedArbitrary<Uint8Array | null>[]>(
    { weight: 12, arbitrary: fc.constantFrom(...known.slice(0, 2)) },
    { weight: 3, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.option(fc.uint8Array({ maxLength: 9 }), { freq: 2 }) },
  );
  const streamValue = fc.record({
    n: odd(['1', '-3', '1.50', '"4"', 'null', '12345678901']),
    ref: odd(REFERENCES[keyType]),
  });
  const tableValue = fc.record({
    name: odd(['"gold"', '"\\u0041"', 'null', '5']),
    grade: odd(['1', '2147483648', 'null', '"9"']),
  });
  return fc.record({
    keyType: fc.constant(keyType),
    join: fc.constantFrom('JOIN', 'LEFT JOIN'),
    on: fc.constantFrom('s.k = t.id', 's.k = t.id', 's.ref = t.id'),
    where: fc.constantFrom(
      '',
      ' WHERE s.n > 0',
      ' WHERE t.grade > 0',
      " WHERE s.n < 5 AND t.name <> 'gold'",
      ' WHERE 10 / t.grade > 2',
    ),
    columns: fc.subarray(
      [
        's.n',
        'AS_VALUE(s.ref)',
        't.name',
        't.grade',
        's.n + t.grade',
        'UCASE(t.name)',
        's.ROWTIME',
        't.ROWTIME',
        'AS_VALUE(s.k)',
        'AS_VALUE(t.id)',
      ],
      { minLength: 1 },
    ),
    to: fc.constantFrom('JSON', 'JSON', 'DELIMITED'),
    keyTo: fc.constantFrom('KAFKA', 'KAFKA', 'JSON'),
    records: fc.array(
      fc.oneof(
        {
          weight: 2,
          arbitrary: fc.record({
            topic: fc.constant('table' as const),
            key,
            value: fc.option(tableValue, { freq: 12 }),
          }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            topic: fc.constant('stream' as const),
            key,
            value: fc.option(streamValue, { freq: 25 }),
          }),
        },
      ),
      { minLength: 1, maxLength: 24 },
    ),
  });
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function scriptOf({ keyType, join, on, where, columns, to, keyTo }: Case): string {
  const key = on.startsWith('s.k') ? 's.k' : 's.ref';
  const made = columns.map((column, i) => `${column} AS made${i}`);
  return `CREATE STREAM s (k ${keyType} KEY, n BIGINT, ref ${keyType}) WITH (KAFKA_TOPIC='stream', PARTITIONS=1, VALUE_FORMAT='JSON');
    CREATE TABLE t (id ${keyType} PRIMARY KEY, name STRING, grade INT) WITH (KAFKA_TOPIC='table', PARTITIONS=1, VALUE_FORMAT='JSON');
    CREATE STREAM o WITH (KEY_FORMAT='${keyTo}', VALUE_FORMAT='${to}') AS
      SELECT ${key} AS joined, ${made.join(', ')} FROM s ${join} t ON ${on}${where};`;
}

const batchesOf = ({ records }: Case): TopicBatch[] =>
  records.map(({ topic, key, value }, i) => {
    const fields = value === null ? undefined : Object.entries(value).map(([name, text]) => `"${name}":${text}`);
    const builder = new RecordBatchBuilder();
    builder.append(key, fields === undefined ? null : Buffer.from(`{${fields.join(',')}}`), 1000 + i);
    return { topic, batch: builder.build() };
  });

test('a look-up of a table by the short way writes the bytes and the log that the join would', {
  timeout: 120_000,
}, async () => {
  let taken = 0;
  let written = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const ways = await runBothWays(scriptOf(one), batchesOf(one));
      expect(ways.taken).toBeDefined();
      expect(ways.short).toEqual(ways.long);
      taken += ways.taken!;
      written += ways.short.rowsOut;
    }),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(200);
  expect(written).toBeGreaterThan(200);
});
