import type { AnswerView } from '../api/answer-view.ts';
import { presentAnswer } from '../api/present-answer.ts';
import type { Entity } from '../api/protocol.ts';

/** Answers as Markdown, in the words that terminal and panel use. */
export const answersText = (entities: readonly Entity[]): string =>
  entities.map((entity) => viewText(presentAnswer(entity))).join('\n\n');

function viewText({ message, table, mark, warnings = [] }: AnswerView): string {
  const parts = [...(message === undefined ? [] : [message]), ...(table === undefined ? [] : [tableText(table)])];
  return [...(parts.length === 0 ? [mark] : parts), ...warnings.map((warning) => `Warning: ${warning}`)].join('\n\n');
}

function tableText({ columns, rows }: NonNullable<AnswerView['table']>): string {
  if (rows.length === 0) return 'There are none.';
  const line = (cells: readonly (string | number | null)[]) => `| ${cells.map(cellText).join(' | ')} |`;
  return [line(columns.map(({ name }) => name)), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

const cellText = (cell: string | number | null): string =>
  String(cell ?? '')
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ');
