import type { CellTexts, RowsDifference } from '../../engine/api/rows-difference.ts';

/** A row of a comparison. One that differs from its partner follows it: what was expected, then what came. */
export interface PairedRow {
  readonly kind: 'same' | 'expected' | 'actual' | 'missing' | 'unexpected';
  readonly cells: CellTexts;
  /** The columns in which it differs from its partner; every one where it has none. */
  readonly differing: readonly number[];
}

/**
 * Lays rows that were expected beside those that came: rows of one key in their order, or, where the source has no key
 * or an expected row does not name it, all rows in their order. What nothing was expected of comes last.
 */
export function pairRows({ columns, expected, actual }: RowsDifference): readonly PairedRow[] {
  const every = columns.map((_, i) => i);
  const keys = every.filter((i) => columns[i]!.isKey);
  const isKeyed = keys.length > 0 && expected.every((row) => keys.every((i) => row[i] !== null));
  const groupOf = (row: CellTexts) => (isKeyed ? JSON.stringify(keys.map((i) => row[i])) : '');
  const waiting = Map.groupBy(actual, groupOf);
  const left = new Set(actual);
  const paired = expected.flatMap((row): readonly PairedRow[] => {
    const partner = waiting.get(groupOf(row))?.shift();
    if (partner === undefined) return [{ kind: 'missing', cells: row, differing: every }];
    left.delete(partner);
    const differing = every.filter((i) => row[i] !== null && row[i] !== partner[i]);
    if (differing.length === 0) return [{ kind: 'same', cells: partner, differing }];
    return [
      { kind: 'expected', cells: row, differing },
      { kind: 'actual', cells: partner, differing },
    ];
  });
  return [...paired, ...[...left].map((cells): PairedRow => ({ kind: 'unexpected', cells, differing: every }))];
}
