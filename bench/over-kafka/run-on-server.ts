import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../../engine/broker/broker.ts';
import type { Run } from '../table/figures.ts';
import { checkTopic } from '../table/run-to-end.ts';
import type { KafkaLine } from './lines.ts';
import type { Server } from './server.ts';

/** How often it is looked whether results have come. */
const POLL_MS = 100;
/** When nothing has come for so long, it was all: ksqlDB writes what its cache holds every two seconds. */
const QUIET_MS = 5000;
const LIMIT_MS = 300_000;

export interface Measured {
  readonly broker: Broker;
  readonly rows: number;
  /** Called around the run that counts. */
  around?(run: () => Promise<Cost>): Promise<Cost>;
}

interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/**
 * Runs a line in a server, once to make it warm and once that counts, and holds the result against what it has to be.
 * @throws Error where a result is not right
 */
export async function runOnServer(server: Server, line: KafkaLine, measured: Measured): Promise<Run> {
  const { broker, rows } = measured;
  const counted = await line.fill(broker, rows);
  await server.execute(line.declare(rows));
  try {
    await runOnce(server, line, measured);
    await dropResults(server, line, broker);
    const run = () => runOnce(server, line, measured);
    const { cpuSeconds, wallSeconds } = await (measured.around?.(run) ?? run());
    const results = await checkTopic(broker, RESULT, line.check(rows));
    const [perCpuSecond, byTheClock] = [counted / cpuSeconds, counted / wallSeconds];
    return { value: line.byTheClock ? byTheClock : perCpuSecond, byTheClock, results };
  } finally {
    await dropResults(server, line, broker);
    for (const { kind, name } of madeBy(line.declare(rows))) await server.execute(`DROP ${kind} ${name};`);
  }
}

const RESULT = 'RESULT';

/** From the statements to the last result. */
async function runOnce(server: Server, line: KafkaLine, { broker, rows }: Measured): Promise<Cost> {
  const startedMs = performance.now();
  const cpuBefore = server.cpuSeconds;
  let last = { count: 0, atMs: startedMs, cpuSeconds: cpuBefore };
  await server.execute(line.query);
  const expected = line.setup.exactlyOnce ? undefined : line.results?.(rows);
  for (;;) {
    const count = await endOf(broker);
    const nowMs = performance.now();
    if (count !== last.count) last = { count, atMs: nowMs, cpuSeconds: server.cpuSeconds };
    if (count === expected || (count > 0 && nowMs - last.atMs > QUIET_MS)) break;
    if (nowMs - startedMs > LIMIT_MS) throw new Error(`There were ${count} results after ${LIMIT_MS / 1000} s.`);
    await sleep(POLL_MS);
  }
  return { wallSeconds: (last.atMs - startedMs) / 1000, cpuSeconds: last.cpuSeconds - cpuBefore };
}

async function endOf(broker: Broker): Promise<number> {
  try {
    return (await broker.offsets(RESULT)).reduce((sum, { latest }) => sum + latest, 0);
  } catch {
    // The server has yet to make it.
    return 0;
  }
}

interface Made {
  readonly kind: string;
  readonly name: string;
  readonly isResult: boolean;
}

/** What statements make, the newest first. */
const madeBy = (statements: string): readonly Made[] =>
  [...statements.matchAll(/CREATE (STREAM|TABLE) (\w+)([^;]*)/gi)]
    .map(([, kind, name, rest]) => ({ kind: kind!, name: name!, isResult: /\bAS\s+SELECT\b/i.test(rest!) }))
    .toReversed();

/** Ends the queries, and waits until the topics of their results are gone. */
async function dropResults(server: Server, line: KafkaLine, broker: Broker): Promise<void> {
  await server.execute('TERMINATE ALL;');
  for (const { kind, name, isResult } of madeBy(line.query)) {
    await server.execute(`DROP ${kind} IF EXISTS ${name}${isResult ? ' DELETE TOPIC' : ''};`);
    while (isResult && (await broker.describeTopic(name.toUpperCase())) !== undefined) await sleep(POLL_MS);
  }
}
