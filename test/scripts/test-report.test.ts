import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readTestReport } from '../../scripts/test-report.ts';

const root = path.join(import.meta.dirname, '../..');
const TESTS = `import { describe, expect, test } from 'vitest';
let tries = 0;
describe('a suite', () => {
  test('is right at once', () => expect(1).toBe(1));
  test('is right the second time', () => expect(++tries).toBe(2));
  test.skip('is not run', () => {});
});
`;

test('a test that passed only when it was tried again is counted as passed, and named', () => {
  const folder = mkdtempSync(path.join(root, '.test-report-'));
  try {
    writeFileSync(path.join(folder, 'tries.test.js'), TESTS);
    writeFileSync(path.join(folder, 'vitest.config.js'), 'export default { test: { include: ["**/*.test.js"] } };');
    const output = path.join(folder, 'report.json');
    const options = ['--root', folder, '--retry=1', '--reporter=json', `--outputFile.json=${output}`];
    const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
    execFileSync(process.execPath, [vitest, 'run', ...options], { cwd: folder, stdio: 'ignore' });
    const report = readTestReport(readFileSync(output, 'utf8'));
    expect(report).toEqual({ passed: 2, failed: 0, skipped: 1, flaky: ['a suite is right the second time'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
