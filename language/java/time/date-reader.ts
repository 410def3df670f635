import { EvaluationError } from '../../types/evaluation-error.ts';
import { FIELD, FIELD_OF_LETTER, type Field, type FieldValues } from './date-fields.ts';
import { type DateToken, type FieldToken, MONTHS, tokenize, WEEKDAYS } from './pattern-tokens.ts';
import type { Reader, ReadState } from './piece-reader.ts';
import { readOffset, readZone } from './read-zone.ts';
import type { Zone } from './time-zone.ts';

/** What was read of a text. */
export interface ParsedFields {
  readonly values: FieldValues;
  readonly offsetMs: number | undefined;
  readonly zone: Zone | undefined;
}

/**
 * Whose names a text has: English ones, or those of Java's Locale.ROOT, which has no long names (`MMMM` is `Jun`),
 * counts where English has letters (`MMMMM` is `6`), and calls eras CE and BCE.
 */
export type NameLocale = 'english' | 'root';

/**
 * Reads texts by a pattern of java.time's DateTimeFormatter, whatever the case of letters.
 * @throws EvaluationError when the pattern is wrong; the function it gives throws one when the text does not fit
 */
export function dateReader(pattern: string, locale: NameLocale = 'english'): (text: string) => ParsedFields {
  const read = sequence(compile(tokenize(pattern), locale));
  return (text) => {
    const state: ReadState = { text, values: [], offsetMs: undefined, zone: undefined };
    const end = read(state, 0);
    if (end < 0) throw new EvaluationError(`Text '${text}' could not be parsed at index ${-1 - end}`);
    if (end < text.length)
      throw new EvaluationError(`Text '${text}' could not be parsed, unparsed text found at index ${end}`);
    return state;
  };
}

const sequence =
  (readers: readonly Reader[]): Reader =>
  (state, start) => {
    let at = start;
    for (let i = 0; i < readers.length && at >= 0; i++) at = readers[i]!(state, at);
    return at;
  };

function optional(read: Reader): Reader {
  return (state, at) => {
    const { values, offsetMs, zone } = state;
    state.values = [...values];
    const end = read(state, at);
    if (end >= 0) return end;
    Object.assign(state, { values, offsetMs, zone });
    return at;
  };
}

/** A number to read: how wide it may be, and what its sign may be, as DateTimeFormatterBuilder.appendValue has it. */
interface NumberForm {
  readonly field: Field;
  readonly least: number;
  readonly most: number;
  /** `exceeds`: a plus sign where there are more digits than `least`, and only there. */
  readonly sign: 'none' | 'minus' | 'exceeds';
  /** What two digits count from, or what the digits after the decimal point count. */
  readonly meaning?: 'century' | 'fraction';
}

const MAX_DIGITS = 19;

function numberForm({ letter, count }: FieldToken): NumberForm | undefined {
  const field = FIELD_OF_LETTER[letter];
  if (field === undefined) return undefined;
  const fixed = { field, least: count, most: count, sign: 'none' } as const;
  const free = { field, least: 1, most: MAX_DIGITS, sign: 'minus' } as const;
  switch (letter) {
    case 'u':
    case 'y':
    case 'Y':
      if (count === 2) return { ...fixed, meaning: 'century' };
      return { field, least: count, most: MAX_DIGITS, sign: count < 4 ? 'minus' : 'exceeds' };
    case 'M':
    case 'L':
    case 'Q':
    case 'q':
      return count === 1 ? free : count === 2 ? fixed : undefined;
    case 'e':
    case 'c':
      return count > 2 ? undefined : fixed;
    case 'W':
      return fixed;
    case 'w':
      return { ...fixed, most: 2 };
    case 'E':
    case 'G':
    case 'a':
      return undefined;
    case 'S':
      return { ...fixed, meaning: 'fraction' };
    case 'D':
      return count === 1 ? free : { ...fixed, most: 3 };
    case 'A':
    case 'n':
    case 'N':
      return { ...fixed, most: MAX_DIGITS };
    case 'g':
      return { ...free, least: count };
    default:
      return count === 1 ? free : fixed;
  }
}

function compile(tokens: readonly DateToken[], locale: NameLocale): readonly Reader[] {
  return tokens.map((token, i) => {
    switch (token.kind) {
      case 'literal':
        return literal(token.text);
      case 'optional':
        return optional(sequence(compile(token.tokens, locale)));
      case 'field': {
        const form = numberForm(token);
        const read = form === undefined ? nameReader(token, locale) : numberReader(form, reserved(tokens, i + 1));
        return token.pad === 0 ? read : padded(token.pad, read);
      }
      default:
        return token satisfies never;
    }
  });
}

