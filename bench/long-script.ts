import { readFileSync } from 'node:fs';
import path from 'node:path';

const example = readFileSync(path.join(import.meta.dirname, '../examples/flights.ksql'), 'utf8');

/**
 * A script of so many lines: the example over and over, with names of its own each time and in each run, so that no
 * cache knows it.
 */
export function longScript(lines: number, run: string): string {
  const copies = Math.ceil(lines / example.split('\n').length);
  return Array.from({ length: copies }, (_, copy) =>
    example.replaceAll(/\b(airports|flights|departures|late_departures|delays_by_airport)\b/g, `$1_${run}_${copy}`),
  ).join('\n');
}
