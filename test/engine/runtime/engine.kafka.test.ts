import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../support/kafka-server.ts';

describe.skipIf(kafkaMissing !== undefined)('the engine over a real Kafka', () => {
  let kafka: KafkaServer;
  let engine: Engine;
  let stateDir: string;

  const open = () => openEngine({ bootstrapServers: kafka.bootstrapServer, stateDir });

  beforeAll(async () => {
    kafka = await startKafka();
    stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-kafka-'));
    engine = await open();
  }, 300_000);

  afterAll(async () => {
    await engine?.close();
    await kafka?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

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

  test('joins, aggregates and looks up, and goes on after a restart', { timeout: 60_000 }, async () => {
    await engine.execute(
      `CREATE STREAM orders (id INT KEY, item STRING, qty INT) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=3);
       CREATE TABLE items (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='items', VALUE_FORMAT='JSON', PARTITIONS=3);
       INSERT INTO items VALUES ('nut', 0.5); INSERT INTO items VALUES ('bolt', 2.0);
       CREATE STREAM priced AS SELECT o.item AS item, id, qty * price AS total FROM orders o LEFT JOIN items i ON o.item = i.item;
       CREATE TABLE totals AS SELECT item, COUNT(*) AS n, SUM(total) AS total FROM priced GROUP BY item;`,
      { properties: { 'auto.offset.reset': 'earliest' } },
    );
    await engine.execute(
      "INSERT INTO orders VALUES (1, 'nut', 4); INSERT INTO orders VALUES (2, 'bolt', 3); INSERT INTO orders VALUES (3, 'nut', 2);",
    );
    await expect
      .poll(() => rowsOf("SELECT * FROM totals WHERE item = 'nut';"), { timeout: 20_000 })
      .toEqual([['nut', 2, 3]]);
    expect(await rowsOf('SELECT id, total FROM priced EMIT CHANGES LIMIT 3;')).toHaveLength(3);

    await engine.close();
    engine = await open();
    await engine.execute("INSERT INTO orders VALUES (4, 'nut', 10);");
    await expect
      .poll(() => rowsOf("SELECT * FROM totals WHERE item = 'nut';"), { timeout: 20_000 })
      .toEqual([['nut', 3, 8]]);
    expect(await rowsOf('SELECT id FROM priced;')).toHaveLength(4);
    await engine.execute('DROP TABLE totals DELETE TOPIC; DROP STREAM priced DELETE TOPIC;');
    expect((await engine.broker.listTopics()).map(({ name }) => name)).not.toContain('TOTALS');
  });

  test('who asks right after CREATE … AS gets what it makes', { timeout: 60_000 }, async () => {
    const earliest = { properties: { 'auto.offset.reset': 'earliest' } };
    await engine.execute(
      "CREATE STREAM clicks (id INT KEY, page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=2);",
    );
    await engine.execute(
      "INSERT INTO clicks VALUES (1, 'home'); INSERT INTO clicks VALUES (2, 'cart'); INSERT INTO clicks VALUES (3, 'home');",
    );
    await engine.execute('CREATE TABLE looked_up AS SELECT page, COUNT(*) AS n FROM clicks GROUP BY page;', earliest);
    expect(await rowsOf("SELECT * FROM looked_up WHERE page = 'home';")).toEqual([['home', 2]]);
    await engine.execute('CREATE TABLE pushed AS SELECT page, COUNT(*) AS n FROM clicks GROUP BY page;', earliest);
    expect(await rowsOf('SELECT page FROM pushed EMIT CHANGES LIMIT 2;')).toHaveLength(2);
    await engine.execute('CREATE STREAM read AS SELECT * FROM clicks;', earliest);
    expect(await rowsOf('SELECT * FROM read;')).toHaveLength(3);
    await engine.execute('CREATE STREAM followed AS SELECT * FROM clicks;', earliest);
    expect(await rowsOf('SELECT * FROM followed EMIT CHANGES LIMIT 3;')).toHaveLength(3);
  });
});
