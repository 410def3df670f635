import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Broker } from '../engine/broker/broker.ts';
import { RecordBatchBuilder } from '../engine/broker/record-batch.ts';

const data = path.join(import.meta.dirname, '../node_modules/vega-datasets/data');
const BATCH_BYTES = 512 * 1024;
const DAY_MS = 86_400_000;

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/**
 * Fills topics for the benchmarks: `flights`, rows of about 90 bytes repeated from 10,000 real ones, a millisecond
 * apart, each with one of 10,000 planes as its key; and `airports`, a table, older than all flights.
 */
export async function writeFlights(broker: Broker, rows: number): Promise<void> {
  const encode = new TextEncoder();
  const flights = (JSON.parse(readFileSync(path.join(data, 'flights-10k.json'), 'utf8')) as Flight[]).map((flight) =>
    encode.encode(JSON.stringify(flight)),
  );
  const planes = Array.from({ length: 10_000 }, (_, i) => encode.encode(`N${i}`));
  const startMs = Date.UTC(2001, 0, 1);
  await broker.createTopic({ name: 'airports', partitions: 1, replicas: 1 });
  await broker.createTopic({ name: 'flights', partitions: 1, replicas: 1 });
  const airports = new RecordBatchBuilder();
  for (const line of readFileSync(path.join(data, 'airports.csv'), 'utf8').split('\n').slice(1)) {
    const [iata, name, city, state] = line.split(',');
    if (state === undefined) continue;
    airports.append(encode.encode(iata), encode.encode(JSON.stringify({ name, city, state })), startMs - DAY_MS);
  }
  await broker.append('airports', 0, [airports.build()]);
  const builder = new RecordBatchBuilder(BATCH_BYTES);
  let written: Promise<unknown> = Promise.resolve();
  for (let row = 0; row < rows; row++) {
    builder.append(planes[(row * 7919) % planes.length]!, flights[row % flights.length]!, startMs + row);
    if (builder.sizeBytes < BATCH_BYTES) continue;
    await written;
    written = broker.append('flights', 0, [builder.build()]);
  }
  await written;
  if (builder.count > 0) await broker.append('flights', 0, [builder.build()]);
}
