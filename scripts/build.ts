/**
 * Bundles what is shipped: the extension, the language server, the engine with its command line, the web page of the
 * results panel, and the first three once more for a browser. Types are checked by `tsc -b`, not here.
 */
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { browserBuilds, bundledFiles, printSizes } from './bundles.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const production = process.argv.includes('--production');

const shared: BuildOptions = {
  bundle: true,
  minify: production,
  sourcemap: !production,
  logLevel: 'warning',
  // Licences stand in the notices, once for each package.
  legalComments: 'none',
  metafile: true,
  absWorkingDir: root,
};

/** Node programs stay ES modules; CommonJS dependencies inside them still use `require` and `__dirname`. */
const nodeProgram: BuildOptions = {
  ...shared,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;",
  },
  // Optional native accelerators of a dependency, which it loads in a try block.
  external: ['cpu-features', '*.node'],
};

/**
 * Says which Node is needed instead of failing on syntax an older one does not know, so it uses old syntax itself. The
 * Node inside Electron has the newer JavaScript of its browser. Compiled code is kept from one start to the next, which
 * saves a third of the time.
 */
const LAUNCHER = `#!/usr/bin/env node
var major = Number(process.versions.node.split('.')[0]);
if (major < 22 && !process.versions.electron) {
  console.error('ksql needs Node 22 or newer; this is Node ' + process.versions.node + '.');
  process.exit(1);
} else {
  import('node:module').then(function (module) {
    if (module.enableCompileCache) module.enableCompileCache();
    return import('./cli.mjs');
  });
}
`;

/**
 * Starts the language server, whose compiled code is kept by Node from one start to the next, which saves a third of
 * the time.
 */
const SERVER_LAUNCHER = `import module from 'node:module';
module.enableCompileCache?.();
await import('./server-program.mjs');
`;

/** What the extension loads on demand is a bundle beside it: CommonJS bundles have no chunks. */
const modelToolsBeside: Plugin = {
  name: 'model-tools-beside',
  setup({ onResolve }) {
    onResolve({ filter: /engine\/tools\/tools\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './model-tools.cjs', external: true } : undefined,
    );
  },
};

/**
 * The styles of the results for outputs of notebooks, whose page is not ours alone: they hold within our outputs only.
 * Fonts belong to the page.
 */
async function notebookStyles(): Promise<string> {
  const styles = await readFile(path.join(dist, 'webview/results.css'), 'utf8');
  const font = /@font-face\s*\{[^}]*\}/;
  return `${font.exec(styles)?.[0] ?? ''}\n@scope (.ksql-output) {\n${styles.replace(font, '')}\n}\n`;
}

await mkdir(dist, { recursive: true });
// The declarations of `tsc -b` stay: it believes that they are there. The playground is built by itself.
for (const entry of await readdir(dist)) {
  if (entry !== 'types' && entry !== 'playground')
    await rm(path.join(dist, entry), { recursive: true, force: true, maxRetries: 3 });
}
const results = await Promise.all([
  build({
    ...nodeProgram,
    entryPoints: {
      cli: 'engine/cli/main.ts',
      'server-program': 'server/main.ts',
    },
    outdir: dist,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  }),
  build({
    ...shared,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    entryPoints: { extension: 'client/desktop/main.ts', 'model-tools': 'engine/tools/tools.ts' },
    outExtension: { '.js': '.cjs' },
    outdir: dist,
    external: ['vscode'],
    plugins: [modelToolsBeside],
  }),
  build({
    ...shared,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    entryPoints: {
      results: 'client/webview/results.ts',
      dashboard: 'client/webview/dashboard/dashboard-page.ts',
      sandbox: 'client/webview/sandbox.ts',
      topic: 'client/webview/topics/topic.ts',
    },
    outdir: path.join(dist, 'webview'),
    loader: { '.ttf': 'file', '.css': 'css' },
    assetNames: '[name]',
  }),
  // A renderer of notebooks is a module.
  build({
    ...shared,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    entryPoints: { notebook: 'client/webview/notebooks/notebook.ts' },
    outdir: path.join(dist, 'webview'),
  }),
  ...browserBuilds({ ...shared, outdir: path.join(dist, 'web') }),
]);
await writeFile(path.join(dist, 'webview/notebook.css'), await notebookStyles());
await writeFile(path.join(dist, 'ksql.mjs'), LAUNCHER);
await chmod(path.join(dist, 'ksql.mjs'), 0o755);
await writeFile(path.join(dist, 'server.mjs'), SERVER_LAUNCHER);
const data = ['flights-10k.json', 'airports.csv'].map((file) => `node_modules/vega-datasets/data/${file}`);
for (const file of data) await cp(path.join(root, file), path.join(dist, 'examples-data', path.basename(file)));
const quickJs = 'node_modules/quickjs-wasi/quickjs.wasm';
await cp(path.join(root, quickJs), path.join(dist, path.basename(quickJs)));
const notices = thirdPartyNotices(root, [...bundledFiles(results), ...data, quickJs]);
// The package has only its own licence, not that of the engine inside.
const quickJsNotice = await readFile(path.join(root, 'scripts/quickjs-notice.txt'), 'utf8');
await writeFile(path.join(dist, 'third-party-notices.txt'), `${notices}\n${'-'.repeat(80)}\n\n${quickJsNotice}`);
await printSizes(path.join(dist, 'web'));
