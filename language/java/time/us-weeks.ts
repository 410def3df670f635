import { daysFromCivil } from '../../types/temporal-text.ts';

/** 0 is Monday. */
export const weekday = (days: number): number => (((days + 3) % 7) + 7) % 7;

/** The Sunday that a day's week begins with. */
const startOfWeek = (days: number): number => days - ((weekday(days) + 1) % 7);

/** What a Sunday is followed by until a day of its week; 1 is Monday. */
const afterSunday = (isoWeekday: number): number => isoWeekday % 7;

/** Year and week of a day: weeks begin on Sunday, the first of a year holds January 1st (US). */
export function weekBased(year: number, days: number): { readonly year: number; readonly week: number } {
  const weekYear = days >= startOfWeek(daysFromCivil(year + 1, 1, 1)) ? year + 1 : year;
  return { year: weekYear, week: (startOfWeek(days) - startOfWeek(daysFromCivil(weekYear, 1, 1))) / 7 + 1 };
}

/** How many weeks a year has. */
export const weeksIn = (weekYear: number): number =>
  (startOfWeek(daysFromCivil(weekYear + 1, 1, 1)) - startOfWeek(daysFromCivil(weekYear, 1, 1))) / 7;

/** The week of its month that a day is in: the first holds the first of the month. */
export const weekOfMonth = (day: number, days: number): number =>
  (startOfWeek(days) - startOfWeek(days - day + 1)) / 7 + 1;

/** The day by its week, counted from the first day of a year or month, and its day of the week (1 is Monday). */
export const weekDays = (firstDay: number, week: number, isoWeekday: number): number =>
  startOfWeek(firstDay) + (week - 1) * 7 + afterSunday(isoWeekday);
