import { readFileSync } from 'node:fs';
import path from 'node:path';

const architecture = path.join(import.meta.dirname, '../../ARCHITECTURE.md');

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly needsJava: number;
}

/** What the table in ARCHITECTURE.md says of the cases whose row begins so. */
export function documentedCounts(cases: string): Counts {
  const row = readFileSync(architecture, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${cases} (`));
  const cells = row
    ?.split('|')
    .slice(2, 5)
    .map((cell) => cell.trim().replace(',', ''));
  const [passed, failed, needsJava] = cells ?? [];
  if (passed === undefined || failed === undefined || needsJava === undefined)
    throw new Error(`ARCHITECTURE.md has no row with the counts of ${cases}.`);
  return { passed: Number(passed), failed: Number(failed), needsJava: needsJava === '–' ? 0 : Number(needsJava) };
}
