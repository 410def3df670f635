import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordBatch, RecordBatchBuilder } from '../../../../../engine/broker/record-batch.ts';
import { TokenBlock } from '../../../../../engine/runtime/straight/block/token-block.ts';
import { JsonTokens } from '../../../../../engine/serde/json/tokens.ts';
import { BIGINT, BOOLEAN, DOUBLE, INTEGER, STRING } from '../../../../../language/types/sql-type.ts';

const COLUMNS = [
  { name: 'INT', type: INTEGER },
  { name: 'LONG', type: BIGINT },
  { name: 'DOUBLE', type: DOUBLE },
  { name: 'TEXT', type: STRING },
  { name: 'TRUTH', type: BOOLEAN },
].map((column, slot) => ({ ...column, slot, build: true }));
const UNREAD = [
  { name: 'TEXT2', type: STRING, slot: 5, build: false },
  { name: 'LONG2', type: BIGINT, slot: 6, build: false },
];

const integers = ['0', '7', '-12', '2147483647', '1700000000000', '-99999999999999'];
const numbers = [...integers, '1.5', '-0.25', '123456789012345.123456789012345'];
const texts = ['""', '"a"', '"fifteen letters"', '"sixteen letters!"', '"seventeen letters"', `"${'x'.repeat(300)}"`];
const usual = new Map([
  ...['INT', 'LONG', 'LONG2'].map((name) => [name, integers] as const),
  ...['TEXT', 'TEXT2'].map((name) => [name, texts] as const),
  ['DOUBLE', numbers],
  ['TRUTH', ['true', 'false']],
  ['other', [...numbers, ...texts, 'true', 'false']],
]);
const odd = fc.constantFrom(
  ...['null', 'nul', 'nulls', '-', '-0', '007', '00', '1.', '.5', '1e3', '1E+3', '1.5e3', '1234567890123456', '-1.'],
  ...['12345678901234567890', '1.1234567890123456', '1x', 'tru', 'truE', 'falsy', 'true1', '"', '"a', 'a"', '"\\n"'],
  ...['"\\u0041"', '"ä"', '"a\\"b"', '"\u0001"', '"\ud800"', '[]', '[1,"a"]', '{"INT":1}', '', ' 1', '1 ', '"a"\n'],
  ...['"sixteen letters!\\""', '"sixteen letters!ä"', '"sixteen letters!\u0000"'],
);

/** Records of one form, with odd ones among them. */
const cases = fc
  .record({
    names: fc.shuffledSubarray([...usual.keys()], { minLength: 1 }),
    space: fc.constantFrom('', '', ' ', '\n  '),
    lowerCase: fc.boolean(),
  })
  .chain(({ names, space, lowerCase }) => {
    const values = (name: string) => {
      const values = fc.constantFrom(...usual.get(name)!);
      return fc.oneof({ weight: 80, arbitrary: values }, { weight: 1, arbitrary: odd });
    };
    const text = (row: readonly string[]) =>
      `{${row.map((value, i) => `"${lowerCase ? names[i]!.toLowerCase() : names[i]}":${space}${value}`).join(`,${space}`)}}`;
    const value = fc.tuple(...names.map(values)).map(text);
    const record = fc.record({
      value: fc.oneof(
        { weight: 50, arbitrary: value },
        { weight: 1, arbitrary: value.map((whole) => `${whole} `) },
        { weight: 1, arbitrary: value.map((whole) => whole.slice(0, -1)) },
        { weight: 1, arbitrary: fc.constantFrom('', '{}', '{"INT":1}', 'null', '[]') },
      ),
      key: fc.option(fc.stringMatching(/^[a-z]{0,9}$/)),
      timeMs: fc.oneof(
        { weight: 50, arbitrary: fc.nat(2_000_000_000) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 4_000_000_000_000 }) },
      ),
      isNull: fc.nat(30).map((n) => n === 0),
      hasHeader: fc.nat(30).map((n) => n === 0),
    });
    return fc.array(record, { minLength: 8, maxLength: 40 });
  });

type Records = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function batchOf(records: Records): RecordBatch {
  const builder = new RecordBatchBuilder();
  for (const { value, key, timeMs, isNull, hasHeader } of records) {
    const headers = hasHeader ? [{ key: 'h', value: Buffer.from('v') }] : [];
    builder.append(key === null ? null : Buffer.from(key), isNull ? null : Buffer.from(value), timeMs, headers);
  }
  const batch = builder.build();
  batch.baseOffset = 1000;
  return batch;
}

