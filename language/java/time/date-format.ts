import { EvaluationError } from '../../types/evaluation-error.ts';
import { civilFromDays, daysFromCivil } from '../../types/temporal-text.ts';
import { DAY_MS } from '../../types/time-units.ts';
import { EPOCH_MODIFIED_JULIAN_DAY } from './date-fields.ts';
import { localizedOffset, type OffsetForm, offsetText } from './offset-text.ts';
import { type DateToken, groupOf, MONTHS, tokenize, WEEKDAYS } from './pattern-tokens.ts';
import type { Zone } from './time-zone.ts';
import { weekBased, weekday, weekOfMonth } from './us-weeks.ts';

/** A point in time taken apart. */
interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly days: number;
  readonly timeMs: number;
  readonly utcMs: number;
  readonly zone: Zone;
}

type Piece = (fields: Fields) => string;

/** What a pattern may speak of: a DATE has no time, a TIME no date, and neither has a zone. */
export type Extent = 'date' | 'time' | 'timestamp';

const NOT_SUPPORTED: Readonly<Record<string, string>> = { date: 'a date', time: 'a time of day', zone: 'a time zone' };

/**
 * Formats milliseconds (of a DATE, TIME or TIMESTAMP) by a pattern of java.time's DateTimeFormatter, in English.
 * @throws EvaluationError when the pattern is wrong or asks for what there is not
 */
export function dateFormatter(pattern: string, extent: Extent, zone: Zone): (ms: number) => string {
  const pieces = compile(tokenize(pattern), extent);
  return (ms) => {
    const localMs = ms + (extent === 'timestamp' ? zone.offsetAt(ms) : 0);
    const days = Math.floor(localMs / DAY_MS);
    const fields: Fields = { ...civilFromDays(days), days, timeMs: localMs - days * DAY_MS, utcMs: ms, zone };
    let text = '';
    for (const piece of pieces) text += piece(fields);
    return text;
  };
}

function compile(tokens: readonly DateToken[], extent: Extent): readonly Piece[] {
  return tokens.map((token): Piece => {
    switch (token.kind) {
      case 'literal':
        return () => token.text;
      case 'optional': {
        // A part that asks for what there is not is left out.
        try {
          const pieces = compile(token.tokens, extent);
          return (fields) => pieces.map((piece) => piece(fields)).join('');
        } catch {
          return () => '';
        }
      }
      case 'field': {
        const group = groupOf(token.letter);
        if (extent !== 'timestamp' && group !== extent) {
          throw new EvaluationError(
            `Unsupported field: the pattern letter ${token.letter} asks for ${NOT_SUPPORTED[group]}`,
          );
        }
        const piece = fieldPiece(token.letter, token.count);
        return token.pad === 0 ? piece : padded(piece, token.pad);
      }
      default:
        return token satisfies never;
    }
  });
}

function padded(piece: Piece, width: number): Piece {
  return (fields) => {
    const text = piece(fields);
    if (text.length > width)
      throw new EvaluationError(`Cannot print as output of ${text.length} characters exceeds pad width of ${width}`);
    return text.padStart(width);
  };
}

const pad = (value: number, width: number): string =>
  value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0');

/** Years of more digits than the pattern gets a plus sign (SignStyle.EXCEEDS_PAD). */
function yearText(year: number, count: number): string {
  if (count === 2) return pad(Math.abs(year) % 100, 2);
  if (count < 4) return pad(year, count);
  return year >= 10 ** count ? `+${year}` : pad(year, count);
}

function fieldPiece(letter: string, count: number): Piece {
  return yearPiece(letter, count) ?? datePiece(letter, count) ?? zonePiece(letter, count) ?? timePiece(letter, count);
}

function yearPiece(letter: string, count: number): Piece | undefined {
  switch (letter) {
    case 'u':
      return ({ year }) => yearText(year, count);
    case 'y':
      return ({ year }) => yearText(year > 0 ? year : 1 - year, count);
    case 'Y':
      return ({ year, days }) => yearText(weekBased(year, days).year, count);
    case 'G': {
      const [before, since] = count === 4 ? ['Before Christ', 'Anno Domini'] : count === 5 ? ['B', 'A'] : ['BC', 'AD'];
      return ({ year }) => (year > 0 ? since : before);
    }
    default:
      return undefined;
  }
}

