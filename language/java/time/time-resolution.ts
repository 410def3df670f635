import { EvaluationError } from '../../types/evaluation-error.ts';
import { FIELD, type FieldValues, inRange } from './date-fields.ts';

/** What the fields of a time of day come to. */
export interface TimeOfDay {
  /** Nanoseconds of the day; undefined where the text does not say the hour, or leaves a gap behind it. */
  readonly nanos: number | undefined;
  /** What the fields that there are amount to, the others being 0. */
  readonly partialNanos: number;
  /** 1 for the midnight that is written 24:00. */
  readonly excessDays?: number;
}

const HOUR_NANOS = 3_600e9;
const MINUTE_NANOS = 60e9;
const SECOND_NANOS = 1e9;

/** One value of several that mean the same field. @throws EvaluationError when they differ */
function same(name: string, ...values: readonly (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  if (given.some((value) => value !== given[0]))
    throw new EvaluationError(`Conflict found: ${name} ${given[0]} differs from ${name} ${given[1]}`);
  return given[0];
}

/** Resolves the fields of a time as java.time does in its smart mode. @throws EvaluationError for impossible values */
export function resolveTimeOfDay(values: FieldValues): TimeOfDay {
  const ofDay = wholeDay(values);
  const half = inRange('AmPmOfDay', values[FIELD.amPm], 0, 1);
  const clock = inRange('ClockHourOfAmPm', values[FIELD.clockHourOfAmPm], 0, 12);
  const ofHalf = inRange('HourOfAmPm', same('HourOfAmPm', values[FIELD.hourOfAmPm], clock === 12 ? 0 : clock), 0, 11);
  const clockHour = inRange('ClockHourOfDay', values[FIELD.clockHour], 0, 24);
  const fromHalf = half !== undefined && ofHalf !== undefined ? half * 12 + ofHalf : undefined;
  const isHalfAlone = HOURS_AND_BELOW.every((field) => values[field] === undefined);
  // Half a day alone stands for its middle.
  const middle = half !== undefined && isHalfAlone ? half * 12 + 6 : undefined;
  const hour = same('HourOfDay', values[FIELD.hour], clockHour === 24 ? 0 : clockHour, fromHalf, ofDay?.hour, middle);
  const minute = inRange('MinuteOfHour', same('MinuteOfHour', values[FIELD.minute], ofDay?.minute), 0, 59);
  const second = inRange('SecondOfMinute', same('SecondOfMinute', values[FIELD.second], ofDay?.second), 0, 59);
  const nano = inRange('NanoOfSecond', same('NanoOfSecond', values[FIELD.nano], ofDay?.nano), 0, 999_999_999);
  const rest = (minute ?? 0) * MINUTE_NANOS + (second ?? 0) * SECOND_NANOS + (nano ?? 0);
  const leavesGap =
    (minute === undefined && (second !== undefined || nano !== undefined)) ||
    (second === undefined && nano !== undefined);
  const isWhole = hour !== undefined && !leavesGap;
  if (isWhole) {
    same('AmPmOfDay', Math.floor((hour % 24) / 12), half);
    same('HourOfAmPm', hour % 12, ofHalf);
  }
  if (hour === 24 && rest === 0) return { nanos: 0, partialNanos: 0, excessDays: 1 };
  inRange('HourOfDay', hour, 0, 23);
  // Fields that make no whole time are set one by one over midnight, half a day last.
  const hourBefore = hour ?? ofHalf ?? 0;
  const partialHour = half === undefined ? hourBefore : (hourBefore % 12) + half * 12;
  const nanos = partialHour * HOUR_NANOS + rest;
  return { nanos: isWhole ? nanos : undefined, partialNanos: nanos };
}

const HOURS_AND_BELOW = [
  FIELD.hour,
  FIELD.clockHour,
  FIELD.hourOfAmPm,
  FIELD.clockHourOfAmPm,
  FIELD.minute,
  FIELD.second,
  FIELD.nano,
  FIELD.milliOfDay,
  FIELD.nanoOfDay,
] as const;

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nano: number;
}

/** The fields of a time given as one number. */
function wholeDay(values: FieldValues): Clock | undefined {
  const millis = inRange('MilliOfDay', values[FIELD.milliOfDay], 0, 86_399_999);
  const nanos = inRange('NanoOfDay', values[FIELD.nanoOfDay], 0, 86_399_999_999_999);
  const total = same('NanoOfDay', nanos, millis === undefined ? undefined : millis * 1e6);
  if (total === undefined) return undefined;
  return {
    hour: Math.floor(total / HOUR_NANOS),
    minute: Math.floor(total / MINUTE_NANOS) % 60,
    second: Math.floor(total / SECOND_NANOS) % 60,
    nano: total % SECOND_NANOS,
  };
}
