import { readFileSync } from 'node:fs';
import path from 'node:path';

const example = readFileSync(path.join(import.meta.dirname, '../examples/flights.ksql'), 'utf8');

/**
 * A script of so many lines, or a few less: the example over and over, with names of its own each time and in each run,
 * so that no cache knows it. It ends with a whole statement.
 */
export function longScript(lines: number, run: string): string {
  const copies = Math.ceil(lines / example.split('\n').length);
  const whole = Array.from({ length: copies }, (_, copy) =>
    example.replaceAll(/\b(airports|flights|departures|late_departures|delays_by_airport)\b/g, `$1_${run}_${copy}`),
  ).join('\n');
  const cut = whole.split('\n').slice(0, lines);
  return cut.slice(0, cut.findLastIndex((line) => line.endsWith(';')) + 1).join('\n');
}
