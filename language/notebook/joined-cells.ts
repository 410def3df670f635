import { closed } from './script-cells.ts';

/** Where a cell stands in the script that it is joined into. */
export interface CellSpan {
  /** Of its first line, counted from 0. */
  readonly line: number;
  readonly lineCount: number;
  /** Of its first character. */
  readonly offset: number;
}

/** The one script that cells of code are. */
export interface JoinedCells {
  readonly text: string;
  readonly spans: readonly CellSpan[];
}

/** Joins cells: each begins on a line of its own, and none runs on into the next. */
export function joinCells(cells: readonly string[]): JoinedCells {
  const spans: CellSpan[] = [];
  let text = '';
  let line = 0;
  for (const cell of cells) {
    spans.push({ line, lineCount: lineCount(cell), offset: text.length });
    const code = `${closed(cell, '\n')}\n`;
    text += code;
    line += lineCount(code) - 1;
  }
  return { text, spans };
}

/** Lines as editors count them. */
const lineCount = (text: string): number => text.split(/\r\n|\r|\n/).length;
