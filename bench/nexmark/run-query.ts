/**
 * Runs one query of Nexmark in process, warm, checks what came of it and prints what it took as JSON.
 * Run with: node bench/nexmark/run-query.ts QUERY [EVENTS]
 */
import { openEngine } from '../../engine/open-engine.ts';
import { measure } from '../measure.ts';
import { checkTopic, removeResults, runToEnd } from '../table/run-to-end.ts';
import { QUERIES } from './queries.ts';
import { fillTopics } from './topics.ts';

const MEMORY_BYTES = 16 * 2 ** 30;
const [name, given] = process.argv.slice(2);
const query = QUERIES.find((each) => each.name === name);
if (query === undefined) {
  console.error(`There is no query ${String(name)}: there are ${QUERIES.map((each) => each.name).join(', ')}.`);
  process.exit(2);
}
const events = Number(given ?? query.events);
const engine = await openEngine({
  serviceId: 'bench_',
  memoryBytes: MEMORY_BYTES,
  properties: { 'auto.offset.reset': 'earliest' },
});
const written = await fillTopics(engine.broker, query.reads, events);
await engine.execute(query.declare);
await removeResults(engine, await runToEnd(engine, query.query), query.between);
const { cpuSeconds, wallSeconds } = await measure(async () => {
  await runToEnd(engine, query.query);
});
const results = await checkTopic(engine.broker, 'RESULT', query.check(events));
console.log(JSON.stringify({ value: written / cpuSeconds, byTheClock: written / wallSeconds, results }));
process.exit(0);
