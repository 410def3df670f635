/**
 * Where the time of one line goes: the steps of some warm runs by the share of samples that fell into them. On a
 * machine that does other things, too, samples also fall where the process had to wait.
 * Run with: node bench/table/profile-line.ts LINE [ROWS [STEPS]]
 */
import { Session } from 'node:inspector/promises';
import path from 'node:path';
import { openEngine } from '../../engine/open-engine.ts';
import { LINES } from './lines.ts';
import { removeResults, runToEnd } from './run-to-end.ts';
import { printSamples } from './samples.ts';

const MEMORY_BYTES = 16 * 2 ** 30;
const ROUNDS = 3;
const root = path.join(import.meta.dirname, '../..');

const [name, rows, steps = '30'] = process.argv.slice(2);
const line = LINES.find((each) => each.name === name);
if (line === undefined) {
  console.error(`There is no line ${String(name)}: there are ${LINES.map((each) => each.name).join(', ')}.`);
  process.exit(2);
}
const engine = await openEngine({
  serviceId: 'bench_',
  memoryBytes: MEMORY_BYTES,
  properties: { 'auto.offset.reset': 'earliest' },
});
await line.fill(engine.broker, Number(rows ?? line.rows));
for (const { id } of await runToEnd(engine, line.declare)) await engine.execute(`TERMINATE ${id};`);
await removeResults(engine, await runToEnd(engine, line.query));
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 500 });
await session.post('Profiler.start');
for (let round = 0; round < ROUNDS; round++) await removeResults(engine, await runToEnd(engine, line.query));
const { profile } = await session.post('Profiler.stop');

printSamples(profile, root, Number(steps));
process.exit(0);
