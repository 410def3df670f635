import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowWriter } from '../../../engine/api/json-row.ts';
import { rowReader } from '../../../engine/api/read-json-row.ts';
import { anyType, anyValue } from '../serde/arbitrary-rows.ts';

test('a row that was read from an answer is written as that answer again, whatever its types', () => {
  const typeAndValue = anyType().chain((type) => anyValue(type).map((value) => ({ type, value })));
  fc.assert(
    fc.property(fc.array(typeAndValue, { minLength: 1, maxLength: 4 }), (columns) => {
      const types = columns.map(({ type }) => type);
      const write = rowWriter(types);
      const json = write(columns.map(({ value }) => value));
      expect(write(rowReader(types)(json))).toBe(json);
    }),
    { numRuns: 500 },
  );
});
