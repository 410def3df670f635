/**
 * Rows a second through the decoders and encoders, for rows of about 150 bytes with eight columns.
 * Run with: node bench/serde.ts
 */

import type { SerdeColumn, SerdeContext } from '../engine/serde/encoding/serde.ts';
import { FORMATS } from '../engine/serde/formats.ts';
import { MemoryRegistry } from '../engine/serde/schemas/memory-registry.ts';
import type { FormatName } from '../language/metastore/metastore.ts';
import { BIGINT, DOUBLE, INTEGER, type SqlValue, STRING } from '../language/types/sql-type.ts';

const COLUMNS: readonly SerdeColumn[] = [
  { name: 'ORDERID', type: INTEGER, slot: 0 },
  { name: 'CUSTOMER', type: STRING, slot: 1 },
  { name: 'ITEM', type: STRING, slot: 2 },
  { name: 'ORDERUNITS', type: DOUBLE, slot: 3 },
  { name: 'ORDERTIME', type: BIGINT, slot: 4 },
  { name: 'CITY', type: STRING, slot: 5 },
  { name: 'STATE', type: STRING, slot: 6 },
  { name: 'ZIPCODE', type: INTEGER, slot: 7 },
];
const ROWS: readonly (readonly SqlValue[])[] = Array.from({ length: 1000 }, (_, i) => [
  i * 7919,
  `customer-${i % 97}`,
  `Item_${i % 50}`,
  ((i * 37) % 1000) / 100,
  1_600_000_000_000 + i * 1234,
  `City_${i % 20}`,
  `State_${i % 10}`,
  10_000 + i,
]);
const ROUNDS = 1000;

/** Millions of rows a second. */
function measure(pass: () => void): string {
  for (let i = 0; i < ROUNDS / 5; i++) pass();
  const begin = process.hrtime.bigint();
  for (let i = 0; i < ROUNDS; i++) pass();
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  return ((ROUNDS * ROWS.length) / seconds / 1e6).toFixed(2);
}

async function bench(name: FormatName): Promise<void> {
  const context: SerdeContext = {
    topic: 'orders',
    isKey: false,
    format: { name },
    columns: COLUMNS,
    registry: new MemoryRegistry(),
  };
  const encoder = await FORMATS[name].createEncoder(context);
  const payloads = ROWS.map((row) => encoder.encode(row)!);
  const bytes = Buffer.concat(payloads);
  const starts: number[] = [];
  let start = 0;
  for (const payload of payloads) {
    starts.push(start);
    start += payload.length;
  }
  const decode = async (needed: (column: SerdeColumn) => boolean): Promise<string> => {
    const columns = COLUMNS.map((column) => ({ ...column, needed: needed(column) }));
    const decoder = await FORMATS[name].createDecoder({ ...context, columns });
    const row: SqlValue[] = COLUMNS.map(() => null);
    return measure(() => {
      for (let i = 0; i < starts.length; i++) decoder.decode(bytes, starts[i]!, starts[i + 1] ?? bytes.length, row);
    });
  };
  const two = await decode(({ name: column }) => column === 'ORDERUNITS' || column === 'ORDERTIME');
  const all = await decode(() => true);
  const written = measure(() => {
    for (const row of ROWS) encoder.encode(row);
  });
  const size = Math.round(bytes.length / ROWS.length);
  console.log(`${name.padEnd(14)} ${size} bytes/row; M rows/s: read two ${two}, read all ${all}, write ${written}`);
}

for (const name of ['JSON', 'AVRO', 'PROTOBUF', 'DELIMITED'] as const) await bench(name);
