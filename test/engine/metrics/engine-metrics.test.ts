import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { EngineMetrics } from '../../../engine/metrics/engine-metrics.ts';
import { QUERY_METRICS } from '../../../engine/metrics/query-metrics.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;
let id: string;

beforeAll(async () => {
  engine = await openEngine({
    properties: { 'auto.offset.reset': 'earliest', 'commit.interval.ms': '10', 'cache.max.bytes.buffering': '0' },
  });
  const metrics = new EngineMetrics();
  server = await startServer(engine, { host: '127.0.0.1', port: 0, metrics: async () => metrics });
  await engine.execute(`
    CREATE STREAM clicks (id INT, name STRING) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON', PARTITIONS = 2);
    CREATE TABLE counts AS SELECT name, COUNT(*) AS n FROM clicks WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 0 SECONDS) GROUP BY name;
    INSERT INTO clicks (ROWTIME, id, name) VALUES (600000, 1, 'ann');
    INSERT INTO clicks (ROWTIME, id, name) VALUES (600001, 2, 'bob');
    INSERT INTO clicks (ROWTIME, id, name) VALUES (600002, 3, NULL);`);
  id = engine.queries.all()[0]!.id;
});

afterAll(async () => {
  await server.close();
  await engine.close();
});

/** The samples of a page, by their names and labels. */
async function samples(): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${server.url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

const of = (metric: string) => `${metric}{query_id="${id}"}`;

test('a query tells what it has processed, written, dropped, committed and holds', async () => {
  await expect.poll(async () => (await samples()).get(of('kafka_streams_stream_task_metrics_process_total'))).toBe(3);
  await expect
    .poll(async () => (await samples()).get(of('kafka_streams_stream_task_metrics_commit_total')))
    .toBeGreaterThan(0);
  const found = await samples();
  expect(found.get(of('kafka_producer_topic_metrics_record_send_total'))).toBe(2);
  expect(found.get(of('kafka_streams_stream_task_metrics_dropped_records_total'))).toBe(1);
  expect(found.get(of('ksql_query_bad_records_total'))).toBe(1);
  expect(found.get(of('ksql_query_late_records_total'))).toBe(0);
  expect(found.get(of('ksql_query_state_entries'))).toBeGreaterThan(0);
  expect(found.get(of('ksql_query_state_bytes'))).toBeGreaterThan(0);
  expect(found.get(of('ksql_query_stream_time_seconds'))).toBe(600.002);
  expect(found.get(`ksql_query_state{query_id="${id}",state="RUNNING"}`)).toBe(1);
  expect(found.get('ksql_engine_queries{type="PERSISTENT"}')).toBe(1);
  for (const partition of [0, 1])
    expect(
      found.get(
        `kafka_consumer_fetch_manager_metrics_records_lag{query_id="${id}",topic="clicks",partition="${partition}"}`,
      ),
    ).toBe(0);
  for (const { name } of QUERY_METRICS) expect(found.has(of(name)), name).toBe(true);
});

test('the process tells of itself, and the budget of what is held', async () => {
  const found = await samples();
  expect(found.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(found.get('ksql_memory_limit_bytes')).toBe(engine.memory.limitBytes);
  expect(found.get('ksql_memory_used_bytes{kind="state"}')).toBeGreaterThan(0);
});

test('a counter is what it counts, however often it is asked for, and a query that is gone is gone', async () => {
  const before = (await samples()).get(of('kafka_streams_stream_task_metrics_process_total'));
  expect((await samples()).get(of('kafka_streams_stream_task_metrics_process_total'))).toBe(before);
  await engine.execute(`TERMINATE ${id};`);
  const names = [...(await samples()).keys()];
  expect(names.filter((name) => name.includes(id))).toEqual([]);
});

test('a server without figures says that there are none', async () => {
  const bare = await startServer(engine, { host: '127.0.0.1', port: 0 });
  expect((await fetch(`${bare.url}/metrics`)).status).toBe(404);
  await bare.close();
});
