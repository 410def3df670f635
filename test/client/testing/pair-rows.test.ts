import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairRows } from '../../../client/testing/pair-rows.ts';
import type { CellTexts, RowsDifference } from '../../../engine/api/rows-difference.ts';

const difference = (expected: CellTexts[], actual: CellTexts[], isKeyed = true): RowsDifference => ({
  source: 'S',
  columns: [
    { name: 'ID', type: 'INTEGER', isKey: isKeyed },
    { name: 'N', type: 'INTEGER', isKey: false },
  ],
  expected,
  actual,
  isPart: false,
});
const shown = (rows: RowsDifference) => pairRows(rows).map(({ kind, cells }) => `${kind} ${cells.join(' ')}`);

describe('expected rows and those that came', () => {
  test('are paired by key, and the rows of one key in their order', () => {
    const expected = [
      ['1', '1'],
      ['2', '1'],
      ['1', '2'],
      ['3', '1'],
    ];
    const actual = [
      ['4', '1'],
      ['1', '1'],
      ['1', '3'],
      ['2', '1'],
    ];
    expect(shown(difference(expected, actual))).toEqual([
      'same 1 1',
      'same 2 1',
      'expected 1 2',
      'actual 1 3',
      'missing 3 1',
      'unexpected 4 1',
    ]);
  });

  test('are paired in their order where there is no key, or it is not expected', () => {
    const rows: [CellTexts[], CellTexts[]] = [[['1', '1']], [['2', '1']]];
    expect(shown(difference(...rows, false))).toEqual(['expected 1 1', 'actual 2 1']);
    expect(shown(difference([[null, '1']], [['2', '1']]))).toEqual(['same 2 1']);
  });

  test('differ in what is expected only, and NULL is something to expect', () => {
    const [row] = pairRows(difference([['1', 'null']], [['1', '2']]));
    expect(row).toEqual({ kind: 'expected', cells: ['1', 'null'], differing: [1] });
    expect(shown(difference([['1', null]], [['1', '2']]))).toEqual(['same 1 2']);
  });

  test('are all shown once, whatever they are, and only equal ones are called the same', () => {
    const cell = fc.constantFrom('1', '2', '3', 'null');
    const actual = fc.array(fc.tuple(cell, cell), { maxLength: 8 });
    const expected = fc.array(fc.tuple(fc.option(cell, { freq: 9 }), fc.option(cell)), { maxLength: 8 });
    fc.assert(
      fc.property(expected, actual, fc.boolean(), (wanted, came, isKeyed) => {
        const rows = pairRows(difference(wanted, came, isKeyed));
        const of = (...kinds: string[]) => rows.filter(({ kind }) => kinds.includes(kind));
        const texts = (of: readonly { readonly cells: CellTexts }[]) => of.map(({ cells }) => String(cells)).toSorted();
        expect(of('same', 'expected', 'missing')).toHaveLength(wanted.length);
        expect(texts(of('same', 'actual', 'unexpected'))).toEqual(came.map(String).toSorted());
        for (const [i, { kind, cells, differing }] of rows.entries()) {
          if (kind !== 'expected') continue;
          const partner = rows[i + 1]!;
          expect(partner).toMatchObject({ kind: 'actual', differing });
          expect(differing).not.toEqual([]);
          for (const c of [0, 1])
            expect(cells[c] === null || cells[c] === partner.cells[c]).toBe(!differing.includes(c));
        }
      }),
    );
  });
});
