import { EvaluationError } from '../types/evaluation-error.ts';
import { DAY_MS, daysFromCivil, daysInMonth, isLeapYear } from '../types/temporal-text.ts';
import { type DateToken, MONTHS, tokenize, WEEKDAYS } from './date-tokens.ts';
import { instantOf, parseOffset, type Zone, zoneInText } from './time-zone.ts';

/** What was read of a text, by pattern letter where the letter says which field it is. */
export interface ParsedFields {
  readonly values: ReadonlyMap<string, number>;
  readonly offsetMs?: number;
  readonly zone?: Zone;
}

class Mismatch extends Error {}

/**
 * Reads texts by a pattern of java.time's DateTimeFormatter, in English and whatever the case of letters.
 * @throws EvaluationError when the pattern is wrong; the function it gives throws one when the text does not fit
 */
export function dateReader(pattern: string): (text: string) => ParsedFields {
  const tokens = tokenize(pattern);
  return (text) => {
    const state = new ParseState(text);
    try {
      state.read(tokens, []);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      throw new EvaluationError(`Text '${text}' could not be parsed at index ${state.at}`);
    }
    if (state.at < text.length)
      throw new EvaluationError(`Text '${text}' could not be parsed, unparsed text found at index ${state.at}`);
    return state.result();
  };
}

const NUMERIC = 'uyYDMLdQqwWecFhKkHmsSAnN';
const isNumeric = (token: DateToken | undefined): token is Extract<DateToken, { kind: 'field' }> =>
  token?.kind === 'field' && NUMERIC.includes(token.letter) && !(token.count > 2 && 'MLQqec'.includes(token.letter));

/** Fixed number of digits of a field, where it has one. */
function fixedWidth({ letter, count }: { readonly letter: string; readonly count: number }): number | undefined {
  if (letter === 'S') return count;
  if (letter === 'u' || letter === 'y' || letter === 'Y') return count === 2 ? 2 : undefined;
  if ('DAnN'.includes(letter)) return letter === 'D' && count === 3 ? 3 : undefined;
  return count === 2 ? 2 : undefined;
}

