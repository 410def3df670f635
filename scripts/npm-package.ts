/**
 * Packs the command line as an npm package: what `scripts/build.ts` has made of it, with no dependency and nothing of
 * the editor. Prints the path of the package. Run with: node scripts/npm-package.ts [FOLDER], after a build.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const PROGRAMS = ['ksql.mjs', 'cli.mjs', 'server.mjs', 'server-program.mjs', 'chunks', 'quickjs.wasm'];
const DATA = ['examples-data', 'third-party-notices.txt'];

const { version, license, description, keywords, engines } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
);
const folder = mkdtempSync(path.join(tmpdir(), 'ksql-package-'));
try {
  for (const file of [...PROGRAMS, ...DATA])
    cpSync(path.join(root, 'dist', file), path.join(folder, 'dist', file), {
      recursive: true,
      filter: (source) => !source.endsWith('.map'),
    });
  // Where the language server says that the pages of its diagnostics are.
  cpSync(path.join(root, 'docs/diagnostics'), path.join(folder, 'docs/diagnostics'), { recursive: true });
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) cpSync(path.join(root, file), path.join(folder, file));
  const manifest = {
    ...{ name: 'ksql-workbench', version, description, license, keywords, type: 'module' },
    bin: { ksql: 'dist/ksql.mjs' },
    engines: { node: engines.node },
    files: ['dist', 'docs', 'CHANGELOG.md'],
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const target = path.resolve(process.argv[2] ?? path.join(root, 'dist'));
  mkdirSync(target, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', target], {
    cwd: folder,
    encoding: 'utf8',
  });
  const [{ filename, size }] = JSON.parse(packed);
  console.log(`${path.join(target, filename)} (${(size / 1_000_000).toFixed(1)} MB)`);
} finally {
  rmSync(folder, { recursive: true });
}
