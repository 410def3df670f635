import { EvaluationError } from '../../types/evaluation-error.ts';
import { civilFromDays, daysFromCivil, daysInMonth, isLeapYear } from '../../types/temporal-text.ts';
import { DAY_MS } from '../../types/time-units.ts';
import { EPOCH_MODIFIED_JULIAN_DAY, FIELD, type FieldValues, inRange } from './date-fields.ts';
import type { ParsedFields } from './date-reader.ts';
import { resolveTimeOfDay, type TimeOfDay } from './time-resolution.ts';
import { instantOf, offsetZone, type Zone } from './time-zone.ts';
import { weekBased, weekDays, weekday, weekOfMonth, weeksIn } from './us-weeks.ts';

/**
 * What the fields of a text come to, as java.time resolves them in its smart mode: a day beyond the end of its month is
 * the last one, 24:00 is the next midnight.
 */
interface Resolved {
  /** Days since the epoch, where the text says which day. */
  readonly days: number | undefined;
  readonly time: TimeOfDay;
}

function resolve({ values }: ParsedFields): Resolved {
  const julianDay = values[FIELD.modifiedJulianDay];
  const date = resolveFields(values) ?? (julianDay === undefined ? undefined : julianDay - EPOCH_MODIFIED_JULIAN_DAY);
  const time = resolveTimeOfDay(values);
  const days = date === undefined ? undefined : date + (time.excessDays ?? 0);
  if (date !== undefined) crossCheck(date, values);
  return { days, time };
}

/** The day that the fields of a date determine; undefined where they do not. */
function resolveFields(values: FieldValues): number | undefined {
  const year = resolveYear(values);
  const isoWeekday = isoWeekdayOf(values);
  const month = values[FIELD.month];
  const day = values[FIELD.day];
  const dayOfYear = values[FIELD.dayOfYear];
  if (year !== undefined && month !== undefined && day !== undefined) return dateOf(year, month, day);
  if (year !== undefined && dayOfYear !== undefined) return dateOfYear(year, dayOfYear);
  if (isoWeekday === undefined) return undefined;
  if (year !== undefined) {
    const week = values[FIELD.weekOfMonth];
    if (month === undefined || week === undefined) return undefined;
    const first = daysFromCivil(year, inRange('MonthOfYear', month, 1, 12), 1);
    return weekDays(first, inRange('WeekOfMonth', week, 0, 6), isoWeekday);
  }
  const weekYear = values[FIELD.weekYear];
  const week = values[FIELD.week];
  if (weekYear === undefined || week === undefined) return undefined;
  // Week 53 of a year that has 52 is its last one.
  const inYear = Math.min(inRange('WeekOfWeekBasedYear', week, 1, 53), weeksIn(weekYear));
  return weekDays(daysFromCivil(weekYear, 1, 1), inYear, isoWeekday);
}

/** The day of the week, 1 being Monday, whichever way it was said. */
function isoWeekdayOf(values: FieldValues): number | undefined {
  const local = inRange('DayOfWeek', values[FIELD.localWeekday], 1, 7);
  return local === undefined ? inRange('DayOfWeek', values[FIELD.weekday], 1, 7) : ((local + 5) % 7) + 1;
}

function resolveYear(values: FieldValues): number | undefined {
  const ofEra = values[FIELD.yearOfEra];
  const proleptic = values[FIELD.year];
  if (ofEra === undefined) return proleptic;
  inRange('YearOfEra', ofEra, 1, 1_000_000_000);
  const era = values[FIELD.era];
  const year = era === 0 || (era === undefined && proleptic !== undefined && proleptic <= 0) ? 1 - ofEra : ofEra;
  if (proleptic !== undefined && proleptic !== year)
    throw new EvaluationError(`Conflict found: Year ${proleptic} differs from Year ${year}`);
  return year;
}

function dateOf(year: number, month: number, day: number): number {
  inRange('Year', year, -999_999_999, 999_999_999);
  inRange('MonthOfYear', month, 1, 12);
  return daysFromCivil(year, month, Math.min(inRange('DayOfMonth', day, 1, 31), daysInMonth(year, month)));
}

function dateOfYear(year: number, dayOfYear: number): number {
  inRange('DayOfYear', dayOfYear, 1, 366);
  if (dayOfYear === 366 && !isLeapYear(year))
    throw new EvaluationError(`Invalid date 'DayOfYear 366' as '${year}' is not a leap year`);
  return daysFromCivil(year, 1, 1) + dayOfYear - 1;
}

/** The fields of which one is there unless a week makes the date. */
const WHOLE_DAYS = [FIELD.day, FIELD.dayOfYear, FIELD.modifiedJulianDay] as const;

