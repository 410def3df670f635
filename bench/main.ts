/**
 * Runs the benchmarks, each in a process of its own: all of them, or those that are named.
 * npm run bench -- engine latency
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { kafkaMissing } from '../test/support/kafka-server.ts';

const PARTS = new Set(['main', 'measure', 'flights', 'long-script', 'workbench-costs']);
const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'))
  .filter((name) => !PARTS.has(name));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: there are ${all.join(', ')}.`);
  process.exit(2);
}

let failed = false;
for (const name of wanted.length > 0 ? wanted : all) {
  if (name === 'kafka' && kafkaMissing !== undefined) continue;
  if (
    ['latency', 'panel', 'notebook'].includes(name) &&
    !existsSync(path.join(import.meta.dirname, '../dist/ksql.mjs'))
  )
    spawnSync(process.execPath, [path.join(import.meta.dirname, '../scripts/build.ts')], { stdio: 'inherit' });
  console.log(`\n── ${name}`);
  const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' });
  if (status !== 0) failed = true;
}
process.exitCode = failed ? 1 : 0;
