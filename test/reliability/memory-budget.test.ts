import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { KsqlClient } from '../../engine/api/client.ts';
import { httpClient } from '../../engine/api/http-client.ts';
import type { Starvation } from './starved-engine.ts';

const MB = 1024 * 1024;
const WAIT = { timeout: 60_000, interval: 100 };
vi.setConfig({ testTimeout: 90_000 });

/** An engine that is fed more than it has memory for. */
class Starved {
  readonly url: Promise<string>;
  readonly client: Promise<KsqlClient>;
  readonly #child: ChildProcess;
  stdout = '';
  stderr = '';
  exit: string | undefined;

  constructor(starvation: Starvation, heapMegabytes: number) {
    const script = path.join(import.meta.dirname, 'starved-engine.ts');
    this.#child = spawn(
      process.execPath,
      [`--max-old-space-size=${heapMegabytes}`, script, JSON.stringify(starvation)],
      {
        stdio: 'pipe',
      },
    );
    const address = Promise.withResolvers<string>();
    this.url = address.promise;
    this.client = this.url.then((url) => httpClient({ url }));
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      const url = /^http\S+\n/.exec(this.stdout)?.[0].trim();
      if (url !== undefined) address.resolve(url);
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#child.once('close', (code, signal) => {
      this.exit = `${code ?? signal}`;
      address.reject(new Error(`The engine ended with ${this.exit}: ${this.stderr}`));
    });
  }

  async fed(): Promise<void> {
    await expect.poll(() => this.exit ?? this.stdout, WAIT).toContain('fed');
  }

  /** It goes on answering, and says what it was told to wait for. */
  async says(message: RegExp): Promise<void> {
    await expect.poll(() => this.exit ?? this.stderr, WAIT).toMatch(message);
  }

  async isAlive(): Promise<void> {
    const client = await this.client;
    expect((await client.info()).KsqlServerInfo.serverStatus).toBe('RUNNING');
    await client.execute('SHOW QUERIES;');
    expect(this.exit, this.stderr).toBeUndefined();
  }

  async statusOf(queryId: string): Promise<unknown> {
    if (this.exit !== undefined) return `ended with ${this.exit}: ${this.stderr}`;
    const [answer] = await (await this.client).execute('SHOW QUERIES;');
    const { queries } = answer as unknown as { queries: readonly { id: string; statusCount: unknown }[] };
    return queries.find(({ id }) => id === queryId)?.statusCount;
  }

  async errorsOf(queryId: string): Promise<string> {
    const [answer] = await (await this.client).execute(`EXPLAIN ${queryId};`);
    return JSON.stringify(
      (answer as unknown as { queryDescription: { queryErrors: unknown } }).queryDescription.queryErrors,
    );
  }

  async rowsOf(topic: string): Promise<number> {
    const rows: unknown[] = [];
    const properties = { 'auto.offset.reset': 'earliest', 'ksql.workbench.until.end': 'true' };
    for await (const events of await (await this.client).query(
      `SELECT COUNT(*) FROM ${topic} GROUP BY 1 EMIT CHANGES;`,
      { properties },
    ))
      for (const event of events) if (event.kind === 'row') rows.push(event.content.values[0]);
    return Number(rows.at(-1));
  }

  async stop(): Promise<void> {
    const client = await this.client.catch(() => undefined);
    client?.close();
    if (this.exit === undefined) {
      const closed = new Promise((resolve) => this.#child.once('close', resolve));
      this.#child.kill('SIGKILL');
      await closed;
    }
  }
}

const started: Starved[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((engine) => engine.stop()));
});

function starve(starvation: Partial<Starvation> & Pick<Starvation, 'ksql' | 'feed'>, heapMegabytes = 256): Starved {
  const engine = new Starved({ memoryBytes: 16 * MB, topics: ['s'], rows: 40_000, ...starvation }, heapMegabytes);
  started.push(engine);
  return engine;
}

const STREAM =
  "CREATE STREAM s (k STRING KEY, v INT, s STRING) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);";
const RIGHT = "CREATE STREAM r (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'r', VALUE_FORMAT = 'JSON', PARTITIONS = 1);";
const TABLE =
  "CREATE TABLE t (k STRING PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);";

