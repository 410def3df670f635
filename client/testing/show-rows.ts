import * as vscode from 'vscode';
import { AnswerRow } from '../../engine/api/answer-rows.ts';
import { parseRowJson } from '../../engine/api/client.ts';
import type { RowsDifference } from '../../engine/api/rows-difference.ts';
import { isNumeric } from '../results/query-run.ts';
import type { ComparedRow, Result } from '../results/result.ts';
import { type PairedRow, pairRows } from './pair-rows.ts';

/** Shows what a test expected and what came as rows of a card; cells that differ are marked. */
export function showRows(difference: RowsDifference, result: Result): void {
  const rows = pairRows(difference);
  result.compared = new Map(
    rows.flatMap((row, i): [number, ComparedRow][] => {
      const mark = markOf(row);
      return mark === undefined ? [] : [[i, mark]];
    }),
  );
  const columns = difference.columns.map((column) => ({ ...column, numeric: isNumeric(column.type) }));
  result.begin([{ name: vscode.l10n.t('SIDE'), type: '', isKey: false, numeric: false }, ...columns], false);
  const words = kindWords();
  for (const { kind, cells } of rows)
    result.add(AnswerRow.of([words[kind], ...cells.map((text) => (text === null ? '' : parseRowJson(text)))]));
  result.end('done', noteOn(difference, rows));
}

/** A row that has no partner is marked as a whole. */
function markOf({ kind, differing }: PairedRow): ComparedRow | undefined {
  const cells = differing.map((i) => i + 1);
  switch (kind) {
    case 'same':
      return undefined;
    case 'expected':
    case 'actual':
      return { side: kind, changed: cells };
    case 'missing':
      return { side: 'expected', changed: [0, ...cells] };
    case 'unexpected':
      return { side: 'actual', changed: [0, ...cells] };
    default:
      return kind satisfies never;
  }
}

const kindWords = (): Readonly<Record<PairedRow['kind'], string>> => ({
  same: vscode.l10n.t('same'),
  expected: vscode.l10n.t('expected'),
  actual: vscode.l10n.t('actual'),
  missing: vscode.l10n.t('missing'),
  unexpected: vscode.l10n.t('unexpected'),
});

function noteOn({ isPart }: RowsDifference, rows: readonly PairedRow[]): string | undefined {
  if (isPart)
    return vscode.l10n.t('There are more rows: shown are at most 200 of each side, around the one that failed.');
  if (rows.every(({ kind }) => kind === 'same'))
    return vscode.l10n.t('The rows are the same, but came in another order.');
  return undefined;
}
