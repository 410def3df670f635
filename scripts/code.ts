/**
 * Opens VS Code with the extension from this checkout on the examples: the installed `code`, else code-server in
 * whatever browser one opens at the address it prints.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { codeServerEntry } from './install-code-server.mjs';

const root = path.join(import.meta.dirname, '..');
const examples = path.join(root, 'examples');
const desktop = process.env['KSQL_VSCODE'] ?? 'code';

if (spawnSync(desktop, ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0) {
  spawnSync(desktop, [`--extensionDevelopmentPath=${root}`, examples], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
} else {
  const entry = codeServerEntry();
  if (entry === undefined) {
    console.error('Neither `code` is installed, nor can code-server be. KSQL_VSCODE can name a VS Code.');
    process.exit(1);
  }
  const scratch = path.join(tmpdir(), `ksql-code-${process.pid}`);
  const workspace = path.join(scratch, 'examples');
  mkdirSync(path.join(scratch, 'extensions'), { recursive: true });
  symlinkSync(root, path.join(scratch, 'extensions/ksql-workbench.ksql-workbench-0.1.0'), 'junction');
  cpSync(examples, workspace, { recursive: true });
  const address = process.env['KSQL_CODE_ADDRESS'] ?? '127.0.0.1:8443';
  console.log(`VS Code with KSQL Workbench: http://${address}/`);
  const args = [
    '--bind-addr',
    address,
    '--auth',
    'none',
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-workspace-trust',
  ];
  const folders = ['--user-data-dir', path.join(scratch, 'user'), '--extensions-dir', path.join(scratch, 'extensions')];
  spawn(process.execPath, [entry, ...args, ...folders, workspace], { stdio: 'inherit' });
}
