import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, type BuildResult, build } from 'esbuild';

const standIn = (name: string) => path.join(import.meta.dirname, '../engine/browser/node', name);
const files = standIn('files.ts');
const processFigures = standIn('process.ts');

/** A program for a browser: what it asks of Node, stand-ins answer, or say that there is none. */
export const browserProgram: BuildOptions = {
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  inject: [standIn('globals.ts')],
  define: { 'import.meta.dirname': '""' },
  alias: {
    'node:crypto': standIn('crypto.ts'),
    'node:fs': files,
    'node:os': processFigures,
    'node:path': files,
    'node:perf_hooks': processFigures,
    'node:readline': files,
    'node:timers/promises': standIn('timers.ts'),
    'node:v8': processFigures,
    'node:zlib': standIn('zlib.ts'),
    // Only its types are compared; the rest of it streams files.
    avsc: 'avsc/etc/browser/avsc-types.js',
    util: standIn('util.ts'),
  },
};

/** The engine and the language server, each for a worker. */
export const workerBuild = (shared: BuildOptions): Promise<BuildResult> =>
  build({
    ...shared,
    ...browserProgram,
    entryPoints: { engine: 'engine/browser/main.ts', server: 'server/browser-main.ts' },
  });

/** The extension and what it starts in workers, for a VS Code that is all in a browser. */
export const browserBuilds = (shared: BuildOptions): readonly Promise<BuildResult>[] => [
  workerBuild(shared),
  build({
    ...shared,
    ...browserProgram,
    format: 'cjs',
    entryPoints: { extension: 'client/browser/main.ts' },
    // In a package of type `module` VS Code takes any other name for that of an ES module.
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
  }),
];

/** The files that are in some bundles; one that was read and left out of the output is not shipped. */
export const bundledFiles = (results: readonly BuildResult[]): readonly string[] =>
  results.flatMap(({ metafile }) =>
    Object.values(metafile!.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ),
  );

/** Says how large the bundles of a folder are: what somebody downloads before the first row. */
export async function printSizes(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((file) => /\.c?js$/.test(file))) {
    const bytes = await readFile(path.join(folder, name));
    const kilobytes = (size: number) => `${Math.round(size / 1024).toLocaleString('en')} KB`;
    console.log(
      `${path.basename(folder)}/${name}: ${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes).length)} compressed`,
    );
  }
}
