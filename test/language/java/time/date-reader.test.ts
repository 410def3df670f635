import { describe, expect, test } from 'vitest';
import { dateReader, type NameLocale } from '../../../../language/java/time/date-reader.ts';

/**
 * What `new DateTimeFormatterBuilder().parseCaseInsensitive().appendPattern(…).toFormatter(locale)` of JDK 17 takes and
 * refuses.
 */
const READ: readonly [locale: NameLocale, pattern: string, taken: readonly string[], refused: readonly string[]][] = [
  ['english', 'MMM', ['Jun', 'JUN'], ['June', '6']],
  ['english', 'MMMM', ['June', 'june'], ['Jun', '6']],
  ['english', 'EEEE', ['Friday'], ['Fri']],
  ['english', 'GGGG', ['Anno Domini'], ['AD', 'CE']],
  ['english', 'qqq', ['Q2'], ['2']],
  ['root', 'MMM', ['Jun', 'jun'], ['June', '6']],
  ['root', 'MMMM', ['Jun', 'JUN'], ['June', '6']],
  ['root', 'LLLLL', ['6'], ['J', 'Jun']],
  ['root', 'EEEE', ['Fri'], ['Friday', '5']],
  ['root', 'EEEEE', ['F'], ['Fri']],
  ['root', 'G', ['AD', 'BC'], ['CE']],
  ['root', 'GGGG', ['CE', 'BCE'], ['AD', 'Anno Domini']],
  ['root', 'QQQQ', ['Q2'], ['2nd quarter']],
  ['root', 'qqq', ['2'], ['Q2']],
];

describe('names in a date', () => {
  test.each(READ)('%s %s', (locale, pattern, taken, refused) => {
    const read = dateReader(pattern, locale);
    for (const text of taken) expect(read(text).values.some((value) => value !== undefined)).toBe(true);
    for (const text of refused) expect(() => read(text)).toThrow('could not be parsed');
  });
});
