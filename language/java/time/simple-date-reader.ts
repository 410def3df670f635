import { EvaluationError } from '../../types/evaluation-error.ts';
import { type CalendarField, lenientDays } from './lenient-calendar.ts';
import { MONTHS, WEEKDAYS } from './pattern-tokens.ts';

/** The fields of a date by the order in which they were set: of two that disagree, the later counts. */
type Fields = Map<CalendarField, number>;

/** Reads a piece of a text and gives where it ends; -1 where it does not fit. */
interface Piece {
  readonly isNumber: boolean;
  readonly width: number;
  readonly read: (text: string, at: number, maxWidth: number, fields: Fields, nowMs: () => number) => number;
}

/**
 * Reads a date by a pattern in the syntax of java.text.SimpleDateFormat, as PARSE_DATE does with the FastDateFormat of
 * commons-lang: numbers may overflow into the next field, what follows the match is not looked at, and the weekday is
 * not checked.
 *
 * @returns days since the epoch; the time now says which century a year of two digits is of.
 * @throws EvaluationError when the pattern is wrong, and its result when the text does not fit or has a time of day.
 */
export function simpleDateReader(pattern: string): (text: string, nowMs: () => number) => number {
  const pieces = compile(pattern);
  return (text, nowMs) => {
    const fields: Fields = new Map();
    let at = 0;
    pieces.forEach((piece, i) => {
      const maxWidth = piece.isNumber && pieces[i + 1]?.isNumber ? piece.width : 0;
      at = piece.read(text, at, maxWidth, fields, nowMs);
      if (at < 0) throw new EvaluationError(`Unparseable date: "${text}"`);
    });
    const { days, timeMs } = lenientDays(fields);
    if (timeMs !== 0) throw new EvaluationError('Date format contains time field.');
    return days;
  };
}

function compile(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; ) {
    const letter = pattern[at]!;
    let end = at;
    if (/[A-Za-z]/.test(letter)) {
      while (pattern[end] === letter) end++;
      pieces.push(fieldPiece(letter, end - at));
    } else {
      const [text, next] = literalAt(pattern, at);
      pieces.push(literal(text));
      end = next;
    }
    at = end;
  }
  return pieces;
}

/** Everything up to the next letter outside of quotes. */
function literalAt(pattern: string, start: number): [text: string, end: number] {
  let text = '';
  let quoted = false;
  let at = start;
  while (at < pattern.length && (quoted || !/[A-Za-z]/.test(pattern[at]!))) {
    if (pattern[at] === "'" && pattern[at + 1] !== "'") quoted = !quoted;
    else text += pattern[at];
    at += pattern[at] === "'" && pattern[at + 1] === "'" ? 2 : 1;
  }
  if (quoted) throw new EvaluationError('Unterminated quote');
  return [text, at];
}

const literal = (expected: string): Piece => ({
  isNumber: false,
  width: expected.length,
  read: (text, at) => (text.startsWith(expected, at) ? at + expected.length : -1),
});

const BLANK = /\s/;
const DIGITS = /\d+/y;

function number(
  width: number,
  field: CalendarField,
  modify: (value: number, nowMs: () => number) => number = (value) => value,
): Piece {
  return {
    isNumber: true,
    width,
    read: (text, from, maxWidth, fields, nowMs) => {
      let at = from;
      if (maxWidth === 0) while (BLANK.test(text[at] ?? '')) at++;
      DIGITS.lastIndex = at;
      const digits = DIGITS.exec(text)?.[0].slice(0, maxWidth || undefined) ?? '';
      if (digits === '' || Number(digits) > 0x7fffffff) return -1;
      set(fields, field, modify(Number(digits), nowMs));
      return at + digits.length;
    },
  };
}

function set(fields: Fields, field: CalendarField, value: number): void {
  fields.delete(field);
  fields.set(field, value);
}

/** One of several names, in the first of the forms that fits. */
function name(field: CalendarField, forms: readonly (readonly string[])[], firstValue: number): Piece {
  const lower = forms.map((names) => names.map((full) => full.toLowerCase()));
  return {
    isNumber: false,
    width: 0,
    read: (text, at, _, fields) => {
      const rest = text.slice(at, at + 20).toLowerCase();
      for (const names of lower) {
        const found = names.findIndex((full) => rest.startsWith(full));
        if (found < 0) continue;
        set(fields, field, found + firstValue);
        return at + names[found]!.length;
      }
      return -1;
    },
  };
}

const ERAS = [
  ['Before Christ', 'Anno Domini'],
  ['BC', 'AD'],
  ['B', 'A'],
];
const HALVES = [
  ['AM', 'PM'],
  ['A', 'P'],
];
/** Names in full, and their first three letters. */
const withShort = (names: readonly string[]) => [names, names.map((full) => full.slice(0, 3))];

/** An offset from UTC that a pattern finds; its groups are the sign, the hours and the minutes. */
function offset(pattern: RegExp): Piece {
  return {
    isNumber: false,
    width: 0,
    read: (text, at, _, fields) => {
      const match = pattern.exec(text.slice(at));
      if (match === null) return -1;
      const [found, sign, hours = '0', minutes = '0'] = match;
      set(fields, 'offsetMs', (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000);
      return at + found.length;
    },
  };
}

const ISO_OFFSETS = [/^(?:Z|([+-])(\d\d))/, /^(?:Z|([+-])(\d\d)(\d\d))/, /^(?:Z|([+-])(\d\d):(\d\d))/];

/** Two digits mean the year that is less than 80 years ago, or at most 19 ahead. */
function fullYear(year: number, nowMs: () => number): number {
  if (year >= 100) return year;
  const first = new Date(nowMs()).getUTCFullYear() - 80;
  const century = first - (first % 100);
  return century + year + (year >= first % 100 ? 0 : 100);
}

function fieldPiece(letter: string, width: number): Piece {
  switch (letter) {
    case 'y':
    case 'Y':
      return width > 2 ? number(width, 'year') : number(width, 'year', fullYear);
    case 'M':
    case 'L':
      return width >= 3 ? name('month', withShort(MONTHS), 1) : number(width, 'month');
    case 'd':
      return number(width, 'day');
    case 'D':
      return number(width, 'dayOfYear');
    case 'w':
      return number(width, 'week');
    case 'W':
      return number(width, 'weekOfMonth');
    case 'F':
      return number(width, 'weekdayInMonth');
    case 'u':
      return number(width, 'weekday');
    case 'E':
      return name('weekday', withShort(WEEKDAYS), 1);
    case 'G':
      return name('era', ERAS, 0);
    case 'a':
      return name('amPm', HALVES, 0);
    case 'H':
      return number(width, 'hour');
    case 'k':
      return number(width, 'hour', (hour) => (hour === 24 ? 0 : hour));
    case 'K':
      return number(width, 'hourOfHalf');
    case 'h':
      return number(width, 'hourOfHalf', (hour) => (hour === 12 ? 0 : hour));
    case 'm':
      return number(width, 'minute');
    case 's':
      return number(width, 'second');
    case 'S':
      return number(width, 'milli');
    case 'X':
      if (width > 3) break;
      return offset(ISO_OFFSETS[width - 1]!);
    case 'Z':
    case 'z':
      if (letter === 'Z' && width === 2) return offset(ISO_OFFSETS[2]!);
      return offset(/^(?:(?=[+-]\d{4}|GMT[+-]\d{1,2}:)(?:GMT)?([+-])(\d\d?):?(\d\d)|GMT|UTC)/i);
    default:
  }
  throw new EvaluationError(`Format '${letter.repeat(width)}' not supported`);
}
