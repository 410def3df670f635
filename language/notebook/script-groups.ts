import { splitStatements } from '../parser/split-statements.ts';

/** A line of a script. */
export interface Line {
  readonly start: number;
  /** Before its line end. */
  readonly end: number;
  /** Whether it begins within a statement or a long comment. */
  readonly isInside: boolean;
}

/** Lines that make a cell. */
export interface Group {
  readonly start: number;
  readonly end: number;
  /** Without the lines that only say that here is a cell. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly lines: readonly Line[];
  /** Whether it stands between `#region` and `#endregion`. */
  readonly isRegion: boolean;
}

interface Interval {
  readonly start: number;
  readonly end: number;
}

const REGION = /^[ \t]*--[ ]?#region\b/;
const END_REGION = /^[ \t]*--[ ]?#endregion\b/;

/** The groups of lines that are cells, with nothing but blanks between them. */
export function cutLines(text: string): readonly Group[] {
  const lines = linesOf(text);
  const groups: Group[] = [];
  const isBlank = ({ start, end, isInside }: Line) => !isInside && text.slice(start, end).trim() === '';
  for (let at = 0; at < lines.length; ) {
    if (isBlank(lines[at]!)) {
      at++;
      continue;
    }
    const close = endOfRegion(lines, at, text);
    let end = at + 1;
    if (close !== undefined) end = close + 1;
    else while (end < lines.length && !isBlank(lines[end]!) && endOfRegion(lines, end, text) === undefined) end++;
    groups.push(close === undefined ? plainGroup(lines.slice(at, end)) : regionGroup(lines.slice(at, end)));
    at = end;
  }
  return groups;
}

/** Whether a group is nothing but comments that speak to people. */
export function isProse({ lines, isRegion }: Group, text: string): boolean {
  if (isRegion) return false;
  const [first] = lines;
  const isShort = ({ start, end, isInside }: Line) => !isInside && /^[ \t]*--(?![@>])/.test(text.slice(start, end));
  if (lines.every(isShort)) return true;
  return /^[ \t]*\/\*(?:(?!\*\/)[\s\S])*\*\/[ \t\r]*$/.test(text.slice(first!.start, lines.at(-1)!.end));
}

function plainGroup(lines: readonly Line[]): Group {
  const [start, end] = [lines[0]!.start, lines.at(-1)!.end];
  return { start, end, bodyStart: start, bodyEnd: end, lines, isRegion: false };
}

function regionGroup(lines: readonly Line[]): Group {
  const inner = lines.slice(1, -1);
  const [start, end] = [lines[0]!.start, lines.at(-1)!.end];
  const bodyStart = inner[0]?.start ?? end;
  return { start, end, bodyStart, bodyEnd: inner.at(-1)?.end ?? end, lines: inner, isRegion: true };
}

/** The line that ends the region which a line begins; undefined where it begins none, or none that ends. */
function endOfRegion(lines: readonly Line[], first: number, text: string): number | undefined {
  const is = (pattern: RegExp, { start, end, isInside }: Line) => !isInside && pattern.test(text.slice(start, end));
  if (!is(REGION, lines[first]!)) return undefined;
  for (let at = first + 1, depth = 1; at < lines.length; at++) {
    if (is(REGION, lines[at]!)) depth++;
    else if (is(END_REGION, lines[at]!) && --depth === 0) return at;
  }
  return undefined;
}

function linesOf(text: string): Line[] {
  const inside = [...statementsAndComments(text)];
  const lines: Line[] = [];
  let within = 0;
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length + 1 : newline + 1;
    const end = newline < 0 ? text.length : newline - (text[newline - 1] === '\r' && newline > start ? 1 : 0);
    while (within < inside.length && inside[within]!.end <= start) within++;
    const around = inside[within];
    lines.push({ start, end, isInside: around !== undefined && around.start < start });
    start = next;
  }
  return lines;
}

/** Where statements stand, and long comments between them, in order. */
function* statementsAndComments(text: string): Generator<Interval> {
  let at = 0;
  for (const { start, end } of splitStatements(text).statements) {
    yield* longComments(text, at, start);
    yield { start, end };
    at = end;
  }
  yield* longComments(text, at, text.length);
}

function* longComments(text: string, from: number, to: number): Generator<Interval> {
  const comment = /--[^\n]*|\/\*[\s\S]*?\*\//g;
  comment.lastIndex = from;
  for (let found = comment.exec(text); found !== null && found.index < to; found = comment.exec(text)) {
    if (found[0].startsWith('/*')) yield { start: found.index, end: found.index + found[0].length };
  }
}