class ParseState {
  at = 0;
  readonly #text: string;
  #values = new Map<string, number>();
  #offsetMs: number | undefined;
  #zone: Zone | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  result(): ParsedFields {
    return {
      values: this.#values,
      ...(this.#offsetMs === undefined ? {} : { offsetMs: this.#offsetMs }),
      ...(this.#zone === undefined ? {} : { zone: this.#zone }),
    };
  }

  read(tokens: readonly DateToken[], following: readonly DateToken[]): void {
    tokens.forEach((token, i) => {
      const rest = [...tokens.slice(i + 1), ...following];
      switch (token.kind) {
        case 'literal':
          if (this.#text.slice(this.at, this.at + token.text.length).toLowerCase() !== token.text.toLowerCase())
            throw new Mismatch();
          this.at += token.text.length;
          return;
        case 'optional':
          return this.#optional(token.tokens, rest);
        case 'field':
          return this.#field(token, rest);
        default:
          return token satisfies never;
      }
    });
  }

  #optional(tokens: readonly DateToken[], rest: readonly DateToken[]): void {
    const before = { at: this.at, values: new Map(this.#values), offsetMs: this.#offsetMs, zone: this.#zone };
    try {
      this.read(tokens, rest);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.at = before.at;
      this.#values = before.values;
      this.#offsetMs = before.offsetMs;
      this.#zone = before.zone;
    }
  }

  #field(token: Extract<DateToken, { kind: 'field' }>, rest: readonly DateToken[]): void {
    const { letter, count, pad } = token;
    if (pad > 0) while (this.#text[this.at] === ' ') this.at++;
    if (isNumeric(token)) return this.#number(letter, count, rest);
    switch (letter) {
      case 'M':
      case 'L':
        return this.#name(letter, MONTHS, count, 1);
      case 'E':
      case 'e':
      case 'c':
        return this.#name('E', WEEKDAYS, letter === 'E' && count < 4 ? 3 : count, 0);
      case 'a':
        return this.#choice('a', ['AM', 'PM']);
      case 'G':
        return this.#choice('G', count === 4 ? ['Before Christ', 'Anno Domini'] : ['BC', 'AD']);
      case 'Q':
      case 'q':
        return this.#choice(
          letter,
          count === 4 ? ['', '1st quarter', '2nd quarter', '3rd quarter', '4th quarter'] : ['', 'Q1', 'Q2', 'Q3', 'Q4'],
        );
      default:
        return this.#zoneField(letter, count);
    }
  }

  #number(letter: string, count: number, rest: readonly DateToken[]): void {
    const sign = /[+-]/.test(this.#text[this.at] ?? '') && 'uyY'.includes(letter) ? this.#text[this.at++]! : '';
    let end = this.at;
    while (end < this.#text.length && /[0-9]/.test(this.#text[end]!)) end++;
    const fixed = fixedWidth({ letter, count });
    let length = end - this.at;
    if (fixed !== undefined) {
      if (length < fixed) throw new Mismatch();
      length = fixed;
    } else {
      length = Math.min(letter === 'D' ? 3 : 19, length - reserved(rest));
      const least = 'uyY'.includes(letter) && count === 1 ? 1 : count;
      if (length < least) throw new Mismatch();
      // Without a sign a year has no more digits than its pattern (SignStyle.EXCEEDS_PAD).
      if ('uyY'.includes(letter) && count >= 4 && sign === '' && length > count) throw new Mismatch();
    }
    const digits = this.#text.slice(this.at, this.at + length);
    this.at += length;
    let value = Number(digits);
    if ('uyY'.includes(letter) && count === 2) value += 2000;
    if (letter === 'S') value = Number(digits.padEnd(9, '0'));
    this.#set(letter, sign === '-' ? -value : value);
  }

  #name(letter: string, names: readonly string[], count: number, base: number): void {
    const forms = names.map((name) => (count === 4 ? name : name.slice(0, 3)));
    const found = forms.findIndex(
      (form) => this.#text.slice(this.at, this.at + form.length).toLowerCase() === form.toLowerCase(),
    );
    if (found < 0) throw new Mismatch();
    this.at += forms[found]!.length;
    this.#set(letter, found + base);
  }

  #choice(letter: string, forms: readonly string[]): void {
    const found = forms.findIndex(
      (form) => form !== '' && this.#text.slice(this.at, this.at + form.length).toLowerCase() === form.toLowerCase(),
    );
    if (found < 0) throw new Mismatch();
    this.at += forms[found]!.length;
    this.#set(letter, found);
  }

  #zoneField(letter: string, count: number): void {
    const rest = this.#text.slice(this.at);
    if (letter === 'V' || letter === 'z') {
      const name = /^(?:[A-Za-z][A-Za-z0-9_/+:-]*|[+-]\d{1,2}(?::?\d{2}){0,2})/.exec(rest)?.[0];
      const zone = name === undefined ? undefined : zoneInText(name);
      if (name === undefined || zone === undefined) throw new Mismatch();
      this.at += name.length;
      this.#zone = zone;
      return;
    }
    const match = offsetPattern(letter, count).exec(rest);
    const offsetMs =
      match === null ? undefined : parseOffset(match[1] || (match[0].startsWith('GMT') ? 'Z' : match[0]));
    if (match === null || offsetMs === undefined) throw new Mismatch();
    this.at += match[0].length;
    this.#offsetMs = offsetMs;
  }

  #set(letter: string, value: number): void {
    const known = this.#values.get(letter);
    if (known !== undefined && known !== value) throw new Mismatch();
    this.#values.set(letter, value);
  }
}

function offsetPattern(letter: string, count: number): RegExp {
  if (letter === 'O' || (letter === 'Z' && count === 4)) return /^GMT([+-]\d{1,2}(?::?\d{2}){0,2})?/i;
  const zero = letter === 'X' || (letter === 'Z' && count === 5) ? '|Z' : '';
  const form = letter === 'Z' ? (count === 5 ? 5 : 2) : count;
  const body = ['', '\\d{2}(?:\\d{2})?', '\\d{4}', '\\d{2}:\\d{2}', '\\d{4}(?:\\d{2})?', '\\d{2}:\\d{2}(?::\\d{2})?'][
    form
  ]!;
  return new RegExp(`^([+-]${body}${zero})`, 'i');
}

