import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { documentedCounts } from './documented-counts.ts';

const root = path.join(import.meta.dirname, '../..');
const cases = path.resolve(root, '../shared/conformance');

/** The folders of cases, and what ARCHITECTURE.md calls them, which also says why some fail. */
const FOLDERS = [
  ['query-validation-tests', 'query validation'],
  ['generated', 'recorded'],
  ['rest-query-validation-tests', 'REST query validation'],
] as const;

interface Report {
  readonly cases: readonly {
    readonly file: string;
    readonly name: string;
    readonly verdict: string;
    readonly message: string | null;
  }[];
}

/** Runs `ksql test` over a folder, in a process of its own. */
async function report(folder: string): Promise<Report> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ksql-cases-'));
  const file = path.join(scratch, 'report.json');
  const cli = path.join(root, 'engine/cli/main.ts');
  const child = spawn(process.execPath, [cli, 'test', folder, '--report', file, '--timeout', '30'], {
    stdio: 'ignore',
  });
  await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  const found = JSON.parse(readFileSync(file, 'utf8')) as Report;
  rmSync(scratch, { recursive: true, force: true });
  return found;
}

describe.skipIf(!existsSync(cases))('the recorded cases run as recorded (skipped where ../shared is missing)', () => {
  test.each(FOLDERS)('%s: as many as the documents say', { timeout: 180_000 }, async (folder, title) => {
    const all = (await report(path.join(cases, folder))).cases;
    const count = (wanted: string) => all.filter(({ verdict }) => verdict === wanted).length;
    const failures = all.filter(({ verdict }) => verdict === 'failed');
    expect(
      { passed: count('passed'), failed: failures.length, needsJava: count('needs-java') },
      failures.map(({ file, name, message }) => `${file}: ${name}: ${message}`).join('\n'),
    ).toEqual(documentedCounts(title));
  });
});