/** Everything else that a text says of a day must be true of it. */
function crossCheck(days: number, values: FieldValues): void {
  const { year, month, day } = civilFromDays(days);
  const check = (name: string, said: number | undefined, actual: number) => {
    if (said !== undefined && said !== actual)
      throw new EvaluationError(
        `Conflict found: Field ${name} ${actual} differs from ${name} ${said} derived from the date`,
      );
  };
  check('DayOfWeek', isoWeekdayOf(values), weekday(days) + 1);
  check('DayOfYear', values[FIELD.dayOfYear], days - daysFromCivil(year, 1, 1) + 1);
  check('QuarterOfYear', values[FIELD.quarter], Math.floor((month + 2) / 3));
  check('AlignedDayOfWeekInMonth', values[FIELD.alignedWeekday], ((day - 1) % 7) + 1);
  if (values[FIELD.yearOfEra] === undefined) check('Era', values[FIELD.era], year > 0 ? 1 : 0);
  // Without a month, the day of the month did not make the date.
  if (values[FIELD.month] === undefined) check('DayOfMonth', values[FIELD.day], day);
  // A date made of a week need not be in the week and month that were said.
  if (WHOLE_DAYS.every((field) => values[field] === undefined)) return;
  check('Year', resolveYear(values), year);
  check('ModifiedJulianDay', values[FIELD.modifiedJulianDay], days + EPOCH_MODIFIED_JULIAN_DAY);
  check('MonthOfYear', values[FIELD.month], month);
  const week = weekBased(year, days);
  check('WeekOfWeekBasedYear', values[FIELD.week], week.week);
  check('WeekBasedYear', values[FIELD.weekYear], week.year);
  check('WeekOfMonth', values[FIELD.weekOfMonth], weekOfMonth(day, days));
}

/** The day that a text stands for. @throws EvaluationError when it does not say enough */
export function resolveDate(fields: ParsedFields): number {
  const { days } = resolve(fields);
  if (days === undefined) throw new EvaluationError('Unable to obtain a date: the text does not say enough');
  return days;
}

/** What a text of a time must not say: the fields of a date that ksqlDB looks for, which are those of ChronoField. */
const DATE_FIELDS = [
  FIELD.year,
  FIELD.yearOfEra,
  FIELD.era,
  FIELD.month,
  FIELD.day,
  FIELD.dayOfYear,
  FIELD.weekday,
  FIELD.localWeekday,
  FIELD.alignedWeekday,
] as const;

/**
 * The time of day that a text stands for, in milliseconds. @throws EvaluationError when it says too little, or a date
 */
export function resolveTime(fields: ParsedFields): number {
  const { days, time } = resolve(fields);
  if (days !== undefined || DATE_FIELDS.some((field) => fields.values[field] !== undefined))
    throw new EvaluationError('Time format contains date field.');
  if (time.nanos === undefined) throw new EvaluationError('Unable to obtain a time: the text does not say enough');
  return Math.floor(time.nanos / 1e6);
}

/**
 * The instant that a text stands for, in milliseconds: what it does not say is that of 1970-01-01T00:00. A zone or
 * offset in the text wins over the one given.
 */
export function resolveTimestamp(fields: ParsedFields, zone: Zone): number {
  const { days, time } = resolve(fields);
  const timeMs = Math.floor((time.nanos ?? time.partialNanos) / 1e6);
  const localMs = (days ?? partialDays(fields.values)) * DAY_MS + timeMs;
  if (fields.offsetMs !== undefined && (fields.zone === undefined || (days !== undefined && time.nanos !== undefined)))
    return instantOf(localMs, offsetZone(fields.offsetMs));
  const inZone = fields.zone ?? zone;
  if (fields.zone !== undefined && days !== undefined && time.nanos !== undefined) return instantOf(localMs, inZone);
  // ksqlDB sets the fields one by one, beginning in 1970, so an hour that occurs twice is taken with the offset of that
  // year.
  const { year } = civilFromDays(Math.floor(localMs / DAY_MS));
  const in1970 = localMs - daysFromCivil(year, 1, 1) * DAY_MS;
  return instantOf(localMs, inZone, inZone.offsetAt(instantOf(in1970, inZone)));
}

/** The day that single fields of a date lead to from 1970-01-01, set one after the other as ChronoField lists them. */
function partialDays(values: FieldValues): number {
  let days = 0;
  const isoWeekday = isoWeekdayOf(values);
  if (isoWeekday !== undefined) days += isoWeekday - 4;
  const aligned = inRange('AlignedDayOfWeekInMonth', values[FIELD.alignedWeekday], 1, 7);
  if (aligned !== undefined) days += aligned - (((civilFromDays(days).day - 1) % 7) + 1);
  const day = values[FIELD.day];
  if (day !== undefined) days += inRange('DayOfMonth', day, 1, 31) - civilFromDays(days).day;
  const dayOfYear = values[FIELD.dayOfYear];
  if (dayOfYear === 366) throw new EvaluationError('Leap day cannot be parsed without supplying the year field');
  if (dayOfYear !== undefined) days = dateOfYear(civilFromDays(days).year, dayOfYear);
  let date = civilFromDays(days);
  const month = values[FIELD.month];
  if (month !== undefined) date = { ...date, month: inRange('MonthOfYear', month, 1, 12) };
  const year = resolveYear(values) ?? (values[FIELD.era] === 0 ? 1 - date.year : date.year);
  return daysFromCivil(year, date.month, Math.min(date.day, daysInMonth(year, date.month)));
}
