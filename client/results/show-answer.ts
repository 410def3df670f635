import { AnswerRow } from '../../engine/api/answer-rows.ts';
import type { AnswerView } from '../../engine/api/answer-view.ts';
import type { Result } from './result.ts';

/** Draws an answer in its card; the statement stands above it. */
export function showAnswer({ brief, message, table, warnings = [] }: AnswerView, result: Result): void {
  if (table !== undefined) {
    result.begin(
      table.columns.map((column) => ({ ...column, type: '', isKey: false })),
      false,
    );
    for (const row of table.rows) result.add(AnswerRow.of(row));
  }
  const texts = [brief ?? message ?? '', ...warnings].filter((text) => text !== '');
  result.end('done', texts.length === 0 ? undefined : texts.join('\n'));
}
