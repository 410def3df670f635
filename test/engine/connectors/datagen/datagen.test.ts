import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import type { JsonValue } from '../../../../engine/connectors/configuration/converters.ts';
import { quickstartNamed } from '../../../../engine/connectors/datagen/quickstarts.ts';
import { SeededRandom } from '../../../../engine/connectors/datagen/random.ts';
import { type Row, rowsOf } from '../../../../engine/connectors/datagen/value-kind.ts';
import { Engine } from '../../../../engine/index.ts';
import { MemoryRegistry } from '../../../../engine/serde/schemas/memory-registry.ts';
import { QUICKSTART_NAMES, type QuickstartName } from '../../../../language/documentation/quickstart-names.ts';
import { typeToString } from '../../../../language/types/sql-type.ts';

const CLASS = 'io.confluent.kafka.connect.datagen.DatagenConnector';
const folder = mkdtempSync(path.join(tmpdir(), 'ksql-datagen-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function generated(name: QuickstartName, count: number, seed = 0): Row[] {
  const next = rowsOf(quickstartNamed(name)!.fields).begin();
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, n) => next(random, n));
}

async function select(engine: Engine, sql: string): Promise<JsonValue[][]> {
  const answer = await engine.ask(sql, { properties: { 'auto.offset.reset': 'earliest' } });
  if (answer.kind === 'print') throw new Error('PRINT gives no rows.');
  const rows: JsonValue[][] = [];
  for (let batch = await answer.next(); batch !== undefined; batch = await answer.next())
    rows.push(...batch.map(({ values }) => values as JsonValue[]));
  await answer.close();
  return rows;
}

describe('quickstarts', () => {
  let engine: Engine;
  const ROWS = 12;

  beforeAll(async () => {
    engine = await Engine.open({ broker: new MemoryBroker(), registry: new MemoryRegistry() });
  });
  afterAll(() => engine.close());

  /** A stream over the rows of a quickstart; its columns are declared, or come from the registry. */
  async function create(name: QuickstartName, format: string, converter: string): Promise<void> {
    const { fields } = quickstartNamed(name)!;
    const columns = Object.entries(fields).map(([field, { type }]) => `\`${field}\` ${typeToString(type!)}`);
    const stream = `${name}_${format}`;
    await engine.execute(`CREATE SOURCE CONNECTOR ${stream} WITH ('connector.class'='${CLASS}', 'quickstart'='${name}',
      'kafka.topic'='${stream}', 'iterations'='${ROWS}', 'max.interval'='0', 'value.converter'='${converter}');`);
    const declared = format === 'JSON' ? `(${columns.join(', ')})` : '';
    await engine.execute(
      `CREATE STREAM ${stream} ${declared} WITH (KAFKA_TOPIC='${stream}', VALUE_FORMAT='${format}');`,
    );
  }

  describe.each(QUICKSTART_NAMES)('%s', (name) => {
    test.each([
      ['JSON', 'org.apache.kafka.connect.json.JsonConverter'],
      ['AVRO', 'io.confluent.connect.avro.AvroConverter'],
      ['PROTOBUF', 'io.confluent.connect.protobuf.ProtobufConverter'],
    ])('fits its columns as %s', async (format, converter) => {
      await create(name, format, converter);
      const rows = await select(engine, `SELECT * FROM ${name}_${format};`);
      expect(engine.processingLog.entries).toEqual([]);
      expect(rows).toHaveLength(ROWS);
      const width = Object.keys(quickstartNamed(name)!.fields).length;
      for (const row of rows) {
        expect(row).toHaveLength(width);
        expect(row).not.toContain(null);
      }
    });

    test('has a key, and the same rows for the same seed', () => {
      const { keyField } = quickstartNamed(name)!;
      const rows = generated(name, 50, 7);
      expect(rows.every((row) => row[keyField] !== undefined)).toBe(true);
      expect(generated(name, 50, 7)).toEqual(rows);
    });
  });

  test('have keys that meet where one joins them', () => {
    const values = (name: QuickstartName, field: string) => new Set(generated(name, 300).map((row) => row[field]));
    for (const [name, field, other, key] of [
      ['ratings', 'user_id', 'customers', 'id'],
      ['clickstream', 'userid', 'clickstream_users', 'user_id'],
      ['clickstream', 'status', 'clickstream_codes', 'code'],
      ['transactions', 'card_id', 'credit_cards', 'card_id'],
      ['transactions', 'store_id', 'stores', 'store_id'],
      ['inventory', 'productid', 'product', 'id'],
      ['shoe_orders', 'product_id', 'shoes', 'product_id'],
      ['shoe_orders', 'customer_id', 'shoe_customers', 'id'],
      ['shoe_clickstream', 'user_id', 'shoe_customers', 'id'],
    ] as const) {
      const known = new Set([...values(other, key)].map(String));
      expect(
        [...values(name, field)].filter((value) => !known.has(String(value))),
        `${name}.${field}`,
      ).toEqual([]);
    }
  });

  test.each<[QuickstartName, string, number, number]>([
    ['ratings', 'stars', 1, 5],
    ['stock_trades', 'price', 5, 999],
    ['campaign_finance', 'contribution', 20, 3499],
    ['pizza_orders', 'date', 18_000, 18_999],
    ['pizza_orders', 'store_order_id', 1000, 1999],
    ['pizza_orders_completed', 'rack_time_secs', 130, 229],
    ['fleet_mgmt_location', 'latitude', -50, 70],
    ['fleet_mgmt_location', 'ts', 1_609_459_200_000, 1_640_995_198_999],
    ['fleet_mgmt_sensors', 'vehicle_id', 1000, 9998],
    ['purchases', 'price_per_unit', 10, 50],
    ['gaming_player_activity', 'points', 10, 499],
    ['payroll_bonus', 'employee_id', 1000, 1999],
    ['syslog_logs', 'level', 0, 190],
    ['shoe_clickstream', 'view_time', 10, 119],
  ])('%s.%s lies from %d to %d', (name, field, least, most) => {
    const values = generated(name, 1000).map((row) => Number(row[field]));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...values)).toBeLessThanOrEqual(most);
    expect(new Set(values).size).toBeGreaterThan(1);
  });

  test.each<[QuickstartName, string, RegExp]>([
    ['campaign_finance', 'candidate_id', /^[A-Z][1-9]{8}$/],
    ['fleet_mgmt_description', 'license_plate', /^[A-Z]{2}\d{6}[A-Z]$/],
    ['gaming_player_activity', 'coordinates', /^\[\d\d,\d\d\]$/],
    ['payroll_employee', 'ssn', /^\d{3}-\d\d-\d{4}$/],
    ['device_information', 'mac_address', /^[\dA-F]{2}(:[\dA-F]{2}){5}$/],
    ['shoes', 'product_id', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/],
  ])('%s.%s looks as it should', (name, field, pattern) => {
    for (const row of generated(name, 100)) expect(row[field]).toMatch(pattern);
  });

  test('the lines of a pizza order add up', () => {
    const lines = generated('pizza_orders', 100).map((row) => row['order_lines'] as Record<string, number>[]);
    expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([1, 2, 3, 4]));
    for (const line of lines.flat()) expect(line['net_price']).toBeCloseTo(line['quantity']! * line['unit_price']!);
  });
});

