import { EvaluationError } from '../../types/evaluation-error.ts';

/** What a text may say of a point in time: the fields of java.time that pattern letters stand for. */
export const FIELD = {
  year: 0,
  yearOfEra: 1,
  era: 2,
  quarter: 3,
  month: 4,
  day: 5,
  dayOfYear: 6,
  /** 1 is Monday. */
  weekday: 7,
  /** 1 is Sunday, the first day of the week in the US. */
  localWeekday: 8,
  weekYear: 9,
  week: 10,
  weekOfMonth: 11,
  alignedWeekday: 12,
  amPm: 13,
  hourOfAmPm: 14,
  clockHourOfAmPm: 15,
  hour: 16,
  clockHour: 17,
  minute: 18,
  second: 19,
  nano: 20,
  milliOfDay: 21,
  nanoOfDay: 22,
  /** Days since 17 November 1858. */
  modifiedJulianDay: 23,
} as const;

export type Field = (typeof FIELD)[keyof typeof FIELD];

/** The field of a pattern letter, where it is one number. */
export const FIELD_OF_LETTER: Readonly<Record<string, Field>> = {
  u: FIELD.year,
  y: FIELD.yearOfEra,
  G: FIELD.era,
  Q: FIELD.quarter,
  q: FIELD.quarter,
  M: FIELD.month,
  L: FIELD.month,
  d: FIELD.day,
  D: FIELD.dayOfYear,
  E: FIELD.weekday,
  e: FIELD.localWeekday,
  c: FIELD.localWeekday,
  Y: FIELD.weekYear,
  w: FIELD.week,
  W: FIELD.weekOfMonth,
  F: FIELD.alignedWeekday,
  g: FIELD.modifiedJulianDay,
  a: FIELD.amPm,
  K: FIELD.hourOfAmPm,
  h: FIELD.clockHourOfAmPm,
  H: FIELD.hour,
  k: FIELD.clockHour,
  m: FIELD.minute,
  s: FIELD.second,
  S: FIELD.nano,
  n: FIELD.nano,
  A: FIELD.milliOfDay,
  N: FIELD.nanoOfDay,
};

/** What the first day of 1970 is as a modified Julian day. */
export const EPOCH_MODIFIED_JULIAN_DAY = 40_587;

/** The values of the fields that a text gave; the others are undefined. */
export type FieldValues = (number | undefined)[];

/** A value within its range, or none. @throws EvaluationError when it is outside */
export function inRange<V extends number | undefined>(name: string, value: V, low: number, high: number): V {
  if (value === undefined || (value >= low && value <= high)) return value;
  throw new EvaluationError(`Invalid value for ${name} (valid values ${low} - ${high}): ${value}`);
}
