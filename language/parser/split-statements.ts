import { STATEMENT_VERBS } from './verbs.ts';
/** A statement's place in a script. */
export interface StatementSlice {
  /** First character after blanks and comments. */
  readonly start: number;
  /** After the semicolon, or the end of the text where it is missing. */
  readonly end: number;
  readonly terminated: boolean;
  /** `--@name: text` comments before the statement. */
  readonly directives: readonly Directive[];
  /** It ends where it does because no quote follows that would close one in it. */
  readonly dependsOnRest?: true;
}

/** A comment that speaks to the test runner. */
export interface Directive {
  readonly name: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface SplitScript {
  readonly text: string;
  readonly statements: readonly StatementSlice[];
  /** Directives after the last statement. */
  readonly trailing: readonly Directive[];
}

/**
 * Cuts a script into its statements: at semicolons that stand in no string, quoted name or comment. It never fails. An
 * unclosed string or quoted name ends at the next line that begins a statement, so that one forgotten quote costs one
 * statement and not the rest of the file. A comment without an end is a statement, because it is wrong.
 *
 * @param before another text with its statements: what the two have in common at both ends is not looked at again
 */
export function splitStatements(text: string, before?: SplitScript): SplitScript {
  if (before === undefined) return scan(text, [], () => undefined);
  const kept = statementsKept(before, commonStart(text, before.text));
  const moved = text.length - before.text.length;
  const lastDifference = text.length - commonEnd(text, before.text);
  const ends = new Map<number, number>();
  for (let i = before.statements.length - 1; i >= kept; i--) {
    const { end, terminated } = before.statements[i]!;
    if (end + moved < lastDifference) break;
    if (terminated) ends.set(end + moved, i + 1);
  }
  return scan(text, before.statements.slice(0, kept), (end) => {
    const next = ends.get(end);
    if (next === undefined) return undefined;
    const { statements, trailing } = before;
    if (moved === 0) return { statements: statements.slice(next), trailing };
    const move = <T extends Pick<Directive, 'start' | 'end'>>(place: T): T => ({
      ...place,
      start: place.start + moved,
      end: place.end + moved,
    });
    const moveSlice = (slice: StatementSlice): StatementSlice => {
      const { directives } = slice;
      return { ...move(slice), directives: directives.length === 0 ? directives : directives.map(move) };
    };
    return { statements: statements.slice(next).map(moveSlice), trailing: trailing.map(move) };
  });
}

/** How many of the first statements end within a beginning that two texts share, whatever follows it. */
function statementsKept({ statements }: SplitScript, shared: number): number {
  const first = statements.findIndex(
    ({ end, terminated, dependsOnRest }) => end > shared || !terminated || dependsOnRest === true,
  );
  return first < 0 ? statements.length : first;
}

/** So many characters are compared at once, which costs far less than one after the other. */
const BLOCK = 1_024;

function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at + BLOCK <= most && a.slice(at, at + BLOCK) === b.slice(at, at + BLOCK)) at += BLOCK;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

function commonEnd(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  const block = (text: string, length: number) => text.slice(text.length - length - BLOCK, text.length - length);
  let length = 0;
  while (length + BLOCK <= most && block(a, length) === block(b, length)) length += BLOCK;
  while (length < most && a.charCodeAt(a.length - length - 1) === b.charCodeAt(b.length - length - 1)) length++;
  return length;
}

/**
 * Cuts the text behind the statements that are known.
 *
 * @param restAfter what follows the end of a statement, where that is known
 */
function scan(
  text: string,
  statements: StatementSlice[],
  restAfter: (end: number) => Pick<SplitScript, 'statements' | 'trailing'> | undefined,
): SplitScript {
  let directives: Directive[] = [];
  let start = -1;
  let at = statements.at(-1)?.end ?? 0;
  // Where a closed string began that may be closed by the opening quote of the next one.
  let suspect = -1;
  let dependsOnRest = false;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === SPACE || code === NEWLINE || code === RETURN || code === TAB) {
      at++;
    } else if (code === DASH && text.charCodeAt(at + 1) === DASH) {
      const end = endOfLine(text, at);
      // The lexer of ksqlDB wants a character behind the dashes.
      if (end === at + 2 && end === text.length && start < 0) start = at;
      const directive = readDirective(text, at, end);
      if (directive !== undefined && start < 0) directives.push(directive);
      at = end;
    } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const close = text.indexOf('*/', at + 2);
      if (close < 0 && start < 0) start = at;
      at = close < 0 ? text.length : close + 2;
    } else {
      if (start < 0) start = at;
      if (code === QUOTE || code === DOUBLE_QUOTE || code === BACK_QUOTE) {
        const end = endOfQuoted(text, at, code);
        if (end >= 0 && suspect < 0 && SWALLOWED_STATEMENT.test(text.slice(at, end))) suspect = at;
        at = end < 0 ? recover(text, suspect < 0 ? at : suspect) : end;
        if (end < 0) suspect = -1;
        dependsOnRest ||= end < 0;
      } else if (code === SEMICOLON) {
        at++;
        statements.push({ start, end: at, terminated: true, directives, ...(dependsOnRest && { dependsOnRest }) });
        const rest = restAfter(at);
        if (rest !== undefined)
          return { text, statements: statements.concat(rest.statements), trailing: rest.trailing };
        directives = [];
        start = -1;
        suspect = -1;
        dependsOnRest = false;
      } else {
        at++;
      }
    }
  }
  if (start >= 0) {
    statements.push({ start, end: endOfText(text), terminated: false, directives });
    directives = [];
  }
  return { text, statements, trailing: directives };
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const QUOTE = 39;
const STAR = 42;
const DASH = 45;
const SLASH = 47;
const SEMICOLON = 59;
const BACK_QUOTE = 96;

/** The place after the last character that is no blank; of blanks, the lexer knows just these. */
function endOfText(text: string): number {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text[end - 1]!)) end--;
  return end;
}

function endOfLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline;
}

/**
 * The place after a string or quoted name, -1 where it does not end; a doubled quote stands for itself and does not end
 * it.
 */
function endOfQuoted(text: string, start: number, quote: number): number {
  const mark = String.fromCharCode(quote);
  let at = start + 1;
  for (;;) {
    const close = text.indexOf(mark, at);
    if (close < 0) return -1;
    if (text.charCodeAt(close + 1) !== quote) return close + 1;
    at = close + 2;
  }
}

/** A string with the end of a statement and the beginning of another in it. */
const SWALLOWED_STATEMENT = new RegExp(`;[ \\t]*\\r?\\n\\s*(?:${STATEMENT_VERBS.join('|')})\\b`, 'i');
const STATEMENT_START = new RegExp(`\\n(?=[ \\t]*(?:${STATEMENT_VERBS.join('|')})\\b)`, 'gi');

/** Where an unclosed quote is taken to end: before the next line that begins like a statement. */
function recover(text: string, start: number): number {
  STATEMENT_START.lastIndex = start;
  const next = STATEMENT_START.exec(text);
  if (next === null) return text.length;
  const semicolon = text.lastIndexOf(';', next.index);
  return semicolon > start ? semicolon : next.index;
}

function readDirective(text: string, start: number, end: number): Directive | undefined {
  const match = /^--@([A-Za-z.]+):\s*(.*)$/.exec(text.slice(start, end).trimEnd());
  return match === null ? undefined : { name: match[1]!, text: match[2]!, start, end };
}
