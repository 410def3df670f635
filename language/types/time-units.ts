export const SECOND_MS = 1000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const WEEK_MS = 604_800_000;

/** Milliseconds of each unit that statements know, by its name in the singular. */
const UNIT_MS: Readonly<Record<string, number>> = {
  MILLISECOND: 1,
  SECOND: SECOND_MS,
  MINUTE: MINUTE_MS,
  HOUR: HOUR_MS,
  DAY: DAY_MS,
};

/** Milliseconds of a unit, in the singular or plural and in any case; undefined for what is none. */
export const unitMs = (unit: string): number | undefined => UNIT_MS[unit.toUpperCase().replace(/S$/, '')];
