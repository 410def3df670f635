import { EvaluationError } from '../../types/evaluation-error.ts';

/** A piece of a pattern of java.time.format.DateTimeFormatter. */
export type DateToken =
  | { readonly kind: 'literal'; readonly text: string }
  | FieldToken
  | { readonly kind: 'optional'; readonly tokens: readonly DateToken[] };

export interface FieldToken {
  readonly kind: 'field';
  readonly letter: string;
  readonly count: number;
  /** The width that the letters `p` before it ask to fill up with blanks; 0 without. */
  readonly pad: number;
}

const DATE_LETTERS = 'GuyYDMLdQqwWEecFg';
const TIME_LETTERS = 'aBhKkHmsSAnN';
const ZONE_LETTERS = 'VzOXxZ';
/** How often a letter may stand in a row; 19 where it is not said. */
const MOST: Readonly<Record<string, number>> = {
  d: 2,
  h: 2,
  H: 2,
  k: 2,
  K: 2,
  m: 2,
  s: 2,
  D: 3,
  F: 1,
  W: 1,
  w: 2,
  a: 1,
  S: 9,
  E: 5,
  e: 5,
  c: 5,
  M: 5,
  L: 5,
  Q: 5,
  q: 5,
  G: 5,
  z: 4,
  X: 5,
  x: 5,
  Z: 5,
};

/** A letter as often as it is repeated, behind the letters `p` that pad it. */
const FIELD = /(p*)(([A-Za-oq-z])\3*)?/y;

/**
 * Cuts a pattern into its pieces.
 * @throws EvaluationError with the words of Java's own exceptions
 */
export function tokenize(pattern: string): readonly DateToken[] {
  const stack: DateToken[][] = [[]];
  for (let at = 0; at < pattern.length; ) {
    const letter = pattern[at]!;
    const tokens = stack[stack.length - 1]!;
    if (/[A-Za-z]/.test(letter)) {
      FIELD.lastIndex = at;
      const [whole, padding, run] = FIELD.exec(pattern)!;
      if (run === undefined)
        throw new EvaluationError(`Pad letter 'p' must be followed by valid pad pattern: ${pattern}`);
      checkField(run[0]!, run.length);
      tokens.push({ kind: 'field', letter: run[0]!, count: run.length, pad: padding!.length });
      at += whole.length;
    } else if (letter === "'") {
      const [text, end] = quotedText(pattern, at);
      tokens.push({ kind: 'literal', text });
      at = end;
    } else if (letter === '[') {
      stack.push([]);
      at++;
    } else if (letter === ']') {
      if (stack.length === 1) throw new EvaluationError('Pattern invalid as it contains ] without previous [');
      const inner = stack.pop()!;
      stack[stack.length - 1]!.push({ kind: 'optional', tokens: inner });
      at++;
    } else if ('{}#'.includes(letter)) {
      throw new EvaluationError(`Pattern includes reserved character: '${letter}'`);
    } else {
      tokens.push({ kind: 'literal', text: letter });
      at++;
    }
  }
  while (stack.length > 1) {
    const inner = stack.pop()!;
    stack[stack.length - 1]!.push({ kind: 'optional', tokens: inner });
  }
  return stack[0]!;
}

function checkField(letter: string, count: number): void {
  if (!(DATE_LETTERS + TIME_LETTERS + ZONE_LETTERS).includes(letter))
    throw new EvaluationError(`Unknown pattern letter: ${letter}`);
  if (count > (MOST[letter] ?? 19)) throw new EvaluationError(`Too many pattern letters: ${letter}`);
  if (letter === 'V' && count !== 2) throw new EvaluationError('Pattern letter count must be 2: V');
  if (letter === 'O' && count !== 1 && count !== 4) throw new EvaluationError('Pattern letter count must be 1 or 4: O');
  if (letter === 'B' && ![1, 4, 5].includes(count)) throw new EvaluationError('Wrong number of pattern letters: B');
  if (letter === 'c' && count === 2) throw new EvaluationError('Invalid pattern "cc"');
}

function quotedText(pattern: string, start: number): [string, number] {
  let text = '';
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") text += pattern[at];
    else if (pattern[at + 1] === "'") {
      text += "'";
      at++;
    } else return [text || "'", at + 1];
  }
  throw new EvaluationError(`Pattern ends with an incomplete string literal: ${pattern}`);
}

/** What a field is about. */
export function groupOf(letter: string): 'date' | 'time' | 'zone' {
  if (DATE_LETTERS.includes(letter)) return 'date';
  return TIME_LETTERS.includes(letter) ? 'time' : 'zone';
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
