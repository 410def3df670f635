import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { goingOnAfterDamage } from '../../engine/runtime/task/damaged-state.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-damaged-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const notices: string[] = [];
const open = (store: string) =>
  openEngine({
    stateDir: path.join(folder, store),
    properties: { 'auto.offset.reset': 'earliest', 'commit.interval.ms': '1', 'ksql.workbench.state.store': store },
    onNotice: (notice) => notices.push(notice),
  });

async function countsOf(engine: Engine): Promise<unknown[]> {
  const answer = await engine.ask('SELECT k, n FROM c;');
  const rows: unknown[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next())
    for (const row of next) rows.push('values' in row ? row.values : row);
  return rows.sort();
}

test.each(['memory', 'disk'])(
  'a query whose state file is damaged (%s) builds again what the file lacks, and says so',
  async (store) => {
    let engine = await open(store);
    await engine.execute(
      "CREATE STREAM s (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1); CREATE TABLE c AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;",
    );
    for (let i = 0; i < 20; i++) {
      await engine.execute(`INSERT INTO s (k, v) VALUES ('k${i % 3}', ${i});`);
      await countsOf(engine);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const counted = await countsOf(engine);
    await engine.close();
    const queries = path.join(folder, store, 'queries');
    const [name] = readdirSync(queries);
    const file = path.join(queries, name!);
    const bytes = readFileSync(file);
    // Half of a page of SQLite may be empty; so it is more than a byte.
    if (store === 'disk') bytes.fill(0xff, Math.floor(bytes.length / 2));
    else bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(file, bytes);
    engine = await open(store);
    expect(await countsOf(engine)).toEqual(counted);
    expect(notices.join('\n')).toMatch(
      /Query CTAS_C_0: The state file .*CTAS_C_0\.(state is damaged at byte \d+|db is damaged \()/,
    );
    const [explained] = await engine.execute('EXPLAIN CTAS_C_0;');
    expect(JSON.stringify(explained)).toContain('is damaged');
    await engine.execute("INSERT INTO s (k, v) VALUES ('k0', 100);");
    expect(await countsOf(engine)).toEqual(counted.map((row, i) => (i === 0 ? ['k0', 8] : row)));
    await engine.close();
    expect(readFileSync(`${file}.damaged`)).toEqual(bytes);
  },
);

test('it stops where the topic has not got any more what is missing', () => {
  const state = { damage: 'The state file F is damaged at byte 7.', positions: new Map([['t-0', 5]]) };
  const bounds = (earliest: number) => [{ partition: 0, earliest, latest: 9 }];
  expect(goingOnAfterDamage(state, 't', bounds(5)).text).toContain('The state file F is damaged at byte 7.');
  expect(() => goingOnAfterDamage(state, 't', bounds(6))).toThrow(
    /damaged at byte 7.*topic t, partition 0 has no records before offset 6 any more, and those from offset 5 on are wanted.*TERMINATE/,
  );
});
