import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseExactJson } from '../../../engine/testing/case-json.ts';
import { expandCases, isTestDocument, type TestCase } from '../../../engine/testing/test-case.ts';
import type { Chance } from '../../support/chance.ts';

export const CASES = path.resolve(import.meta.dirname, '../../../../shared/conformance');
const FOLDERS = ['query-validation-tests', 'generated'];

/** What statements may have in them, of which each combination is a family. */
const FEATURES: readonly RegExp[] = [
  /\bCREATE\s+(OR\s+REPLACE\s+)?STREAM\b[^;]*\bAS\s+SELECT\b/i,
  /\bCREATE\s+(OR\s+REPLACE\s+)?TABLE\b[^;]*\bAS\s+SELECT\b/i,
  /\bCREATE\s+(SOURCE\s+)?TABLE\b[^;]*\bPRIMARY\s+KEY\b/i,
  /\bINSERT\s+INTO\b[^;]*\bSELECT\b/i,
  /\bLEFT\s+(OUTER\s+)?JOIN\b/i,
  /\bRIGHT\s+(OUTER\s+)?JOIN\b/i,
  /\bFULL\s+(OUTER\s+)?JOIN\b/i,
  /(?<!LEFT|RIGHT|FULL|OUTER)\s+JOIN\b/i,
  /\bJOIN\b[^;]*\bJOIN\b/i,
  /\bWITHIN\b/i,
  /\bGROUP\s+BY\b/i,
  /\bPARTITION\s+BY\b/i,
  /\bHAVING\b/i,
  /\bTUMBLING\b/i,
  /\bHOPPING\b/i,
  /\bSESSION\b/i,
  /\bGRACE\b/i,
  /\bEMIT\s+FINAL\b/i,
  /\bEXPLODE\b|\bCUBE_EXPLODE\b/i,
  /\bWINDOW_TYPE\b/i,
];

/** What a case is about, as far as it matters to whom shares its work. */
export function familyOf({ statements }: TestCase): string {
  const text = statements.join('\n');
  const selects = text.match(/\bAS\s+SELECT\b/gi)?.length ?? 0;
  return `${FEATURES.map((feature) => Number(feature.test(text))).join('')}-${Math.min(selects, 3)}`;
}

/**
 * Where a query joins what another one writes, which comes first is not decided. What was recorded is of queries that
 * ran one after the other, each over all of its input.
 */
const joinsDerived = ({ statements }: TestCase): boolean =>
  /\bJOIN\b/i.test(statements.join('\n')) && (statements.join('\n').match(/\bAS\s+SELECT\b/gi)?.length ?? 0) > 1;

/** Cases that give records, each in the first of its formats. */
function candidates(): readonly TestCase[] {
  const all = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(CASES, folder))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        const document = parseExactJson(readFileSync(path.join(CASES, folder, file), 'utf8'));
        return isTestDocument(document) ? expandCases(file, document) : [];
      }),
  );
  return all.filter(
    (testCase) =>
      testCase.enabled &&
      testCase.expectedException === undefined &&
      testCase.inputs.length > 0 &&
      testCase.outputs.length > 0 &&
      !joinsDerived(testCase),
  );
}

/** So many cases by chance, by turns of each family, so that all families are there before one is there twice. */
export function sampledCases(chance: Chance, count: number): readonly TestCase[] {
  const families = [...Map.groupBy(candidates(), familyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  const shuffled = shuffle(
    chance,
    families.map(([, cases]) => shuffle(chance, cases)),
  );
  const most = Math.max(...shuffled.map(({ length }) => length));
  const inTurn = Array.from({ length: most }, (_, i) => shuffled.flatMap((cases) => cases[i] ?? []));
  return inTurn.flat().slice(0, count);
}

function shuffle<T>(chance: Chance, items: readonly T[]): readonly T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const other = chance.below(i + 1);
    [shuffled[i], shuffled[other]] = [shuffled[other]!, shuffled[i]!];
  }
  return shuffled;
}
