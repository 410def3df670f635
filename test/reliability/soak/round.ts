import { setTimeout as wait } from 'node:timers/promises';
import type { KsqlClient } from '../../../engine/api/client.ts';
import type { Disturbance } from './disturbances.ts';
import type { EngineUnderTest } from './engine-under-test.ts';
import { Ledger, type Reckoning } from './ledger.ts';
import { repeating, type Worker, writer } from './load.ts';

const WRITERS = 4;
/** How long results may take to come after the last row was written, in milliseconds. */
const SETTLE_TIMEOUT_MS = 60_000;

export interface RoundOptions {
  readonly number: number;
  readonly durationMs: number;
  readonly disturbance: Disturbance;
}

export interface RoundReport {
  readonly round: number;
  readonly disturbance: string;
  /** The rows of the topic that was written to. */
  readonly rows: Reckoning;
  /** The rows that a query has copied into another topic: delivered at least once. */
  readonly copied: Reckoning;
  /** The count that an aggregate holds, less the rows that are in its topic: 0 when each was counted once. */
  readonly miscounted: number;
  readonly residentBytes: number;
  readonly problems: readonly string[];
}

/** Makes topics and queries, loads them while something goes wrong, reckons up, and drops everything again. */
export async function runRound(engine: EngineUnderTest, options: RoundOptions): Promise<RoundReport> {
  const { number, durationMs, disturbance } = options;
  const names = {
    rows: `ROWS_${number}`,
    copies: `COPIES_${number}`,
    counts: `COUNTS_${number}`,
    windows: `WINDOWS_${number}`,
  };
  const client = engine.client();
  const problems: string[] = [];
  try {
    await client.execute(`
      CREATE STREAM ${names.rows} (WRITER STRING KEY, N BIGINT, T STRING) WITH (KAFKA_TOPIC='${names.rows}', VALUE_FORMAT='JSON', PARTITIONS=2);
      SET 'auto.offset.reset'='earliest';
      CREATE STREAM ${names.copies} AS SELECT WRITER, N FROM ${names.rows} WHERE N >= 0;
      CREATE TABLE ${names.counts} AS SELECT WRITER, COUNT(*) AS HOW_MANY, MAX(N) AS NEWEST FROM ${names.rows} GROUP BY WRITER;
      CREATE TABLE ${names.windows} AS SELECT WRITER, COUNT(*) AS HOW_MANY FROM ${names.rows} WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY WRITER;`);
    const ledger = new Ledger();
    const workers = startLoad(engine, ledger, names);
    const disturbed = disturbance.during(engine, durationMs, names.rows);
    await wait(durationMs);
    problems.push(...(await disturbed));
    await Promise.all(workers.map((worker) => worker.stop()));
    const rows = await numbersIn(client, names.rows);
    const copied = await settled(
      () => numbersIn(client, names.copies),
      (found) => ledger.reckon(found).lost === 0,
    );
    const inTopic = rows.length;
    const counted = await settled(
      () => countIn(client, names.counts),
      (count) => count === inTopic,
    );
    const residentBytes = engine.residentBytes();
    return {
      round: number,
      disturbance: disturbance.name,
      rows: ledger.reckon(rows),
      copied: ledger.reckon(copied),
      miscounted: counted - inTopic,
      residentBytes,
      problems,
    };
  } finally {
    await drop(client, names).catch((error: Error) => problems.push(`Dropping: ${error.message}`));
    client.close();
  }
}

function startLoad(
  engine: EngineUnderTest,
  ledger: Ledger,
  names: { readonly rows: string; readonly counts: string },
): Worker[] {
  const writers = Array.from({ length: WRITERS }, (_, i) =>
    writer(engine, ledger, { stream: names.rows, name: `w${i}`, rowsPerRequest: 40, pauseMs: 100, textLength: 100 }),
  );
  const pulls = repeating(async () => {
    const client = engine.client();
    try {
      await rowsOf(client, `SELECT * FROM ${names.counts} WHERE WRITER='w1';`);
      await client.execute('SHOW QUERIES;');
    } finally {
      client.close();
    }
  }, 50);
  // Push queries that take some rows and leave without a word.
  const watchers = repeating(async (signal) => {
    const client = engine.client();
    try {
      const stream = await client.query(`SELECT * FROM ${names.rows} EMIT CHANGES;`);
      if (signal.aborted) return stream.close();
      signal.addEventListener('abort', () => stream.close());
      let seen = 0;
      for await (const events of stream) {
        seen += events.length;
        if (seen > 200) break;
      }
    } finally {
      client.close();
    }
  }, 50);
  return [...writers, pulls, watchers];
}

/** Asks until the answer is as wanted, or will not be any more; gives the last one. */
async function settled<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const endMs = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > endMs) return answer;
    await wait(250);
  }
}

async function rowsOf(client: KsqlClient, sql: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const events of await client.query(sql))
    for (const event of events) if (event.kind === 'row') rows.push([...event.content.values]);
  return rows;
}

async function numbersIn(client: KsqlClient, stream: string): Promise<[string, number][]> {
  return (await rowsOf(client, `SELECT WRITER, N FROM ${stream};`)).map(([name, n]) => [String(name), Number(n)]);
}

async function countIn(client: KsqlClient, table: string): Promise<number> {
  return (await rowsOf(client, `SELECT HOW_MANY FROM ${table};`)).reduce((sum, [count]) => sum + Number(count), 0);
}

async function drop(
  client: KsqlClient,
  names: Readonly<Record<'rows' | 'copies' | 'counts' | 'windows', string>>,
): Promise<void> {
  for (const table of [names.windows, names.counts]) await client.execute(`DROP TABLE ${table} DELETE TOPIC;`);
  for (const stream of [names.copies, names.rows]) await client.execute(`DROP STREAM ${stream} DELETE TOPIC;`);
}
