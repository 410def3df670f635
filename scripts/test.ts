/**
 * The whole check of a checkout: types, lint, build, the Vitest suites, and the end-to-end suites in a real workbench
 * where one can be had. Ends with `flaky: NAME` for each test that passed only at a second try, and `N passed, N
 * failed, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readTestReport } from './test-report.ts';

const root = path.join(import.meta.dirname, '..');
const output = path.join(root, '.test-output');
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });

let passed = 0;
let failed = 0;
let skipped = 0;
const flaky: string[] = [];

/** Runs a program of the project and says what it does; gives whether it succeeded. */
function step(title: string, command: string, args: readonly string[]): boolean {
  const started = performance.now();
  console.log(`\n── ${title}`);
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  console.log(
    `── ${title}: ${result.status === 0 ? 'done' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  return result.status === 0;
}

function check(title: string, command: string, args: readonly string[]): void {
  if (step(title, command, args)) passed++;
  else failed++;
}

/** Adds the counts of a report in Vitest's JSON form. A run without a report has failed as a whole. */
function addReport(file: string, succeeded: boolean): void {
  try {
    const report = readTestReport(readFileSync(file, 'utf8'));
    passed += report.passed;
    failed += report.failed;
    skipped += report.skipped;
    flaky.push(...report.flaky);
    if (!succeeded && report.failed === 0) failed++;
  } catch {
    failed++;
  }
}

check('types', 'npx', ['tsc', '-b']);
check('lint', 'npx', ['biome', 'check', '.']);
check('build', 'node', ['scripts/build.ts']);
for (const suite of ['unit', 'e2e']) {
  const report = path.join(output, `${suite}.json`);
  const config = suite === 'unit' ? 'vitest.config.ts' : 'vitest.e2e.config.ts';
  const args = [
    'vitest',
    'run',
    '--config',
    config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  addReport(report, step(`tests: ${suite}`, 'npx', args));
}

console.log(['', ...flaky.map((name) => `flaky: ${name}`)].join('\n'));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
