import { describe, expect, test } from 'vitest';
import { retakeSnapshot, snapshotDifference, takeSnapshot } from '../../../language/notebook/snapshot.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const columns = [
  { name: 'ROWTIME', isKey: false },
  { name: 'ID', isKey: true },
  { name: 'a name', isKey: false },
];
const rows = [
  ['5', '10', '"x, y"'],
  ['5', '9', 'null'],
  ['5', '9007199254740993', '1.50'],
  ['5', '9007199254740992', '[1]'],
];

describe('a snapshot', () => {
  test('has the rows by key, numbers by value, and every value to the digit', () => {
    expect(takeSnapshot({ columns, rows }, NOW_MS)).toEqual([
      'ROWTIME, ID KEY, `a name`',
      '5, 9, null',
      '5, 10, "x, y"',
      '5, 9007199254740992, [1]',
      '5, 9007199254740993, 1.50',
      '4 rows',
    ]);
  });

  test('is the same in whatever order the rows came, and without times of the run', () => {
    const recent = rows.map(([, ...rest], i) => [String(NOW_MS - i), ...rest]);
    const lines = takeSnapshot({ columns, rows: recent }, NOW_MS);
    expect(lines[0]).toBe('ID KEY, `a name`');
    expect(takeSnapshot({ columns, rows: recent.toReversed() }, NOW_MS)).toEqual(lines);
    // A later run leaves out what the pinned one has not, however old the times are by then.
    expect(retakeSnapshot({ columns, rows }, lines)).toEqual(lines);
    expect(snapshotDifference(lines, retakeSnapshot({ columns, rows }, lines))).toEqual([]);
  });

  test('has a bounded number of rows, and says how many there are', () => {
    const many = Array.from({ length: 30 }, (_, i) => ['5', String(i), 'null']);
    const lines = takeSnapshot({ columns, rows: many }, NOW_MS);
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe('the first 20 of 30 rows');
    expect(snapshotDifference(lines, retakeSnapshot({ columns, rows: many.slice(1) }, lines))).toEqual([
      '- 5, 0, null',
      '- the first 20 of 30 rows',
      '+ 5, 20, null',
      '+ the first 20 of 29 rows',
    ]);
  });
});
