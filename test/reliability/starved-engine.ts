/**
 * An engine with little memory, as a process of its own: it serves, and feeds topics until it has written so many rows.
 * Its argument is a {@link Starvation} as JSON; it prints its address, and `fed` at the end.
 */
import { RecordBatchBuilder } from '../../engine/broker/record-batch.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { startServer } from '../../engine/rest/server.ts';

export interface Starvation {
  readonly memoryBytes: number;
  readonly ksql: string;
  readonly feed: keyof typeof FEEDS;
  readonly topics: readonly string[];
  readonly rows: number;
  readonly properties?: Readonly<Record<string, string>>;
  readonly stateDir?: string;
}

const BATCH_ROWS = 500;
const encoder = new TextEncoder();
const text = (i: number, length: number) => `${i}-`.padEnd(length, 'abcdefghij');

/** Key, value and time of the row of a number. */
const FEEDS = {
  newKeys: (i: number) => [`key ${i}`, `{"V":${i % 10}}`, i],
  /** An hour passes with every thousand rows. */
  newKeysOverTime: (i: number) => [`key ${i}`, `{"V":${i % 10}}`, i * 3600],
  oneKey: (i: number) => ['key', `{"S":"${text(i, 2000)}"}`, i],
  newTexts: (i: number) => [`key ${i}`, `{"S":"${text(i, 1000)}"}`, i],
  unreadable: (i: number) => [`key ${i}`, text(i, 20_000), i],
} satisfies Record<string, (i: number) => readonly [key: string, value: string, timeMs: number]>;

if (process.argv[2] !== undefined) {
  const { memoryBytes, ksql, feed, topics, rows, properties, stateDir }: Starvation = JSON.parse(process.argv[2]);
  const engine = await openEngine({
    memoryBytes,
    stateDir,
    properties: { 'auto.offset.reset': 'earliest', ...properties },
    onNotice: (notice) => process.stderr.write(`${notice}\n`),
  });
  const server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  await engine.execute(ksql);
  process.stdout.write(`${server.url}\n`);
  for (let i = 0; i < rows; ) {
    const builder = new RecordBatchBuilder();
    for (let inBatch = 0; inBatch < BATCH_ROWS && i < rows; inBatch++, i++) {
      const [key, value, timeMs] = FEEDS[feed](i);
      builder.append(encoder.encode(key), encoder.encode(value), 1_700_000_000_000 + timeMs);
    }
    const batch = builder.build();
    for (const topic of topics) await engine.broker.append(topic, 0, [batch]);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  process.stdout.write('fed\n');
}
