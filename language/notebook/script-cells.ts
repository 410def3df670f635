import { splitStatements } from '../parser/split-statements.ts';
import { cutLines, type Group, isProse } from './script-groups.ts';
import { SNAPSHOT_PREFIX } from './snapshot.ts';

/** A cell of a notebook: prose in Markdown, or statements. */
export interface ScriptCell {
  readonly kind: 'prose' | 'code';
  /** What one reads and edits, with `\n` between lines: prose without its comment marks. */
  readonly text: string;
  /** Of code: the lines of the snapshot that is pinned under it, without their comment marks. */
  readonly snapshot?: readonly string[];
  /** How it stood in the file that it was read from. */
  readonly origin?: CellOrigin;
}

/** The bytes of a cell, which are written again as long as nobody has changed what it says. */
export interface CellOrigin {
  /** Counts the cells of the file. */
  readonly index: number;
  /** What stands between the cell before and this one, or before the first. */
  readonly gap: string;
  readonly raw: string;
  readonly said: Saying;
}

/** What a cell says, wherever it stands. */
type Saying = Pick<ScriptCell, 'kind' | 'text' | 'snapshot'>;

/** A script as cells, with what of its text belongs to none. */
export interface NotebookScript {
  readonly cells: readonly ScriptCell[];
  readonly byteOrderMark: boolean;
  readonly lineEnd: '\n' | '\r\n';
  /** What stands behind the last cell. */
  readonly rest: string;
}

/** What a notebook is before it was ever written. */
export const EMPTY_SCRIPT: NotebookScript = { cells: [], byteOrderMark: false, lineEnd: '\n', rest: '\n' };

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Cuts a script into cells. Blank lines between statements separate them; comments that stand by themselves are prose;
 * from `-- #region` to `-- #endregion` all is one cell; and lines `--> …` at a cell's end are its snapshot. Every
 * script has such a form, and {@link writeCells} gives back its very text.
 */
export function readCells(script: string): NotebookScript {
  const byteOrderMark = script.startsWith(BYTE_ORDER_MARK);
  const text = byteOrderMark ? script.slice(1) : script;
  const cells: ScriptCell[] = [];
  let at = 0;
  for (const group of cutLines(text)) {
    const origin = { index: cells.length, gap: text.slice(at, group.start), raw: text.slice(group.start, group.end) };
    const said = sayingOf(group, text);
    cells.push({ ...said, origin: { ...origin, said } });
    at = group.end;
  }
  return { cells, byteOrderMark, lineEnd: lineEndOf(text), rest: text.slice(at) };
}

/** The text of the script that the cells are. Cells without anything in them leave nothing behind. */
export function writeCells({ cells, byteOrderMark, lineEnd, rest }: NotebookScript): string {
  let text = byteOrderMark ? BYTE_ORDER_MARK : '';
  let before: { readonly origin: CellOrigin | undefined } | undefined;
  const filled = cells.filter((cell) => isAsRead(cell) || !isEmpty(cell));
  for (const [i, cell] of filled.entries()) {
    const asRead = isAsRead(cell);
    const origin = asRead ? cell.origin : undefined;
    const follows = before === undefined ? origin?.index === 0 : before.origin?.index === (origin?.index ?? 0) - 1;
    if (origin !== undefined && follows) text += origin.gap;
    else if (before !== undefined) text += separating(cell.origin?.gap, lineEnd);
    const raw = origin?.raw ?? withLineEnds(printed(cell), lineEnd);
    const next = filled[i + 1];
    const isBeforeSame =
      next === undefined || (origin !== undefined && isAsRead(next) && next.origin?.index === origin.index + 1);
    text += isBeforeSame || cell.kind === 'prose' ? raw : closed(raw, lineEnd);
    before = { origin };
  }
  return text + rest;
}

/**
 * Code whose last statement has a semicolon, so that it does not run on into what follows; as it is where nothing can
 * end it.
 */