describe('schemas of one’s own', () => {
  const SCHEMA = JSON.stringify({
    type: 'record',
    name: 'reading',
    fields: [
      { name: 'id', type: { type: 'long', 'arg.properties': { iteration: { start: 10 } } } },
      { name: 'room', type: { type: 'string', 'arg.properties': { options: ['kitchen', 'attic'] } } },
    ],
  });
  let engine: Engine;

  async function open(folders: readonly string[]): Promise<void> {
    engine = await Engine.open({ broker: new MemoryBroker(), registry: new MemoryRegistry(), folders: () => folders });
  }
  afterEach(() => engine.close());

  const create = (properties: string) =>
    engine.execute(`CREATE SOURCE CONNECTOR r WITH ('connector.class'='${CLASS}', 'kafka.topic'='r',
      'iterations'='20', 'max.interval'='0', ${properties});`);

  test('make the rows and the key', async () => {
    await open([]);
    await create(`'schema.string'='${SCHEMA}', 'schema.keyfield'='room', 'value.converter'='AvroConverter'`);
    await engine.execute("CREATE STREAM r (k STRING KEY) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='AVRO');");
    const rows = await select(engine, 'SELECT * FROM r;');
    expect(rows.map(([, id]) => Number(id))).toEqual(Array.from({ length: 20 }, (_, n) => 10 + n));
    expect(new Set(rows.map(([key, , room]) => `${key} ${room}`))).toEqual(new Set(['kitchen kitchen', 'attic attic']));
  });

  test('are read from the folders that are named, and from no other', async () => {
    const named = path.join(folder, 'named');
    mkdirSync(named);
    writeFileSync(path.join(named, 'reading.avsc'), SCHEMA);
    writeFileSync(path.join(folder, 'secret.avsc'), SCHEMA);
    symlinkSync(path.join(folder, 'secret.avsc'), path.join(named, 'link.avsc'));
    await open([named]);
    for (const file of ['../secret.avsc', path.join(folder, 'secret.avsc'), 'link.avsc', 'nowhere.avsc'])
      await expect(create(`'schema.filename'='${file}'`)).rejects.toThrow(/there is no such file/);
    await create("'schema.filename'='reading.avsc', 'schema.keyfield'='id'");
    await engine.execute("CREATE STREAM r (id BIGINT, room STRING) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON');");
    expect(await select(engine, 'SELECT id FROM r LIMIT 2;')).toEqual([[10], [11]]);
  });

  test.each([
    ["'schema.string'='{}'", /schema\.string: /],
    ["'schema.string'='\"string\"'", /has to be a record/],
    [`'schema.string'='${SCHEMA}', 'quickstart'='users'`, /Give one of schema\.string and quickstart/],
    [`'schema.string'='${SCHEMA}', 'schema.keyfield'='nope'`, /no field nope to be the key; they have id, room/],
  ])('refuses %s', async (properties, message) => {
    await open([]);
    await expect(create(properties)).rejects.toThrow(message);
  });
});