function datePiece(letter: string, count: number): Piece | undefined {
  const number =
    (of: (fields: Fields) => number): Piece =>
    (fields) =>
      pad(of(fields), count);
  switch (letter) {
    case 'M':
    case 'L':
      return count < 3 ? number(({ month }) => month) : ({ month }) => named(MONTHS[month - 1]!, count);
    case 'd':
      return number(({ day }) => day);
    case 'D':
      return number(({ year, days }) => days - daysFromCivil(year, 1, 1) + 1);
    case 'Q':
    case 'q':
      return quarterPiece(count);
    case 'w':
      return number(({ year, days }) => weekBased(year, days).week);
    case 'W':
      return number(({ day, days }) => weekOfMonth(day, days));
    case 'F':
      return number(({ day }) => ((day - 1) % 7) + 1);
    case 'g':
      return number(({ days }) => days + EPOCH_MODIFIED_JULIAN_DAY);
    case 'E':
      return ({ days }) => named(WEEKDAYS[weekday(days)]!, count);
    case 'e':
    case 'c':
      return count < 3
        ? number(({ days }) => ((weekday(days) + 1) % 7) + 1)
        : ({ days }) => named(WEEKDAYS[weekday(days)]!, count);
    default:
      return undefined;
  }
}

function zonePiece(letter: string, count: number): Piece | undefined {
  switch (letter) {
    case 'V':
      return ({ zone }) => zone.id;
    case 'z':
      return ({ zone, utcMs }) => zone.nameAt(utcMs, count === 4);
    case 'O':
      return ({ zone, utcMs }) => localizedOffset(zone.offsetAt(utcMs), count === 4);
    case 'X':
    case 'x':
    case 'Z':
      return offsetPiece(letter, count);
    default:
      return undefined;
  }
}

function quarterPiece(count: number): Piece {
  const quarter = ({ month }: Fields) => Math.floor((month - 1) / 3) + 1;
  if (count < 3) return (fields) => pad(quarter(fields), count);
  if (count === 3) return (fields) => `Q${quarter(fields)}`;
  return (fields) =>
    count === 5 ? String(quarter(fields)) : `${['1st', '2nd', '3rd', '4th'][quarter(fields) - 1]} quarter`;
}

function timePiece(letter: string, count: number): Piece {
  const hour = (timeMs: number) => Math.floor(timeMs / 3_600_000);
  switch (letter) {
    case 'a':
      return ({ timeMs }) => (timeMs < DAY_MS / 2 ? 'AM' : 'PM');
    case 'H':
      return ({ timeMs }) => pad(hour(timeMs), count);
    case 'k':
      return ({ timeMs }) => pad(hour(timeMs) || 24, count);
    case 'K':
      return ({ timeMs }) => pad(hour(timeMs) % 12, count);
    case 'h':
      return ({ timeMs }) => pad(hour(timeMs) % 12 || 12, count);
    case 'm':
      return ({ timeMs }) => pad(Math.floor(timeMs / 60_000) % 60, count);
    case 's':
      return ({ timeMs }) => pad(Math.floor(timeMs / 1000) % 60, count);
    case 'B':
      return ({ timeMs }) => periodOfDay(timeMs, count === 5);
    case 'S':
      return ({ timeMs }) => `${pad(timeMs % 1000, 3)}000000`.slice(0, count);
    case 'A':
      return ({ timeMs }) => pad(timeMs, count);
    case 'n':
      return ({ timeMs }) => pad((timeMs % 1000) * 1_000_000, count);
    case 'N':
      return ({ timeMs }) => pad(timeMs * 1_000_000, count);
    default:
      throw new EvaluationError(`Unknown pattern letter: ${letter}`);
  }
}

function periodOfDay(timeMs: number, isNarrow: boolean): string {
  const minute = Math.floor(timeMs / 60_000);
  if (minute === 0) return isNarrow ? 'mi' : 'midnight';
  if (minute === 12 * 60) return isNarrow ? 'n' : 'noon';
  const hour = Math.floor(minute / 60);
  if (hour < 6 || hour >= 21) return 'at night';
  return hour < 12 ? 'in the morning' : hour < 18 ? 'in the afternoon' : 'in the evening';
}

const named = (name: string, count: number): string => (count === 4 ? name : count === 5 ? name[0]! : name.slice(0, 3));

function offsetPiece(letter: string, count: number): Piece {
  if (letter === 'Z' && count === 4) return ({ zone, utcMs }) => localizedOffset(zone.offsetAt(utcMs), true);
  const zero = letter === 'X' || (letter === 'Z' && count === 5) ? 'Z' : undefined;
  const form = (letter === 'Z' ? (count === 5 ? 5 : 2) : count) as OffsetForm;
  return ({ zone, utcMs }) => {
    const offsetMs = zone.offsetAt(utcMs);
    return offsetMs === 0 && zero !== undefined ? zero : offsetText(offsetMs, form);
  };
}
