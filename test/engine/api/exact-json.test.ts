import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactNumber, NumberText, parseRowJson } from '../../../engine/api/exact-json.ts';
import { jsonValueText } from '../../support/json-text.ts';

describe('numbers of rows', () => {
  test.each([
    '[1,2.5,-0.125,true,null,"2.50"]',
    '[2.50,20.0,1.0E10,-0.0]',
    '[12345678901234567890.1234567890,0.30000000000000004]',
    '[0.0000001,123456789.12345678901,0.1234567]',
    '[9223372036854775807,{"A":[1.10,{"B":9007199254740993}]}]',
  ])('%s keeps its text', (text) => {
    expect(JSON.stringify(parseRowJson(text), exactNumber)).toBe(text);
  });

  test('keep their text wherever they stand', () => {
    fc.assert(
      fc.property(fc.array(jsonValueText, { maxLength: 4 }), (values) => {
        const text = `[${values.join(',')}]`;
        // Written with each number as it came.
        const asWritten = (_key: string, value: unknown, { source = '' }: { readonly source?: string }) =>
          typeof value === 'number' ? new NumberText(source) : value;
        const written = JSON.parse(text, asWritten as (key: string, value: unknown) => unknown);
        expect(JSON.stringify(parseRowJson(text), exactNumber)).toBe(JSON.stringify(written));
      }),
      { numRuns: 1000 },
    );
  });

  test('are plain where a double says the same', () => {
    expect(parseRowJson('[1,2.5,"1.0",{"n":1.50}]')).toEqual([1, 2.5, '1.0', { n: new NumberText('1.50') }]);
    expect(Number(new NumberText('1.50'))).toBe(1.5);
  });
});
