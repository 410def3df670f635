/**
 * Runs one query of Nexmark in process, warm, checks what came of it and prints what it took as JSON.
 * Run with: node bench/nexmark/run-query.ts QUERY [EVENTS]
 */
import type { Broker } from '../../engine/broker/broker.ts';
import { RecordBatchBuilder } from '../../engine/broker/record-batch.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { measure } from '../measure.ts';
import { checkTopic, removeResults, runToEnd } from '../table/run-to-end.ts';
import { type EventKind, eventAt, kindOf } from './generator.ts';
import { QUERIES } from './queries.ts';

const BATCH_BYTES = 512 * 1024;
const MEMORY_BYTES = 16 * 2 ** 30;
const utf8 = new TextEncoder();

/** Writes the events of some kinds, each kind to a topic of its own; keys are ids, as Kafka writes a BIGINT. */
async function fill(broker: Broker, kinds: readonly EventKind[], events: number): Promise<number> {
  let written = 0;
  for (const kind of kinds) {
    await broker.createTopic({ name: kind, partitions: 1, replicas: 1 });
    const builder = new RecordBatchBuilder(BATCH_BYTES);
    for (let n = 0; n < events; n++) {
      if (kindOf(n) !== kind) continue;
      const { event } = eventAt(n);
      const [id, value] = splitKey(event);
      const key = Buffer.alloc(8);
      key.writeBigInt64BE(BigInt(id));
      builder.append(key, utf8.encode(JSON.stringify(value)), event.date_time);
      written++;
      if (builder.sizeBytes >= BATCH_BYTES) await broker.append(kind, 0, [builder.build()]);
    }
    if (builder.count > 0) await broker.append(kind, 0, [builder.build()]);
  }
  return written;
}

/** The key of an event, and what is left for its value. */
function splitKey(event: ReturnType<typeof eventAt>['event']): readonly [number, object] {
  if ('auction' in event) {
    const { auction, ...value } = event;
    return [auction, value];
  }
  const { id, ...value } = event;
  return [id, value];
}

const [name, given] = process.argv.slice(2);
const query = QUERIES.find((each) => each.name === name);
if (query === undefined) {
  console.error(`There is no query ${String(name)}: there are ${QUERIES.map((each) => each.name).join(', ')}.`);
  process.exit(2);
}
const events = Number(given ?? query.events);
const engine = await openEngine({
  serviceId: 'bench_',
  memoryBytes: MEMORY_BYTES,
  properties: { 'auto.offset.reset': 'earliest' },
});
const written = await fill(engine.broker, query.reads, events);
await engine.execute(query.declare);
await removeResults(engine, await runToEnd(engine, query.query), query.between);
const { cpuSeconds, wallSeconds } = await measure(async () => {
  await runToEnd(engine, query.query);
});
const results = await checkTopic(engine.broker, 'RESULT', query.check(events));
console.log(JSON.stringify({ value: written / cpuSeconds, byTheClock: written / wallSeconds, results }));
process.exit(0);
