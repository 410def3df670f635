import path from 'node:path';
import type { BuildOptions } from 'esbuild';

const standIn = (name: string) => path.join(import.meta.dirname, '../engine/browser/node', name);
const files = standIn('files.ts');
const processFigures = standIn('process.ts');

/** A program that runs in a worker of a browser: what it asks of Node, stand-ins answer, or say that there is none. */
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
