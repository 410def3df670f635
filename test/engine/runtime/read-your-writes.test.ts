import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import type { RecordBatch } from '../../../engine/broker/record-batch.ts';
import { Engine } from '../../../engine/index.ts';

/** Takes its time for the topics that queries write, as a cluster does. */
class SlowBroker extends MemoryBroker {
  override async append(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number> {
    if (topic !== 'visits') await sleep(150);
    return super.append(topic, partition, batches);
  }
}

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.open({ broker: new SlowBroker() });
});
afterAll(() => engine.close());

async function rowsOf(sql: string): Promise<unknown[]> {
  const answer = await engine.ask(sql, {});
  if (answer.kind === 'print') throw new TypeError('No rows come from PRINT');
  const rows: unknown[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next())
    rows.push(...next.map(({ values }) => values));
  await answer.close();
  return rows;
}

test('a pull query finds what was written before it, through all queries between', async () => {
  await engine.execute(
    `CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE STREAM clean AS SELECT id, UCASE(page) AS page FROM visits;
     CREATE TABLE counts AS SELECT page, COUNT(*) AS n FROM clean GROUP BY page;`,
    { properties: { 'auto.offset.reset': 'earliest' } },
  );
  for (let n = 1; n <= 3; n++) {
    await engine.execute(`INSERT INTO visits VALUES (${n}, 'home');`);
    expect(await rowsOf("SELECT * FROM counts WHERE page = 'HOME';")).toEqual([['HOME', n]]);
  }
  await engine.execute("INSERT INTO visits VALUES (4, 'cart');");
  expect(await rowsOf('SELECT page FROM clean;')).toEqual([['HOME'], ['HOME'], ['HOME'], ['CART']]);
});
