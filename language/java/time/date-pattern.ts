import { dateFormatter } from './date-format.ts';
import { dateReader } from './date-reader.ts';
import { resolveTimestamp } from './time-fields.ts';
import { UTC, type Zone } from './time-zone.ts';

/**
 * Reads timestamps by a pattern of java.time's DateTimeFormatter: what WITH (TIMESTAMP_FORMAT=…) means. Fields that the
 * pattern lacks are those of 1970-01-01T00:00. Names are those of Locale.ROOT, as in ksqlDB's StringToTimestampParser.
 *
 * @returns a function that gives milliseconds, or throws EvaluationError.
 * @throws EvaluationError when the pattern is wrong.
 */
export function timestampPatternParser(pattern: string, zone: Zone = UTC): (text: string) => number {
  const read = dateReader(pattern, 'root');
  return (text) => resolveTimestamp(read(text), zone);
}

/** Prints timestamps by a pattern of java.time's DateTimeFormatter. */
export const timestampPatternFormatter = (pattern: string, zone: Zone = UTC): ((timeMs: number) => string) =>
  dateFormatter(pattern, 'timestamp', zone);

/** Keeps what was made for the last few patterns: most calls give a constant. */
export function remembered<T>(make: (...texts: string[]) => T): (...texts: string[]) => T {
  const known = new Map<string, T>();
  return (...texts) => {
    const key = texts.join('\u0000');
    let made = known.get(key);
    if (made === undefined) {
      made = make(...texts);
      known.set(key, made);
      if (known.size > 100) known.delete(known.keys().next().value!);
    }
    return made;
  };
}