/** The digits that the fields right behind a field of no fixed width need. */
function reserved(rest: readonly DateToken[]): number {
  let digits = 0;
  for (const token of rest) {
    const width = isNumeric(token) ? fixedWidth(token) : undefined;
    if (width === undefined) break;
    digits += width;
  }
  return digits;
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (value < low || value > high)
    throw new EvaluationError(`Invalid value for ${name} (valid values ${low} - ${high}): ${value}`);
  return value;
}

/** The day that fields stand for; missing ones are those of 1970-01-01 where `defaults`, else an error. */
export function resolveDate({ values }: ParsedFields, defaults: boolean): number {
  const year = resolveYear(values) ?? (defaults ? 1970 : undefined);
  const missing = () => new EvaluationError('Unable to obtain a date: the text does not say enough');
  if (year === undefined) throw missing();
  const dayOfYear = values.get('D');
  const month = values.get('M') ?? values.get('L');
  let days: number;
  if (dayOfYear !== undefined && month === undefined) {
    inRange('DayOfYear', dayOfYear, 1, 366);
    if (dayOfYear === 366 && !isLeapYear(year))
      throw new EvaluationError(`Invalid date 'DayOfYear 366' as '${year}' is not a leap year`);
    days = daysFromCivil(year, 1, 1) + dayOfYear - 1;
  } else {
    const day = values.get('d');
    if (!defaults && (month === undefined || day === undefined)) throw missing();
    const m = inRange('MonthOfYear', month ?? 1, 1, 12);
    // A day that the month does not have becomes its last one (ResolverStyle.SMART).
    days = daysFromCivil(year, m, Math.min(inRange('DayOfMonth', day ?? 1, 1, 31), daysInMonth(year, m)));
  }
  const weekday = values.get('E');
  if (weekday !== undefined && (((days + 4) % 7) + 7) % 7 !== weekday)
    throw new EvaluationError('Conflict found: the day of the week does not fit the date');
  return days;
}

function resolveYear(values: ReadonlyMap<string, number>): number | undefined {
  const proleptic = values.get('u');
  if (proleptic !== undefined) return proleptic;
  const ofEra = values.get('y') ?? values.get('Y');
  if (ofEra === undefined) return undefined;
  return values.get('G') === 0 ? 1 - ofEra : ofEra;
}

/** The time of day that fields stand for, in milliseconds. */
export function resolveTime({ values }: ParsedFields): number {
  const milliOfDay = values.get('A');
  if (milliOfDay !== undefined) return inRange('MilliOfDay', milliOfDay, 0, DAY_MS - 1);
  const nanoOfDay = values.get('N');
  if (nanoOfDay !== undefined) return Math.floor(nanoOfDay / 1_000_000);
  const half = values.get('a');
  const clock =
    values.get('h') === undefined ? values.get('K') : inRange('ClockHourOfAmPm', values.get('h')!, 1, 12) % 12;
  const hour24 = values.get('H') ?? (values.get('k') === undefined ? undefined : values.get('k')! % 24);
  const hour = inRange(
    'HourOfDay',
    hour24 ?? (clock !== undefined && half !== undefined ? clock + 12 * half : 0),
    0,
    23,
  );
  const minute = inRange('MinuteOfHour', values.get('m') ?? 0, 0, 59);
  const second = inRange('SecondOfMinute', values.get('s') ?? 0, 0, 59);
  const nano = values.get('S') ?? values.get('n') ?? 0;
  return ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(nano / 1_000_000);
}

/** The instant that fields stand for; a zone or offset in the text wins over the one given. */
export function resolveTimestamp(fields: ParsedFields, zone: Zone): number {
  const localMs = resolveDate(fields, true) * DAY_MS + resolveTime(fields);
  if (fields.offsetMs !== undefined) return localMs - fields.offsetMs;
  return instantOf(localMs, fields.zone ?? zone);
}
