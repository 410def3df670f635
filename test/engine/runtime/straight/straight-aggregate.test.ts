import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RecordBatch, RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { MemoryRegistry } from '../../../../engine/serde/schemas/memory-registry.ts';
import { runGrouped } from './aggregate-both-ways.ts';

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

/** Keys of records: usual ones, then others. */
const KEYS: Record<string, readonly Uint8Array[]> = {
  STRING: [...['a', 'b', '', 'ä', '\u0001', 'key 12'].map((text) => Buffer.from(text)), Buffer.from([0xc3, 0x28])],
  INT: [int32(1), int32(2), int32(-1), Buffer.from([1, 2, 3])],
  BIGINT: [int64(1n), int64(2n), int64(2n ** 60n), Buffer.from([1])],
  DOUBLE: [int64(0n), int64(1n << 62n), Buffer.from([1])],
};

/** Mostly the first three, which are usual. */
const odd = (texts: readonly string[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...texts.slice(0, 3)) },
    { weight: 1, arbitrary: fc.constantFrom(...texts) },
  );

const value = fc.record({
  I: odd(['1', '2', '-7', 'null', '2147483647', '12345678901', '1.5', '"x"', '007']),
  B: odd(['1', '3', '20', 'null', '9007199254740991', '9223372036854775807', '-9223372036854775808', '-0', '[]']),
  D: odd(['1.5', '0.0', '-2.25', 'null', '1e300', '"NaN"', '-0.0', '9007199254740993']),
  S: odd(['"u"', '"v"', '""', 'null', '"\\u0041"', '"ä"', '"\\n"', '5', '"\\ud800"']),
  T: odd(['1700000000000', '1', '5', 'null', '"x"']),
});

const AGGREGATES = [
  ...['COUNT(*)', 'COUNT(i)', 'SUM(i)', 'SUM(b)', 'SUM(d)', 'AVG(i)', 'AVG(b)', 'MIN(i)', 'MAX(b)', 'MAX(d)', 'MIN(t)'],
  ...['SUM(10 / i)', 'SUM(i + 1)', 'MAX(s)', 'COLLECT_LIST(s)', 'STDDEV_SAMPLE(i)', 'CORRELATION(i, i)'],
  ...['SUM(CAST(i AS DECIMAL(3, 1)))', 'LATEST_BY_OFFSET(i)', 'EARLIEST_BY_OFFSET(s)', 'MAX(ROWTIME)', 'TOPK(b, 2)'],
];

