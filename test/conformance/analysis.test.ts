import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseExactJson } from '../../engine/testing/case-json.ts';
import { expandCases, isTestDocument, type TestCase } from '../../engine/testing/test-case.ts';
import { FAILURES, judgeAnalysis } from './analysis-verdict.ts';

/**
 * ksqlDB's own cases, analysed without being run: what it accepts is accepted, with the schemas that it gives its
 * sinks, and what it rejects is rejected.
 */
const FOLDER = path.resolve(import.meta.dirname, '../../../shared/conformance');
/** Of the REST cases those about pull queries: the rest is about how statements run. */
const FOLDERS: Readonly<Record<string, RegExp>> = {
  'query-validation-tests': /\.json$/,
  generated: /\.json$/,
  'rest-query-validation-tests': /^pull-queries.*\.json$/,
};

function casesOf(folder: string, file: string): readonly TestCase[] {
  const document = parseExactJson(readFileSync(path.join(FOLDER, folder, file), 'utf8'));
  return isTestDocument(document) ? expandCases(file, document).filter(({ enabled }) => enabled) : [];
}

const only = process.env['CASES'] === undefined ? undefined : new RegExp(process.env['CASES'], 'i');

describe.skipIf(!existsSync(FOLDER))(
  'analysis of the recorded cases (skipped where ../shared/conformance is missing)',
  () => {
    for (const [folder, pattern] of Object.entries(FOLDERS)) {
      const files = existsSync(FOLDER)
        ? readdirSync(path.join(FOLDER, folder)).filter((file) => pattern.test(file))
        : [];
      test.each(files)(`${folder}/%s`, async (file) => {
        const failures: string[] = [];
        for (const testCase of casesOf(folder, file)) {
          if (only && !only.test(testCase.fullName)) continue;
          const { verdict, detail } = await judgeAnalysis(testCase);
          if (FAILURES.includes(verdict)) failures.push(`${verdict}: ${testCase.fullName}\n${detail}`);
        }
        expect(failures, failures.join('\n\n')).toEqual([]);
      });
    }
  },
);