/** The digits that fields of fixed width right behind a number need: it leaves them (adjacent value parsing). */
function reserved(tokens: readonly DateToken[], from: number): number {
  let digits = 0;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i]!;
    const form = token.kind === 'field' && token.pad === 0 ? numberForm(token) : undefined;
    if (form === undefined || form.least !== form.most || form.sign !== 'none') break;
    digits += form.most;
  }
  return digits;
}

function literal(expected: string): Reader {
  const lower = expected.toLowerCase();
  const { length } = expected;
  return ({ text }, at) => {
    if (text.startsWith(expected, at)) return at + length;
    return text.slice(at, at + length).toLowerCase() === lower ? at + length : -1 - at;
  };
}

/** A field filled up with blanks to a width. */
function padded(width: number, read: Reader): Reader {
  return (state, at) => {
    const end = at + width;
    if (end > state.text.length) return -1 - at;
    let start = at;
    while (start < end && state.text[start] === ' ') start++;
    const inner = { ...state, text: state.text.slice(0, end) };
    const result = read(inner, start);
    if (result !== end) return -1 - start;
    Object.assign(state, { ...inner, text: state.text });
    return end;
  };
}

function numberReader(form: NumberForm, subsequent: number): Reader {
  const { field, least, most, sign, meaning } = form;
  const isFixed = least === most && sign === 'none';
  return (state, at) => {
    const { text } = state;
    const first = text.charCodeAt(at);
    const negative = first === 0x2d && sign !== 'none';
    const positive = first === 0x2b && sign === 'exceeds';
    const start = negative || positive ? at + 1 : at;
    const longest = Math.min(text.length, start + most + (isFixed ? 0 : subsequent));
    let end = start;
    while (end < longest && isDigit(text.charCodeAt(end))) end++;
    if (end - start < least) return -1 - at;
    if (!isFixed && subsequent > 0) end = start + Math.max(least, end - start - subsequent);
    const width = end - start;
    const digits = Number(text.slice(start, end));
    if (negative && digits === 0) return -1 - at;
    if (sign === 'exceeds' && !negative && width > least !== positive) return -1 - at;
    return set(state, field, meaningOf(negative ? -digits : digits, width, meaning), at, end);
  };
}

function meaningOf(value: number, width: number, meaning: NumberForm['meaning']): number {
  if (meaning === undefined) return value;
  return meaning === 'century' ? value + 2000 : value * 10 ** (9 - width);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

function set(state: ReadState, field: Field, value: number, at: number, end: number): number {
  const known = state.values[field];
  if (known !== undefined && known !== value) return -1 - at;
  state.values[field] = value;
  return end;
}

/** Names as so many letters of a pattern ask for: in full, their first letter, or the first three. */
const names = (full: readonly string[], count: number) =>
  count === 4 ? full : full.map((name) => name.slice(0, count === 5 ? 1 : 3));

function nameReader({ letter, count }: FieldToken, locale: NameLocale): Reader {
  if (locale === 'root') {
    if (/^(?:M{5}|L{5}|qqq|q{5})$/.test(letter.repeat(count)))
      return numberReader({ field: FIELD_OF_LETTER[letter]!, least: 1, most: MAX_DIGITS, sign: 'minus' }, 0);
    if (letter === 'G' && count > 3) return choice(FIELD.era, ['BCE', 'CE'], 0);
    if (count === 4 && 'MLEecQq'.includes(letter))
      return nameReader({ kind: 'field', letter, count: 3, pad: 0 }, 'english');
  }
  switch (letter) {
    case 'M':
    case 'L':
      return choice(FIELD.month, names(MONTHS, count), 1);
    case 'E':
    case 'e':
    case 'c':
      return choice(FIELD.weekday, names(WEEKDAYS, count), 1);
    case 'Q':
    case 'q':
      return choice(FIELD.quarter, count === 3 ? ['Q1', 'Q2', 'Q3', 'Q4'] : names(QUARTERS, count), 1);
    case 'G':
      return choice(
        FIELD.era,
        count === 4 ? ['Before Christ', 'Anno Domini'] : count === 5 ? ['B', 'A'] : ['BC', 'AD'],
        0,
      );
    case 'a':
      return choice(FIELD.amPm, ['AM', 'PM'], 0);
    case 'B':
      throw new EvaluationError('No text can be read by the pattern letter B');
    case 'V':
    case 'z':
      return readZone(letter === 'z' && count < 4);
    default:
      return readOffset(letter, count);
  }
}

const QUARTERS = ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter'];

/** One of several texts; of equal ones the last, which is how Java reads narrow names. */
function choice(field: Field, texts: readonly string[], firstValue: number): Reader {
  const lower = texts.map((text) => text.toLowerCase());
  const longest = Math.max(...texts.map((text) => text.length));
  return (state, at) => {
    const rest = state.text.slice(at, at + longest).toLowerCase();
    const found = lower.findLastIndex((text) => rest.startsWith(text));
    return found < 0 ? -1 - at : set(state, field, found + firstValue, at, at + texts[found]!.length);
  };
}
