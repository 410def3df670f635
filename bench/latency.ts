/**
 * How long single things take, as one who works with the engine feels it: the process starts, a statement is answered,
 * a row arrives. Uses the built command line (npm run build), as users do.
 * Run with: node bench/latency.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { httpClient } from '../engine/api/http-client.ts';
import { median } from './measure.ts';

const ROUNDS = 9;
const cli = path.join(import.meta.dirname, '../dist/ksql.mjs');
if (!existsSync(cli)) {
  console.error('There is no dist/ksql.mjs. Run npm run build first.');
  process.exit(1);
}

function print(title: string, milliseconds: readonly number[], ksqldb: string): void {
  console.log(`${title.padEnd(52)} ${median(milliseconds).toFixed(1).padStart(8)} ms   (ksqlDB 7.9.9: ${ksqldb})`);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** A server of its own, in a process of its own, with its memory. */
async function startServer() {
  const server = spawn(process.execPath, [cli, 'serve', '--listen', '127.0.0.1:0', '--no-token'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return { url, server };
  }
  throw new Error('The server ended before it listened.');
}

const starts: number[] = [];
for (let i = 0; i < ROUNDS; i++) {
  const started = performance.now();
  const { url, server } = await startServer();
  const client = httpClient({ url });
  await client.execute('SHOW STREAMS;');
  starts.push(performance.now() - started);
  client.close();
  server.kill('SIGTERM');
  await once(server, 'exit');
}
print('process start to first answer', starts, '3,500 to 4,100 ms');

const { url, server } = await startServer();
const client = httpClient({ url });
const properties = { 'auto.offset.reset': 'earliest' };

const creates: number[] = [];
const inserts: number[] = [];
const firstRows: number[] = [];
const streamAs: number[] = [];
const tableAs: number[] = [];
const pulls: number[] = [];

/** The first row of a query. */
async function firstRow(sql: string): Promise<void> {
  const stream = await client.query(sql, { properties });
  for await (const events of stream) if (events.some(({ kind }) => kind === 'row')) return;
}

for (let i = 0; i < ROUNDS; i++) {
  creates.push(
    await timed(() =>
      client.execute(
        `CREATE STREAM s${i} (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 's${i}', VALUE_FORMAT = 'JSON', PARTITIONS = 1);`,
      ),
    ),
  );
  for (let row = 0; row < 20; row++)
    inserts.push(await timed(() => client.execute(`INSERT INTO s${i} (k, v) VALUES ('k${row}', ${row});`)));
  firstRows.push(await timed(() => firstRow(`SELECT * FROM s${i} EMIT CHANGES;`)));
  streamAs.push(
    await timed(async () => {
      await client.execute(`CREATE STREAM t${i} AS SELECT k, v * 2 AS w FROM s${i};`, { properties });
      await firstRow(`SELECT * FROM t${i} EMIT CHANGES;`);
    }),
  );
  tableAs.push(
    await timed(async () => {
      await client.execute(`CREATE TABLE n${i} AS SELECT k, COUNT(*) AS n FROM s${i} GROUP BY k;`, { properties });
      await firstRow(`SELECT * FROM n${i} WHERE k = 'k7';`);
    }),
  );
  for (let row = 0; row < 20; row++)
    pulls.push(await timed(() => firstRow(`SELECT * FROM n${i} WHERE k = 'k${row}';`)));
}
print('CREATE STREAM with its topic', creates, '240 ms');
print('INSERT INTO … VALUES', inserts, '19 to 26 ms');
print('push query, first row', firstRows, '56 ms warm, 350 ms cold');
print('CREATE STREAM AS to a row in the sink', streamAs, '450 ms');
print('CREATE TABLE AS COUNT to a row of a pull query', tableAs, '550 ms');
print('pull query by key', pulls, '5.6 ms');
const memory = /VmRSS:\s+(\d+)/.exec(
  existsSync('/proc') ? readFileSync(`/proc/${server.pid}/status`, 'utf8') : '',
)?.[1];
if (memory !== undefined)
  console.log(`memory after that: ${Math.round(Number(memory) / 1024)} MB   (ksqlDB 7.9.9: 600 MB)`);
client.close();
server.kill('SIGTERM');
await once(server, 'exit');

const script = path.join(mkdtempSync(path.join(tmpdir(), 'ksql-bench-')), 'first-row.ksql');
writeFileSync(
  script,
  `CREATE STREAM s (v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO s (v) VALUES (1);
SELECT * FROM s EMIT CHANGES LIMIT 1;
`,
);
const runs: number[] = [];
for (let i = 0; i < ROUNDS; i++) {
  runs.push(
    await timed(async () => {
      const run = spawn(
        process.execPath,
        [cli, 'run', script, '--output', 'json', '--property', 'auto.offset.reset=earliest'],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      for await (const line of createInterface({ input: run.stdout })) if (line.includes('"row"')) break;
      run.kill();
    }),
  );
}
print('ksql run: process start to the first row', runs, 'has no such thing');
