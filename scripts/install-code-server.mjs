// Finds or installs code-server, the VS Code that runs in a browser, for the end-to-end suites. It lives outside of the
// project, because it is large and only these suites need it. KSQL_CODE_SERVER names a folder that has it in its
// node_modules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '4.139.1';
const ENTRY = 'node_modules/code-server/out/node/entry.js';

/**
 * The script that starts code-server; installs it first when it is nowhere.
 * @returns {string | undefined} undefined when it cannot be installed; why is printed
 */
export function codeServerEntry() {
  const given = process.env.KSQL_CODE_SERVER;
  if (given) {
    const entry = path.join(given, ENTRY);
    if (existsSync(entry)) return entry;
    console.error(`KSQL_CODE_SERVER=${given}: there is no ${ENTRY} in it.`);
    return undefined;
  }
  const folder = path.join(homedir(), '.cache/ksql-workbench/code-server');
  const entry = path.join(folder, ENTRY);
  return existsSync(entry) || install(folder) ? entry : undefined;
}

function install(folder) {
  console.error(`Installing code-server ${VERSION} into ${folder} (once) …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  // npm runs the package's install script with the first node on the path: the project's own, which is new enough.
  const bin = path.join(path.dirname(fileURLToPath(import.meta.url)), '../node_modules/node/bin');
  // An npm that runs this script tells its children its own version of Node in variables, which the install script
  // believes.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const result = spawnSync(
    'npm',
    ['install', `code-server@${VERSION}`, '--no-audit', '--no-fund', '--loglevel=error', '--unsafe-perm'],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...environment, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
      shell: process.platform === 'win32',
      timeout: 15 * 60_000,
    },
  );
  if (result.status !== 0) console.error('code-server could not be installed.');
  return result.status === 0 && existsSync(path.join(folder, ENTRY));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const entry = codeServerEntry();
  if (entry === undefined) process.exit(1);
  console.log(entry);
}