/** What is found of each record: its own, one at a time, or with blocks. */
function found(batch: RecordBatch, tokens: JsonTokens, block: TokenBlock | undefined) {
  const columns = [...COLUMNS.keys()];
  const records: unknown[] = [];
  let taken = 0;
  const cursor = batch.records();
  while (block === undefined ? cursor.next() : block.next(cursor)) {
    const { offset, timeMs, key, value, headers, left, valueStart, valueEnd } = cursor;
    const isTaken = valueStart >= 0 && block?.find(cursor) === true;
    if (isTaken) taken++;
    const isFound = isTaken || (valueStart >= 0 && tokens.find(cursor.bytes, valueStart, valueEnd));
    const values = isFound ? columns.map((column) => tokens.value(column)) : undefined;
    const places = isFound
      ? columns.map((column) => [tokens.starts[column], tokens.starts[column] === -1 ? 0 : tokens.ends[column]])
      : undefined;
    records.push({ offset, timeMs, key, value, headers, left, values, places });
  }
  return { records, taken };
}

test('blocks have of each record what is found of it by itself', { timeout: 120_000 }, () => {
  let taken = 0;
  let records = 0;
  fc.assert(
    fc.property(cases, (some) => {
      // Twice as many records, of which the first have taught the form.
      const batch = batchOf([...some, ...some]);
      const alone = found(batch, new JsonTokens([...COLUMNS, ...UNREAD]), undefined);
      const tokens = new JsonTokens([...COLUMNS, ...UNREAD]);
      const inBlocks = found(batch, tokens, new TokenBlock(tokens));
      expect(inBlocks.records).toEqual(alone.records);
      taken += inBlocks.taken;
      records += batch.count;
    }),
    { numRuns: 150 },
  );
  expect(taken / records).toBeGreaterThan(0.3);
});

test('two that take turns, and batches larger than the window', () => {
  const builders = [new RecordBatchBuilder(), new RecordBatchBuilder()];
  for (let n = 0; n < 5000; n++)
    builders[n % 2]!.append(Buffer.from(`k${n}`), Buffer.from(`{"INT":${n},"TEXT":"${'x'.repeat(n % 300)}"}`), n);
  const sides = builders.map((builder) => {
    const tokens = new JsonTokens(COLUMNS);
    return { tokens, block: new TokenBlock(tokens), cursor: builder.build().records() };
  });
  let taken = 0;
  for (let n = 0; n < 5000; ) {
    const { tokens, block, cursor } = sides[n % 2]!;
    // Several of one side, then as many of the other.
    for (let i = 0; i < 50; i++) {
      expect(block.next(cursor)).toBe(true);
      if (block.find(cursor)) taken++;
      else expect(tokens.find(cursor.bytes, cursor.valueStart, cursor.valueEnd)).toBe(true);
      const number = (n % 2) + 2 * (50 * Math.floor(n / 100) + i);
      expect([tokens.value(0), cursor.timeMs, Buffer.from(cursor.key!).toString()]).toEqual([
        number,
        number,
        `k${number}`,
      ]);
    }
    n += n % 2 === 0 ? 1 : 99;
  }
  expect(taken).toBeGreaterThan(4000);
});

test('a record that is cut off, or claims what it has not, is left to others', { timeout: 120_000 }, () => {
  const builder = new RecordBatchBuilder();
  for (let n = 0; n < 20; n++) builder.append(Buffer.from('key'), Buffer.from(`{"INT":${n}}`), n);
  const { bytes } = builder.build();
  let taken = 0;
  fc.assert(
    fc.property(fc.integer({ min: 80, max: bytes.length - 1 }), fc.nat(255), (at, byte) => {
      const damaged = new Uint8Array(bytes);
      damaged[at] = byte;
      const tokens = new JsonTokens(COLUMNS);
      tokens.find(Buffer.from('{"INT":1}'), 0, 9);
      const block = new TokenBlock(tokens);
      const batch = new RecordBatch(damaged);
      const cursor = batch.records();
      const alone = batch.records();
      // As long as what stands there is a record at all.
      const isWithin = () => alone.valueStart >= alone.start && alone.valueEnd <= bytes.length;
      while (alone.next() && isWithin()) {
        expect(block.next(cursor)).toBe(true);
        const { offset, timeMs, keyStart, keyEnd, valueStart, valueEnd } = alone;
        expect(cursor).toMatchObject({ offset, timeMs, keyStart, keyEnd, valueStart, valueEnd });
        if (block.find(cursor)) taken++;
      }
    }),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(5000);
});
