import { EvaluationError } from './evaluation-error.ts';
import { DAY_MS, HOUR_MS } from './time-units.ts';

/**
 * The texts of DATE, TIME and TIMESTAMP as casts and comparisons read and write them. All of it is UTC, in the
 * proleptic Gregorian calendar (as java.time).
 */

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Days since the epoch of a date. `month` is 1 to 12. */
export function daysFromCivil(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day is the last of its year.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function civilFromDays(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  return civilFromMarch(era * 400 + yearOfEra, dayOfYear);
}

/** The first day of the Gregorian calendar, 15 October 1582; before it Java's older classes count by the Julian one. */
export const GREGORIAN_START = daysFromCivil(1582, 10, 15);

/** The date that a day has in the Julian calendar. */
export function julianFromDays(days: number): CivilDate {
  // As in daysFromCivil, years begin in March.
  const shifted = days + 719_470;
  const era = Math.floor(shifted / 1461);
  const dayOfEra = shifted - era * 1461;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460)) / 365);
  return civilFromMarch(era * 4 + yearOfEra, dayOfEra - yearOfEra * 365);
}

/** A date by the year that began in March, and the days since then. */
function civilFromMarch(year: number, dayOfYear: number): CivilDate {
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  return { year: year + (month <= 2 ? 1 : 0), month, day };
}

export const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
const three = (value: number): string => String(value).padStart(3, '0');

/** `yyyy-MM-dd`; years beyond 9999 carry a plus sign, years before 0 a minus sign (LocalDate.toString). */
export function dateToString(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${isoYear(year)}-${two(month)}-${two(day)}`;
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : `+${year}`;
}

/** `HH:mm`, or `HH:mm:ss` where the seconds are not 0; the milliseconds are lost, as ksqlDB loses them. */
export function timeToString(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? text : `${text}:${two(seconds % 60)}`;
}

/** `yyyy-MM-dd'T'HH:mm:ss.SSS`. The year is that of the era, as Java's `yyyy`. */
export function timestampToString(timestampMs: number): string {
  const days = Math.floor(timestampMs / DAY_MS);
  const { year, month, day } = civilFromDays(days);
  const ms = timestampMs - days * DAY_MS;
  const seconds = Math.floor(ms / 1000);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${isoYear(year > 0 ? year : 1 - year)}-${two(month)}-${two(day)}T${clock}.${three(ms % 1000)}`;
}

const ISO_DATE = /^(\+\d{5,9}|-\d{4,9}|\d{4})-(\d\d)-(\d\d)$/;

/**
 * STRING to DATE: `yyyy`, `yyyy-MM` (both completed with 01) or `yyyy-MM-dd`.
 * @returns days since the epoch. @throws EvaluationError `Failed to parse date 'x': …`.
 */
export function parseDate(text: string): number {
  const match = ISO_DATE.exec(completeDate(text));
  if (match) {
    const year = Number(match[1]);
    const month = Number(match[2]);
    const day = Number(match[3]);
    if (month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))
      return daysFromCivil(year, month, day);
  }
  throw new EvaluationError(
    `Failed to parse date '${text}': Text could not be parsed. Required format is: "yyyy-MM-dd". Partials are also ` +
      'supported, for example "2020-05".',
  );
}

function completeDate(text: string): string {
  const first = text.indexOf('-');
  if (first < 0) return `${text}-01-01`;
  return text.indexOf('-', first + 1) < 0 ? `${text}-01` : text;
}

const ISO_TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?$/;

/**
 * STRING to TIME: `HH:mm[:ss[.fraction]]`, truncated to milliseconds.
 * @returns milliseconds of the day. @throws EvaluationError `Failed to parse time 'x': …`.
 */
export function parseTime(text: string): number {
  const match = ISO_TIME.exec(text);
  if (match) {
    const hour = Number(match[1]);
    const minute = Number(match[2]);
    const second = Number(match[3] ?? 0);
    const ms = Number((match[4] ?? '').slice(0, 3).padEnd(3, '0'));
    if (hour < 24 && minute < 60 && second < 60) return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
  }
  throw new EvaluationError(
    `Failed to parse time '${text}': Text could not be parsed. Required format is: "HH:mm:ss.SSS", seconds and ` +
      'milliseconds may be left out.',
  );
}

