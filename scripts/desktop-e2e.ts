/**
 * Runs the end-to-end suites in a desktop VS Code. KSQL_VSCODE names its executable, or a version such as `stable` that
 * is then downloaded. Without a display it needs one, for instance from xvfb-run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';

const given = process.env['KSQL_VSCODE'] ?? 'stable';
const executable = existsSync(given) ? given : await downloadAndUnzipVSCode(given);
const result = spawnSync('npx', ['vitest', 'run', '--config', 'vitest.e2e.config.ts'], {
  stdio: 'inherit',
  env: { ...process.env, KSQL_VSCODE: executable },
  shell: process.platform === 'win32',
});
process.exitCode = result.status ?? 1;
