/**
 * Builds the playground of `examples/web` into a folder of static files that any web server can host, and serves it on
 * this machine: `npm run playground`, with `-- --build` to build alone, or `-- --port N` for another port than 8090.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { browserProgram, bundledFiles, printSizes, workerBuild } from './bundles.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

const { values: options } = parseArgs({
  options: { build: { type: 'boolean', default: false }, port: { type: 'string', default: '8090' } },
});
const root = path.join(import.meta.dirname, '..');
const source = path.join(root, 'examples/web');
const site = path.join(root, 'dist/playground');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
  '.json': 'application/json',
};

const shared: BuildOptions = {
  bundle: true,
  minify: true,
  logLevel: 'warning',
  legalComments: 'none',
  absWorkingDir: root,
  outdir: site,
  loader: { '.ttf': 'file', '.css': 'css' },
  assetNames: '[name]',
  metafile: true,
};
const monaco = path.join(root, 'node_modules/monaco-editor/esm');

await rm(site, { recursive: true, force: true });
await mkdir(path.join(site, 'examples'), { recursive: true });
const results = await Promise.all([
  workerBuild(shared),
  build({
    ...shared,
    ...browserProgram,
    format: 'esm',
    target: 'es2022',
    entryPoints: {
      playground: 'examples/web/playground.ts',
      'editor.worker': path.join(monaco, 'vs/editor/editor.worker.js'),
    },
    alias: {
      ...browserProgram.alias!,
      vscode: path.join(source, 'vscode-in-page.ts'),
      // Its client of language servers has no entry point of its own, and the package's brings eighty languages along.
      'monaco-lsp-client': path.join(monaco, 'external/monaco-lsp-client/out/index.js'),
    },
  }),
  build({
    ...shared,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    entryPoints: { results: 'client/webview/results.ts' },
  }),
]);
for (const file of ['index.html', 'layout.css', 'theme.css']) await cp(path.join(source, file), path.join(site, file));
const data = ['flights-10k.json', 'airports.csv'].map((file) => `node_modules/vega-datasets/data/${file}`);
for (const file of data) await cp(path.join(root, file), path.join(site, 'data', path.basename(file)));
const examples = (await readdir(path.join(root, 'examples'))).filter((file) => /(?<!\.test)\.ksql$/.test(file));
for (const file of examples) await cp(path.join(root, 'examples', file), path.join(site, 'examples', file));
await writeFile(path.join(site, 'examples/index.json'), JSON.stringify(examples.toSorted()));
await writeFile(
  path.join(site, 'third-party-notices.txt'),
  thirdPartyNotices(root, [...bundledFiles(results), ...data]),
);
await printSizes(site);

if (!options.build) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(site, path.normalize(pathname === '/' ? '/index.html' : decodeURIComponent(pathname)));
    try {
      const bytes = await readFile(file);
      response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'text/plain; charset=utf-8' }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(Number(options.port), '127.0.0.1', () =>
    console.log(`The playground: http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
  );
}
