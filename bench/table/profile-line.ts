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

const places = new Map(
  profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
    id,
    `${functionName || '(anonymous)'} ${url.replace(`file://${root}/`, '')}${url === '' ? '' : `:${lineNumber + 1}`}`,
  ]),
);
const microseconds = new Map<string, number>();
profile.samples!.forEach((id, i) => {
  const place = places.get(id)!;
  microseconds.set(place, (microseconds.get(place) ?? 0) + profile.timeDeltas![i]!);
});
// Neither what waits nor the profiler's own start is a step.
for (const place of [...microseconds.keys()])
  if (place.startsWith('(idle)') || place.startsWith('post node:inspector')) microseconds.delete(place);
const total = [...microseconds.values()].reduce((sum, each) => sum + each, 0);
console.log(`${(total / 1000).toFixed(0)} ms in all`);
for (const [place, each] of [...microseconds].sort(([, a], [, b]) => b - a).slice(0, Number(steps)))
  console.log(`${((100 * each) / total).toFixed(1).padStart(5)}%  ${place}`);
process.exit(0);
