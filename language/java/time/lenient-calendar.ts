import { daysFromCivil, GREGORIAN_START } from '../../types/temporal-text.ts';
import { DAY_MS } from '../../types/time-units.ts';
import { weekDays, weekday } from './us-weeks.ts';

export type CalendarField =
  /** 0 is before Christ. */
  | 'era'
  | 'year'
  /** 1 to 12. */
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'week'
  | 'weekOfMonth'
  /** Which of the month's Mondays, Tuesdays and so on it is. */
  | 'weekdayInMonth'
  /** 1 is Monday. */
  | 'weekday'
  | 'amPm'
  | 'hour'
  | 'hourOfHalf'
  | 'minute'
  | 'second'
  | 'milli'
  | 'offsetMs';

const CUTOVER_YEAR = 1582;

/**
 * The instant of fields in the order in which they were set, as Java's GregorianCalendar reckons in its lenient mode:
 * what is out of its range runs over into the next field, missing ones are those of the epoch, and dates before 15
 * October 1582 are Julian.
 *
 * @returns days since the epoch and the milliseconds of the day beyond them.
 */
export function lenientDays(fields: ReadonlyMap<CalendarField, number>): {
  readonly days: number;
  readonly timeMs: number;
} {
  const timeMs = timeOfDay(fields) - (fields.get('offsetMs') ?? 0);
  const overflow = Math.floor(timeMs / DAY_MS);
  return { days: dayOf(fields) + overflow, timeMs: timeMs - overflow * DAY_MS };
}

function dayOf(fields: ReadonlyMap<CalendarField, number>): number {
  const given = fields.get('year') ?? 1970;
  const year = fields.get('era') === 0 ? 1 - given : given;
  const month = (fields.get('month') ?? 1) - 1;
  const best = wayToDay(fields);
  const inCalendar = (firstOf: (year: number, month: number) => number): number => {
    if (best === 'dayOfYear') return firstOf(year, 1) + fields.get('dayOfYear')! - 1;
    if (best === 'week') return weekDays(firstOf(year, 1), fields.get('week')!, fields.get('weekday') ?? 7);
    const first = firstOf(year + Math.floor(month / 12), (((month % 12) + 12) % 12) + 1);
    const asked = fields.get('weekday');
    if (best === 'weekOfMonth') return weekDays(first, fields.get('weekOfMonth')!, asked ?? 7);
    if (best === 'weekdayInMonth' || (best === undefined && asked !== undefined)) {
      const afterFirst = ((((asked ?? 7) - 1 - weekday(first)) % 7) + 7) % 7;
      return first + afterFirst + ((fields.get('weekdayInMonth') ?? 1) - 1) * 7;
    }
    return first + (fields.get('day') ?? 1) - 1;
  };
  const gregorian = inCalendar((of, first) => daysFromCivil(of, first, 1));
  const isGregorian =
    year >= CUTOVER_YEAR && gregorian >= GREGORIAN_START && !(year === CUTOVER_YEAR && best === 'dayOfYear');
  return isGregorian ? gregorian : inCalendar(julianMonth);
}

/** The ways to say which day it is that need a weekday to count beside others. */
const WEEKS: readonly CalendarField[] = ['weekOfMonth', 'weekdayInMonth', 'week'];

/** Of the ways to say which day it is, the one that was set last. */
function wayToDay(fields: ReadonlyMap<CalendarField, number>): CalendarField | undefined {
  const lastOf = (...ways: CalendarField[]) => [...fields.keys()].findLast((field) => ways.includes(field));
  const week = WEEKS.find((field) => fields.has(field));
  if (week === undefined || !fields.has('weekday')) return lastOf('day', 'dayOfYear') ?? lastOf(...WEEKS);
  const best = lastOf('day', 'dayOfYear', 'weekday', ...WEEKS);
  return best === 'weekday' ? week : best;
}

/**
 * The first day of a month in the Julian calendar, in which every fourth year is a leap year, as days since the epoch.
 */
function julianMonth(year: number, month: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5);
  return y * 365 + Math.floor(y / 4) + dayOfYear - 719_470;
}

function timeOfDay(fields: ReadonlyMap<CalendarField, number>): number {
  const { hourOfHalf, amPm, hour: hourOfDay } = Object.fromEntries(fields);
  const order = [...fields.keys()];
  const isHalfLater =
    hourOfHalf !== undefined &&
    amPm !== undefined &&
    Math.max(order.indexOf('hourOfHalf'), order.indexOf('amPm')) > order.indexOf('hour');
  const hour = hourOfDay === undefined || isHalfLater ? (hourOfHalf ?? 0) + 12 * (amPm ?? 0) : hourOfDay;
  const minutes = hour * 60 + (fields.get('minute') ?? 0);
  return (minutes * 60 + (fields.get('second') ?? 0)) * 1000 + (fields.get('milli') ?? 0);
}
