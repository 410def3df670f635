import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chooseHost } from './host.ts';

const root = path.join(import.meta.dirname, '../../..');

/**
 * Packages the extension, and installs the package as a user would, once for all suites: what a workbench of theirs
 * runs is what is shipped, not what lies in the checkout. The desktop's own command for that is not where its program
 * is, so it takes the files.
 */
export default function packagedExtension(): () => void {
  const host = chooseHost();
  if (host.kind !== 'browser') return () => undefined;
  const scratch = mkdtempSync(path.join(tmpdir(), 'ksql-vsix-'));
  const vsix = path.join(scratch, 'ksql.vsix');
  const extensions = path.join(scratch, 'extensions');
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const flags = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  run(vsce, 'package', ...flags, '--out', vsix);
  const folders = ['--extensions-dir', extensions, '--user-data-dir', path.join(scratch, 'user')];
  run(host.entry, '--install-extension', vsix, ...folders);
  process.env['KSQL_E2E_EXTENSIONS'] = extensions;
  return () => rmSync(scratch, { recursive: true, force: true });
}
