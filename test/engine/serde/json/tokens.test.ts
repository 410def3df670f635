import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonScanner } from '../../../../engine/serde/json/scanner.ts';
import { JsonTokens } from '../../../../engine/serde/json/tokens.ts';
import {
  array,
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  decimal,
  INTEGER,
  type SqlValue,
  STRING,
  TIME,
} from '../../../../language/types/sql-type.ts';

const TYPES = {
  A: STRING,
  B: INTEGER,
  C: BIGINT,
  D: DOUBLE,
  E: BOOLEAN,
  F: DATE,
  G: TIME,
  H: decimal(5, 2),
  I: array(INTEGER),
};
const NAMES = [...Object.keys(TYPES), 'a', 'other', 'a name that is much longer than the others are', 'ä'];
/** Values as a producer would write them. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  A: ['"text"', '"t\\u0065xt"', '"ä"', '""', 'null'],
  B: ['1', '-12', '0', '-0', '1234567890', 'null'],
  C: ['1', '123456789012345678', '-5'],
  D: ['1.25', '1e3', '-0', '7', '123456789.123456789'],
  E: ['true', 'false', 'null'],
  F: ['18000', '-1'],
  G: ['0', '86400000', '5'],
  H: ['1.25', '-7', '999.99'],
  I: ['[]', '[1, 2]', '[null]', 'null'],
};
const ODD = ['01', '-', '1.', '.5', '1e', '"', '"\\x"', 'nul', '{"a":[1,{}]}', '[1,]', '{', ''];

/** A form of documents: names, and what stands around them. */
const form = fc.record({
  names: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 8 }),
  blank: fc.constantFrom('', '', ' ', '\n\t'),
});
const valueFor = (name: string) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...(USUAL[name.toUpperCase()] ?? ['1', '"b"', '{"a":[1,{}]}'])) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.values(USUAL).flat(), ...ODD) },
  );

/** Documents of a few forms, one after another in one array of bytes; some are cut, or hold a strange character. */
const documents = fc.array(form, { minLength: 1, maxLength: 3 }).chain((forms) =>
  fc.array(
    fc
      .constantFrom(...forms)
      .chain(({ names, blank }) => {
        const fields = fc.tuple(...names.map((name) => valueFor(name).map((value) => `"${name}":${blank}${value}`)));
        return fields.map((texts) => `${blank}{${blank}${texts.join(`${blank},${blank}`)}${blank}}`);
      })
      .chain((text) =>
        fc.oneof(
          { weight: 8, arbitrary: fc.constant(text) },
          { weight: 1, arbitrary: fc.nat(text.length).map((at) => text.slice(0, at)) },
          {
            weight: 1,
            arbitrary: fc
              .tuple(fc.nat(text.length), fc.constantFrom(...'\u0001"{}[],: 1a\\'))
              .map(([at, char]) => text.slice(0, at) + char + text.slice(at)),
          },
        ),
      ),
    { minLength: 1, maxLength: 200, size: 'max' },
  ),
);

test('tokens are found in just the documents that the scanner reads, and have the values that it gives', () => {
  let found = 0;
  fc.assert(
    fc.property(documents, fc.infiniteStream(fc.boolean()), (texts, builds) => {
      const columns = Object.entries(TYPES).map(([name, type], slot) => ({
        name,
        type,
        slot,
        build: builds.next().value,
      }));
      const tokens = new JsonTokens(columns);
      const scanner = new JsonScanner(columns, true);
      const bytes = new Uint8Array(Buffer.from(texts.join('')));
      let start = 0;
      for (const text of texts) {
        const end = start + Buffer.byteLength(text);
        const row: SqlValue[] = columns.map(() => null);
        const isRead = scanner.readRow(bytes, start, end, row);
        const isFound = tokens.find(bytes, start, end);
        // What is only too much for one of the two may be left to others.
        if (isFound) expect(isRead, text).toBe(true);
        const values = columns.map(({ build }, i) => (isFound && build ? tokens.value(i) : null));
        if (isFound && !values.includes(undefined)) {
          found++;
          expect(values, text).toEqual(row);
        }
        start = end;
      }
    }),
    { numRuns: 150 },
  );
  expect(found).toBeGreaterThan(2000);
});