describe('a query whose state meets the end of the budget is paused, and says so', () => {
  test.each<[string, string, Starvation['feed'], string, Partial<Starvation>]>([
    [
      'keys that are ever new',
      `${STREAM} CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;`,
      'newKeys',
      'CTAS_O_0',
      { rows: 80_000 },
    ],
    [
      'windows of ever-new keys',
      `${STREAM} CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 365 DAYS) GROUP BY k;`,
      'newKeysOverTime',
      'CTAS_O_0',
      { rows: 80_000 },
    ],
    [
      'sessions of ever-new keys',
      `${STREAM} CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s WINDOW SESSION (1 HOUR, RETENTION 365 DAYS) GROUP BY k;`,
      'newKeys',
      'CTAS_O_0',
      {},
    ],
    [
      'a join of two streams within years',
      `${STREAM} ${RIGHT} CREATE STREAM o AS SELECT s.k, s.v AS sv, r.v AS rv FROM s LEFT JOIN r WITHIN 365 DAYS GRACE PERIOD 1 DAY ON s.k = r.k;`,
      'newKeys',
      'CSAS_O_0',
      { topics: ['s', 'r'] },
    ],
    [
      'one value that grows',
      `${STREAM} CREATE TABLE o AS SELECT k, ARRAY_LENGTH(COLLECT_LIST(s)) AS l FROM s GROUP BY k;`,
      'oneKey',
      'CTAS_O_0',
      { rows: 12_000 },
    ],
    [
      'the greatest of all, and counts of texts',
      `${STREAM} CREATE TABLE o AS SELECT k, TOPK(s, 100000) AS t, HISTOGRAM(s) AS h FROM s GROUP BY k;`,
      'newTexts',
      'CTAS_O_0',
      { rows: 40_000 },
    ],
    ['a table', `${TABLE} CREATE TABLE o AS SELECT k, v FROM t;`, 'newKeys', 'CTAS_O_0', {}],
  ])('%s', async (_what, ksql, feed, queryId, more) => {
    const engine = starve({ ksql, feed, ...more });
    await expect.poll(() => engine.statusOf(queryId), WAIT).toEqual({ PAUSED: 1 });
    await engine.says(/of the memory budget of 16 MB are in use/);
    expect(await engine.errorsOf(queryId)).toMatch(
      /The memory budget is used up, and the state of query .* The query is paused; .* --memory/,
    );
    await engine.isAlive();
    const memory = await (await engine.client).workbench('/memory');
    expect(memory).toMatchObject({
      limitBytes: 16 * MB,
      holders: expect.arrayContaining([expect.objectContaining({ name: `state of ${queryId}` })]),
    });
    // It is the state that is greatest; nothing that was acknowledged is gone until topics, too, are beyond their
    // share.
    await engine.fed();
    await engine.isAlive();
  });
});

test('with its state on a disk it does not pause, and memory is had by changes alone', async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-starved-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const rows = 80_000;
  const engine = starve({
    ksql: `${STREAM} CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;`,
    feed: 'newKeys',
    rows,
    stateDir,
    properties: { 'ksql.workbench.state.store': 'disk' },
  });
  await engine.fed();
  const query = async () => (await (await engine.client).statistics())?.[0];
  await expect.poll(async () => (await query())?.stateEntries, WAIT).toBe(rows);
  expect(await query()).toMatchObject({ state: 'RUNNING', recordsIn: rows });
  expect(await engine.errorsOf('CTAS_O_0')).not.toContain('paused');
  await engine.isAlive();
});

test('it goes on by itself when there is room', async () => {
  const ksql = `${STREAM} CREATE TABLE o AS SELECT k, COUNT(*) AS n FROM s GROUP BY k; CREATE TABLE p AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;`;
  // The counts of so many keys fit into the budget once, and not twice.
  const engine = starve({ ksql, feed: 'newKeys', rows: 36_000 });
  await engine.fed();
  await expect.poll(() => engine.statusOf('CTAS_P_1'), WAIT).toEqual({ PAUSED: 1 });
  await (await engine.client).execute('DROP TABLE o;');
  await expect.poll(() => engine.statusOf('CTAS_P_1'), WAIT).toEqual({ RUNNING: 1 });
  await engine.isAlive();
});

