/**
 * Runs one line of the table in process, warm, checks what came of it and prints what it took as JSON.
 * Run with: node bench/table/run-line.ts LINE [ROWS]
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { measure } from '../measure.ts';
import type { Run } from './figures.ts';
import { LINES, type Line } from './lines.ts';
import { fillRatings } from './rows.ts';
import { checkTopic, removeResults, runToEnd } from './run-to-end.ts';

/** Of topics and state; more than any line needs, so that none measures how the engine saves memory. */
const MEMORY_BYTES = 16 * 2 ** 30;
/** So far apart that each row of a user falls into a minute of its own. */
const MEMORY_EVERY_MS = 6;

const openBench = (): Promise<Engine> =>
  openEngine({
    serviceId: 'bench_',
    memoryBytes: MEMORY_BYTES,
    properties: { 'auto.offset.reset': 'earliest' },
  });

async function runLine({ fill, declare, query, readBack, check }: Line, rows: number): Promise<Run> {
  const engine = await openBench();
  await fill(engine.broker, rows);
  for (const { id } of await runToEnd(engine, declare)) await engine.execute(`TERMINATE ${id};`);
  // The first run makes it warm. What it wrote is not looked at.
  await removeResults(engine, await runToEnd(engine, query));
  const { cpuSeconds, wallSeconds } = await measure(async () => {
    await runToEnd(engine, query);
  });
  if (readBack !== undefined) await runToEnd(engine, readBack);
  const results = await checkTopic(engine.broker, readBack === undefined ? 'RESULT' : 'READBACK', check(rows));
  await engine.close();
  return { value: rows / cpuSeconds, byTheClock: rows / wallSeconds, results };
}

/** Bytes that the state of a tumbling count takes for each key and window: what is freed when its query ends. */
async function memoryOfWindows(rows: number): Promise<Run> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const usedBytes = async (): Promise<number> => {
    for (let i = 0; i < 3; i++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const engine = await openBench();
  await fillRatings(engine.broker, rows, { everyMs: MEMORY_EVERY_MS });
  await engine.execute(LINES.find(({ name }) => name === 'tumbling')!.declare);
  // Nothing here may hold on to the query, whose state would stay.
  const [{ id, windows }] = (
    await runToEnd(
      engine,
      'CREATE TABLE result AS SELECT user_id, COUNT(*) AS n FROM ratings WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY user_id;',
    )
  ).map((query) => ({ id: query.id, windows: query.table!.size })) as [{ id: string; windows: number }];
  if (windows !== rows) throw new Error(`The table has ${windows} windows instead of ${rows}.`);
  const withState = await usedBytes();
  await engine.execute(`TERMINATE ${id};`);
  const value = (withState - (await usedBytes())) / windows;
  await engine.close();
  return { value, results: windows };
}

const [name, given] = process.argv.slice(2);
const line = LINES.find((each) => each.name === name);
const run =
  line === undefined
    ? await memoryOfWindows(Number(given ?? 1_000_000))
    : await runLine(line, Number(given ?? line.rows));
console.log(JSON.stringify(run));
process.exit(0);
