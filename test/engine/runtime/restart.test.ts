import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let stateDir: string;
let engine: Engine;

beforeEach(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-restart-'));
  engine = await openEngine({ stateDir });
});

afterEach(async () => {
  await engine.close();
  rmSync(stateDir, { recursive: true, force: true });
});

async function restart(): Promise<void> {
  await engine.close();
  engine = await openEngine({ stateDir });
}

/** All rows of a query that ends by itself. */
async function rowsOf(sql: string): Promise<unknown[]> {
  const answer = await engine.ask(sql, { properties: { 'auto.offset.reset': 'earliest' } });
  if (answer.kind === 'print') throw new TypeError('No rows come from PRINT');
  const rows: unknown[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next()) {
    rows.push(...next.map(({ values }) => values));
  }
  await answer.close();
  return rows;
}

const EARLIEST = { properties: { 'auto.offset.reset': 'earliest' } };

test('sources, records, queries and their state outlive the process', async () => {
  await engine.execute(
    `CREATE TYPE money AS DECIMAL(8, 2);
     CREATE STREAM sales (shop STRING KEY, amount money) WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='AVRO', PARTITIONS=2);
     CREATE TABLE totals AS SELECT shop, COUNT(*) AS n, SUM(amount) AS amount FROM sales GROUP BY shop;
     INSERT INTO sales VALUES ('north', 1.50); INSERT INTO sales VALUES ('south', 2.00); INSERT INTO sales VALUES ('north', 0.25);`,
    EARLIEST,
  );
  const before = await rowsOf("SELECT * FROM totals WHERE shop = 'north';");
  expect(before).toEqual([['north', 2, 175n]]);

  await restart();
  expect(await rowsOf("SELECT * FROM totals WHERE shop = 'north';")).toEqual(before);
  await engine.execute("INSERT INTO sales VALUES ('north', 1.00);");
  // Nothing was counted twice, and nothing was lost.
  expect(await rowsOf("SELECT * FROM totals WHERE shop = 'north';")).toEqual([['north', 3, 275n]]);
  expect(await rowsOf("SELECT * FROM sales WHERE shop = 'south';")).toEqual([['south', 200n]]);
  expect(engine.queries.all().map(({ id }) => id)).toEqual(['CTAS_TOTALS_0']);
});

test('a query that was terminated does not process anything when the commands are replayed', async () => {
  await engine.execute(
    `CREATE STREAM a (k STRING KEY, v INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE STREAM b AS SELECT * FROM a;
     INSERT INTO a VALUES ('x', 1);`,
    EARLIEST,
  );
  expect(await rowsOf('SELECT * FROM b EMIT CHANGES LIMIT 1;')).toHaveLength(1);
  await engine.execute('TERMINATE CSAS_B_0;');
  await restart();
  expect(engine.queries.all()).toHaveLength(0);
  expect(await rowsOf('SELECT * FROM b;')).toEqual([['x', 1]]);
  await engine.execute('CREATE STREAM c AS SELECT * FROM a; DROP STREAM b;');
  expect(engine.queries.all().map(({ id }) => id)).toEqual(['CSAS_C_1']);
});

test('a paused query stays paused, and reads on from where it was', async () => {
  await engine.execute(
    `CREATE STREAM a (k STRING KEY, v INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE STREAM b AS SELECT k, v + 1 AS v FROM a;
     INSERT INTO a VALUES ('x', 1);`,
    EARLIEST,
  );
  expect(await rowsOf('SELECT * FROM b EMIT CHANGES LIMIT 1;')).toEqual([['x', 2]]);
  await engine.execute("PAUSE CSAS_B_0; INSERT INTO a VALUES ('y', 2);");
  await restart();
  expect(await engine.execute('SHOW QUERIES;')).toMatchObject([{ queries: [{ statusCount: { PAUSED: 1 } }] }]);
  expect(await rowsOf('SELECT * FROM b;')).toEqual([['x', 2]]);
  await engine.execute('RESUME CSAS_B_0;');
  expect(await rowsOf('SELECT * FROM b EMIT CHANGES LIMIT 2;')).toEqual([
    ['x', 2],
    ['y', 3],
  ]);
});

test('an unclean end costs no more than what was not committed', async () => {
  await engine.execute(
    `CREATE STREAM a (k STRING KEY, v INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE TABLE t AS SELECT k, SUM(v) AS s FROM a GROUP BY k;
     INSERT INTO a VALUES ('x', 1); INSERT INTO a VALUES ('x', 2);`,
    { properties: { 'auto.offset.reset': 'earliest', 'commit.interval.ms': '20' } },
  );
  expect(await rowsOf("SELECT * FROM t WHERE k = 'x';")).toEqual([['x', 3]]);
  await expect.poll(() => engine.queries.all()[0]?.run.positions[0]?.committedOffset).toBe(2);
  // A second engine over a copy of the directory sees what the first would leave behind if it were killed now.
  const copy = `${stateDir}-copy`;
  cpSync(stateDir, copy, { recursive: true });
  rmSync(path.join(copy, 'lock'));
  const other = await openEngine({ stateDir: copy });
  const answer = await other.ask("SELECT * FROM t WHERE k = 'x';");
  expect(answer.kind === 'print' ? undefined : await answer.next()).toMatchObject([{ values: ['x', 3] }]);
  await other.close();
  rmSync(copy, { recursive: true });
});