const TIMESTAMP_HELP =
  '\nRequired format is: "yyyy-MM-dd\'T\'HH:mm:ss.SSS", with an optional numeric 4-digit timezone, for example: ' +
  "'2020-05-26T23.59.58.000' or with tz: '2020-05-26T23.59.58.000+0200'. Partials are also supported, for example " +
  '"2020-05-26"';

const NO_TIME = '00:00:00.000';
const FULL_DATE = /^(\+\d{5,9}|\d{4})-(\d\d)-(\d\d)$/;
const FULL_TIME = /^(\d\d):(\d\d):(\d\d)\.(\d{3})$/;

/**
 * STRING to TIMESTAMP, with ksqlDB's partial parser: a date without time may be `yyyy`, `yyyy-MM` or `yyyy-MM-dd`;
 * before a `T` the date must be complete, the time behind it may break off anywhere (`T23`, `T23:59`). The zone is `Z`,
 * or what begins with the first + or - (`+0100`, `+01:00`), and UTC by default.
 * @returns milliseconds since the epoch. @throws EvaluationError `Failed to parse timestamp 'x': …`.
 */
export function parseTimestamp(text: string): number {
  const t = text.indexOf('T');
  if (t < 0) return timestampOf(text, completeDate(text), NO_TIME, 0);
  const rest = text.slice(t + 1);
  const sign = rest.search(/[+-]/);
  const offsetMs = sign < 0 ? 0 : zoneOffsetMs(rest.slice(sign).trim());
  if (offsetMs === undefined) throw badTimestamp(text, `Failed to parse timezone '${rest.slice(sign)}'`);
  let time = sign < 0 ? rest : rest.slice(0, sign);
  if (time.endsWith('Z')) time = time.slice(0, -1);
  return timestampOf(text, text.slice(0, t), time + NO_TIME.slice(time.length), offsetMs);
}

/** Reads both parts as Java's formatter does in its smart mode: 31 April is 30 April, 24:00 is the next midnight. */
function timestampOf(text: string, date: string, time: string, offsetMs: number): number {
  const d = FULL_DATE.exec(date);
  const t = FULL_TIME.exec(time);
  if (!d || !t) throw badTimestamp(text, `Text '${date}T${time}' could not be parsed`);
  const year = Number(d[1]);
  const month = Number(d[2]);
  const day = Number(d[3]);
  const hour = Number(t[1]);
  const rest = (Number(t[2]) * 60 + Number(t[3])) * 1000 + Number(t[4]);
  const valid =
    year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && Number(t[2]) < 60 && Number(t[3]) < 60;
  if (!valid || hour > 24 || (hour === 24 && rest !== 0))
    throw badTimestamp(text, `Text '${date}T${time}' could not be parsed`);
  const days = daysFromCivil(year, month, Math.min(day, daysInMonth(year, month)));
  return days * DAY_MS + hour * HOUR_MS + rest - offsetMs;
}

const badTimestamp = (text: string, reason: string) =>
  new EvaluationError(`Failed to parse timestamp '${text}': ${reason}${TIMESTAMP_HELP}`);

const ZONE_OFFSET = /^([+-])(?:(\d)|(\d\d)(?::(\d\d)(?::(\d\d))?|(\d\d)(\d\d)?)?)$/;

/**
 * The offset that java.time's ZoneId.of accepts: `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`, up to 18
 * hours.
 */
export function zoneOffsetMs(text: string): number | undefined {
  const match = ZONE_OFFSET.exec(text);
  if (!match) return undefined;
  const hours = Number(match[2] ?? match[3]);
  const minutes = Number(match[4] ?? match[6] ?? 0);
  const seconds = Number(match[5] ?? match[7] ?? 0);
  const total = (hours * 60 + minutes) * 60 + seconds;
  if (minutes > 59 || seconds > 59 || total > 18 * 3600) return undefined;
  return (match[1] === '-' ? -total : total) * 1000;
}