/** Queries with their records. */
const cases = fc.constantFrom(...Object.keys(KEYS)).chain((keyType) =>
  fc.record({
    keyType: fc.constant(keyType),
    keyFormat: fc.constantFrom('KAFKA', 'KAFKA', 'KAFKA', 'JSON'),
    groupBy: fc.constantFrom('k', 'k', 'k', 'i', 'b', 's', 's', 'd', 's, i', 'UCASE(s)', '10 / i'),
    where: fc.constantFrom('', '', ' WHERE i > 0', " WHERE s <> 'v'", ' WHERE 10 / b > 2', ' WHERE k IS NOT NULL'),
    window: fc.constantFrom(
      '',
      ' WINDOW TUMBLING (SIZE 100 MILLISECONDS, GRACE PERIOD 50 MILLISECONDS)',
      ' WINDOW TUMBLING (SIZE 100 MILLISECONDS)',
      ' WINDOW HOPPING (SIZE 100 MILLISECONDS, ADVANCE BY 30 MILLISECONDS, GRACE PERIOD 40 MILLISECONDS)',
      ' WINDOW HOPPING (SIZE 60 MILLISECONDS, ADVANCE BY 10 MILLISECONDS, RETENTION 300 MILLISECONDS, GRACE PERIOD 200 MILLISECONDS)',
    ),
    aggregates: fc.subarray(AGGREGATES, { minLength: 1, maxLength: 5 }),
    format: fc.constantFrom('JSON', 'JSON', 'JSON', 'AVRO', 'DELIMITED'),
    extra: fc.boolean(),
    folds: fc.boolean(),
    spread: fc.constantFrom(1, 1, 2),
    failsOnBad: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
    batches: fc.array(
      fc.array(
        fc.record({
          key: fc.oneof<fc.WeightedArbitrary<Uint8Array | null>[]>(
            { weight: 8, arbitrary: fc.constantFrom(...KEYS[keyType]!.slice(0, 2)) },
            { weight: 1, arbitrary: fc.option(fc.constantFrom(...KEYS[keyType]!), { freq: 3 }) },
          ),
          value: fc.option(value, { freq: 25 }),
          timeMs: fc.integer({ min: 0, max: 400 }),
          hasHeader: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
        }),
        { minLength: 1, maxLength: 25, size: 'max' },
      ),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** Calls whose results no line of DELIMITED can hold. */
const LISTS = ['COLLECT_LIST(s)', 'TOPK(b, 2)'];

function scriptOf({ keyType, keyFormat, groupBy, where, window, aggregates, format, extra }: Case): string {
  const keys = groupBy.includes('(') || groupBy.includes('/') ? `${groupBy} AS g` : groupBy;
  const columns = [...aggregates.map((call, i) => `${call} AS a${i}`)];
  if (extra) columns.push("'c' AS c");
  if (extra && !groupBy.includes(',')) columns.push(`AS_VALUE(${groupBy}) AS again`);
  if (extra && window !== '') columns.push('WINDOWSTART AS ws', 'WINDOWEND AS we');
  const table = groupBy.includes(',') ? ", KEY_FORMAT='JSON'" : '';
  return `CREATE STREAM z (k ${keyType} KEY, i INT, b BIGINT, d DOUBLE, s STRING, t BIGINT)
      WITH (KAFKA_TOPIC='in', PARTITIONS=1, KEY_FORMAT='${keyFormat}', VALUE_FORMAT='JSON');
    CREATE TABLE o WITH (VALUE_FORMAT='${aggregates.some((call) => LISTS.includes(call)) ? 'JSON' : format}'${table}) AS
      SELECT ${keys}, ${columns.join(', ')} FROM z${window}${where} GROUP BY ${groupBy};`;
}

function batchOf(records: Case['batches'][number]): RecordBatch {
  const builder = new RecordBatchBuilder();
  for (const { key, value: fields, timeMs, hasHeader } of records) {
    const text = fields && `{${Object.entries(fields).map(([name, each]) => `"${name}":${each}`)}}`;
    const headers = hasHeader ? [{ key: 'h', value: Buffer.from('v') }] : [];
    builder.append(key, text === null ? null : Buffer.from(text), timeMs, headers);
  }
  return builder.build();
}

test('groups by the short way are what reader and operators make of the records', { timeout: 120_000 }, async () => {
  let taken = 0;
  let records = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const settings = new Map([['ksql.fail.on.deserialization.error', String(one.failsOnBad)]]);
      const run = async (isShort: boolean) => {
        const options = { registry: new MemoryRegistry(), settings, folds: one.folds, spread: one.spread };
        const { outcome, taken: count } = await runGrouped(scriptOf(one), one.batches.map(batchOf), isShort, options);
        // Places in the order of arrival are counted over all queries.
        const isCounted = one.aggregates.some((call) => call.includes('_BY_OFFSET'));
        return { ...outcome, entries: isCounted ? [] : outcome.entries, taken: count };
      };
      const { taken: none, ...long } = await run(false);
      const { taken: some, ...short } = await run(true);
      expect(none).toBeUndefined();
      expect(short).toEqual(long);
      taken += some!;
      records += one.batches.flat().length;
    }),
    { numRuns: 250 },
  );
  expect(taken / records).toBeGreaterThan(0.3);
});