export function closed(code: string, lineEnd: string): string {
  const isClosed = (text: string) => splitStatements(text).statements.at(-1)?.terminated ?? true;
  if (isClosed(code)) return code;
  const { end } = splitStatements(code).statements.at(-1)!;
  const candidates = [`${code.slice(0, end)};${code.slice(end)}`, `${code}${lineEnd};`];
  return candidates.find(isClosed) ?? code;
}

/** Text as editors keep it: one kind of line end. */
const plain = (text: string): string => text.replace(/\r\n?/g, '\n');

function lineEndOf(text: string): '\n' | '\r\n' {
  const windows = text.split('\r\n').length - 1;
  return windows * 2 > text.split('\n').length - 1 ? '\r\n' : '\n';
}

const withLineEnds = (text: string, lineEnd: string): string =>
  lineEnd === '\n' ? text : text.replaceAll('\n', lineEnd);

/** What a group of lines says, without the marks that say that it is a cell. */
function sayingOf(group: Group, text: string): Saying {
  const body = text.slice(group.bodyStart, group.bodyEnd).replaceAll('\r\n', '\n');
  if (isProse(group, text)) return { kind: 'prose', text: withoutMarks(body) };
  const lines = body.split('\n');
  // What looks like a snapshot within a string or a long comment is a part of it.
  const first = group.lines.findLastIndex(
    ({ isInside, start }) => isInside || !text.startsWith(SNAPSHOT_PREFIX, start),
  );
  const pinned = group.lines.length - 1 - first;
  if (pinned === 0) return { kind: 'code', text: body };
  const snapshot = lines.slice(-pinned).map((line) => line.slice(SNAPSHOT_PREFIX.length).replace(/^ /, ''));
  return { kind: 'code', text: lines.slice(0, -pinned).join('\n'), snapshot };
}

/** Prose without the marks of comments, which are `--` before each line, or one long comment. */
function withoutMarks(comment: string): string {
  const long = /^[ \t]*\/\*+([\s\S]*?)\*+\/[ \t]*$/.exec(comment);
  if (long === null)
    return comment
      .split('\n')
      .map((line) => /^[ \t]*--[ ]?(.*)$/s.exec(line)![1])
      .join('\n');
  const lines = long[1]!.split('\n').map((line) => line.replace(/^[ \t]*\*[ ]?/, ''));
  return lines.join('\n').trim();
}

function isAsRead({ kind, text, snapshot, origin }: ScriptCell): boolean {
  if (origin === undefined || kind !== origin.said.kind) return false;
  return plain(text) === plain(origin.said.text) && sameLines(snapshot ?? [], origin.said.snapshot ?? []);
}

const sameLines = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n');

/** Without statements there is nothing that a snapshot could be of. */
const isEmpty = ({ text }: ScriptCell): boolean => text.trim() === '';

/** What was between two cells where that separates any two, else an empty line. */
function separating(gap: string | undefined, lineEnd: string): string {
  return gap !== undefined && /\n[ \t\r]*\n/.test(gap) ? gap : lineEnd + lineEnd;
}

function printed(cell: ScriptCell): string {
  const text = withoutBlankEnds(plain(cell.text));
  if (cell.kind === 'prose') return text.split('\n').map(commentLine).join('\n');
  const code = cell.snapshot === undefined ? text : [closed(text, '\n'), ...cell.snapshot.map(snapshotLine)].join('\n');
  const { cells } = readCells(code);
  if (cells.length === 1 && cells[0]!.kind === 'code') return code;
  return `-- #region\n${code}\n-- #endregion`;
}

/** A line that would begin or end a cell in a comment gets a blank more. */
function commentLine(line: string): string {
  if (line === '') return '--';
  return /^#(?:end)?region\b/.test(line) ? `--  ${line}` : `-- ${line}`;
}

const snapshotLine = (line: string): string => (line === '' ? SNAPSHOT_PREFIX : `${SNAPSHOT_PREFIX} ${line}`);

/** Without empty lines at its ends, and blanks at its very end. */
const withoutBlankEnds = (text: string): string => text.replace(/^(?:[ \t]*\n)+/, '').trimEnd();