test('a flood of rows takes the oldest of its topic away, and says so', async () => {
  const engine = starve({ ksql: STREAM, feed: 'newTexts', rows: 60_000 });
  await engine.fed();
  await engine.says(/oldest records of topics were dropped/);
  await engine.isAlive();
  const kept = await engine.rowsOf('s');
  expect(kept).toBeGreaterThan(5000);
  expect(kept).toBeLessThan(60_000);
});

test('a client that reads nothing holds its query back', async () => {
  const engine = starve({ ksql: STREAM, feed: 'newTexts', rows: 30_000, memoryBytes: 48 * MB });
  const client = await engine.client;
  const { port } = new URL(await engine.url);
  const sql = JSON.stringify({ sql: 'SELECT * FROM s EMIT CHANGES;', properties: { 'auto.offset.reset': 'earliest' } });
  const socket = connect(Number(port), '127.0.0.1');
  socket.pause();
  socket.write(
    `POST /query-stream HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${sql.length}\r\n\r\n${sql}`,
  );
  await engine.fed();
  await engine.isAlive();
  const [statistics] = (await client.statistics())!;
  expect(statistics!.recordsIn).toBeGreaterThan(0);
  expect(statistics!.lag).toBeGreaterThan(0);
  socket.destroy();
  await expect.poll(() => client.statistics(), WAIT).toEqual([]);
});

test('a query of a client whose state does not fit ends with what to do', async () => {
  const engine = starve({ ksql: STREAM, feed: 'newKeys', rows: 100_000 });
  const client = await engine.client;
  const properties = { 'auto.offset.reset': 'earliest' };
  const errors: string[] = [];
  for await (const events of await client.query('SELECT k, COUNT(*) FROM s GROUP BY k EMIT CHANGES;', { properties }))
    for (const event of events) if (event.kind === 'error') errors.push(event.error.message);
  expect(errors).toEqual([expect.stringMatching(/The memory budget is used up.*The query was ended.*--memory/)]);
  await engine.isAlive();
});

test('thousands of unreadable records leave the newest in the log', async () => {
  const engine = starve({
    ksql: `${STREAM} CREATE STREAM o AS SELECT * FROM s;`,
    feed: 'unreadable',
    rows: 5000,
    properties: {
      'ksql.logging.processing.rows.include': 'true',
      'ksql.logging.processing.stream.auto.create': 'false',
    },
  });
  await engine.fed();
  await expect
    .poll(async () => (await (await engine.client).statistics())![0]!.badRecords, WAIT)
    .toBeGreaterThanOrEqual(500);
  const entries = (await (await engine.client).workbench('/processing-log')) as readonly unknown[];
  expect(entries.length).toBeGreaterThan(10);
  expect(JSON.stringify(entries).length).toBeLessThan(3 * MB);
  await engine.isAlive();
});

test('a lookup of a whole table is given row by row', async () => {
  const engine = starve({
    ksql: `${STREAM} CREATE TABLE o AS SELECT k, LATEST_BY_OFFSET(s) AS s FROM s GROUP BY k;`,
    feed: 'newTexts',
    rows: 25_000,
    memoryBytes: 192 * MB,
  });
  await engine.fed();
  const client = await engine.client;
  let rows = 0;
  for await (const events of await client.query('SELECT * FROM o;')) {
    for (const event of events) if (event.kind === 'row') rows++;
  }
  expect(rows).toBe(25_000);
  await engine.isAlive();
});

test('a budget beyond the heap of V8 does not end the process', async () => {
  const ksql = `${STREAM} CREATE TABLE o AS SELECT k, LATEST_BY_OFFSET(s) AS s FROM s GROUP BY k;`;
  const engine = starve({ ksql, feed: 'newTexts', rows: 100_000, memoryBytes: 4096 * MB }, 96);
  await expect.poll(() => engine.statusOf('CTAS_O_0'), WAIT).toEqual({ PAUSED: 1 });
  await engine.isAlive();
});
