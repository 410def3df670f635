import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { ConnectorRegistry } from '../../../engine/connectors/connector-registry.ts';
import { QUICKSTARTS, quickstartNamed } from '../../../engine/connectors/datagen/quickstarts.ts';
import { recordsOf } from '../broker/broker-contract.ts';

const DATAGEN = 'io.confluent.kafka.connect.datagen.DatagenConnector';
const FILE = 'ksql.workbench.FileSourceConnector';
const folder = mkdtempSync(path.join(tmpdir(), 'ksql-connectors-'));
let open: { registry: ConnectorRegistry; broker: MemoryBroker }[] = [];

function newRegistry(stateFile?: string, broker = new MemoryBroker()) {
  const registry = new ConnectorRegistry({ broker, folders: () => [folder], ...(stateFile ? { stateFile } : {}) });
  open.push({ registry, broker });
  return { registry, broker };
}

async function rowsIn(broker: MemoryBroker, topic: string, partition = 0) {
  const records = recordsOf(await broker.read({ topic, partition, offset: 0 }, 1 << 30));
  return records.map((record) => ({ ...record, value: JSON.parse(record.value ?? 'null') }));
}

afterEach(async () => {
  for (const { registry, broker } of open) {
    await registry.close();
    await broker.close();
  }
  open = [];
});

describe('generated rows', () => {
  test.each(Object.keys(QUICKSTARTS))('%s has its fields and its key', async (quickstart) => {
    const { registry, broker } = newRegistry();
    const config = {
      'connector.class': DATAGEN,
      quickstart,
      'kafka.topic': 't',
      iterations: '30',
      'max.interval': '0',
    };
    await registry.create('G', config);
    const rows = await rowsIn(broker, 't');
    expect(rows).toHaveLength(30);
    const { fields, keyField } = quickstartNamed(quickstart)!;
    for (const { key, value } of rows) {
      expect(Object.keys(value)).toEqual(Object.keys(fields));
      expect(key).toBe(String(value[keyField]));
    }
  });

  test('are the same for the same seed, whatever the speed', async () => {
    const { registry, broker } = newRegistry();
    const config = { 'connector.class': DATAGEN, quickstart: 'ratings', iterations: '20', 'random.seed': '7' };
    await registry.create('FAST', { ...config, 'kafka.topic': 'fast', 'max.interval': '0' });
    await registry.create('SLOW', { ...config, 'kafka.topic': 'slow', 'max.interval': '4' });
    await expect.poll(async () => (await broker.offsets('slow'))[0]!.latest).toBe(20);
    const values = async (topic: string) => (await rowsIn(broker, topic)).map((row) => row.value);
    expect(await values('slow')).toEqual(await values('fast'));
  });

  test('keep to the interval, and stop while paused', async () => {
    const { registry, broker } = newRegistry();
    await registry.create('G', {
      'connector.class': DATAGEN,
      quickstart: 'users',
      'kafka.topic': 't',
      'max.interval': '10',
    });
    await expect.poll(async () => (await broker.offsets('t'))[0]!.latest).toBeGreaterThan(5);
    await registry.pause('g');
    expect(registry.list()).toMatchObject([{ name: 'G', type: 'source', state: 'PAUSED' }]);
    const paused = (await broker.offsets('t'))[0]!.latest;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await broker.offsets('t'))[0]!.latest).toBe(paused);
    await registry.resume('G');
    await expect.poll(async () => (await broker.offsets('t'))[0]!.latest).toBeGreaterThan(paused);
  });

  test('keys in binary form', async () => {
    const { registry, broker } = newRegistry();
    const converter = 'org.apache.kafka.connect.converters.LongConverter';
    const config = {
      quickstart: 'ratings',
      'kafka.topic': 't',
      iterations: '1',
      'max.interval': '0',
      'key.converter': converter,
    };
    await registry.create('G', { 'connector.class': DATAGEN, ...config });
    const cursor = (await broker.read({ topic: 't', partition: 0, offset: 0 }, 1000)).batches[0]!.records();
    cursor.next();
    expect([...cursor.key!]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe('rows of files', () => {
  test.each([
    ['json', 'rows.jsonl', '{"id":1,"name":"a"}\n\n{"id":2,"name":null}\n'],
    ['json-array', 'rows.json', '[{"id":1,"name":"a"},{"id":2,"name":null}]'],
    ['csv', 'rows.csv', 'id,name\r\n1,a\r\n2,\r\n'],
  ])('%s', async (_format, file, text) => {
    writeFileSync(path.join(folder, file), text);
    const { registry, broker } = newRegistry();
    const config = { file, 'kafka.topic': 't', 'key.field': 'id', 'timestamp.value': '2000-01-01T00:00:00Z' };
    await registry.create('F', { 'connector.class': FILE, ...config });
    expect(await rowsIn(broker, 't')).toMatchObject([
      { key: '1', value: { id: 1, name: 'a' }, timeMs: 946684800000 },
      { key: '2', value: { id: 2, name: null }, timeMs: 946684800000 },
    ]);
  });

  test('CSV cells keep what is not a number as JSON writes it', async () => {
    writeFileSync(path.join(folder, 'cells.csv'), 'zip,code,share,name\n01234,12,-1.5,"Smith, Jane ""J"""\n');
    const { registry, broker } = newRegistry();
    await registry.create('F', { 'connector.class': FILE, file: 'cells.csv', 'kafka.topic': 't' });
    const [row] = await rowsIn(broker, 't');
    expect(row!.value).toEqual({ zip: '01234', code: 12, share: -1.5, name: 'Smith, Jane "J"' });
  });

  test('spread over the partitions that the topic has, by key', async () => {
    const { registry, broker } = newRegistry();
    await broker.createTopic({ name: 't', partitions: 3, replicas: 1 });
    const rows = Array.from({ length: 60 }, (_, id) => JSON.stringify({ id })).join('\n');
    writeFileSync(path.join(folder, 'many.jsonl'), rows);
    await registry.create('F', { 'connector.class': FILE, file: 'many.jsonl', 'kafka.topic': 't', 'key.field': 'id' });
    const counts = (await broker.offsets('t')).map(({ latest }) => latest);
    expect(Math.min(...counts)).toBeGreaterThan(5);
    expect(counts.reduce((a, b) => a + b)).toBe(60);
  });

  test('the data of the examples is found by its name', async () => {
    const { registry, broker } = newRegistry();
    const config = { file: 'airports.csv', 'kafka.topic': 't', 'key.field': 'iata' };
    await registry.create('F', { 'connector.class': FILE, ...config });
    expect((await rowsIn(broker, 't')).find(({ key }) => key === 'SFO')!.value).toMatchObject({
      city: 'San Francisco',
      state: 'CA',
    });
  });

  test('a broken row fails the connector and says why', async () => {
    writeFileSync(path.join(folder, 'broken.jsonl'), '{"id":1}\n{"other":2}\n');
    const { registry } = newRegistry();
    await registry.create('F', {
      'connector.class': FILE,
      file: 'broken.jsonl',
      'kafka.topic': 't',
      'key.field': 'id',
    });
    expect(registry.describe('F').status.connector).toMatchObject({
      state: 'FAILED',
      trace: 'A row of the file has no field id: {"other":2}',
    });
  });
});

describe('the registry', () => {
  test.each([
    [{ quickstart: 'ratings' }, /"kafka.topic"/],
    [{ quickstart: 'nothing', 'kafka.topic': 't' }, /give one of ratings,/],
    [{ quickstart: 'users', 'kafka.topic': 't', 'max.interval': 'soon' }, /max.interval/],
    [{ quickstart: 'users', 'kafka.topic': 't', 'value.converter': 'x.AvroConverter' }, /VALUE_FORMAT/],
    [{ quickstart: 'users', 'kafka.topic': 't', 'key.field': 'nope' }, /no field nope/],
  ])('refuses %j', async (config, message) => {
    const { registry } = newRegistry();
    await expect(registry.create('G', { 'connector.class': DATAGEN, ...config })).rejects.toThrow(message);
    expect(registry.list()).toEqual([]);
  });

  test('knows what is built in, and names only once', async () => {
    const { registry } = newRegistry();
    expect(registry.isBuiltIn('org.apache.kafka.connect.file.FileStreamSinkConnector')).toBe(false);
    const config = { 'connector.class': DATAGEN, quickstart: 'users', 'kafka.topic': 't', iterations: '1' };
    await registry.create('G', config);
    await expect(registry.create('g', config)).rejects.toMatchObject({ code: 'exists' });
    await registry.drop('g');
    await expect(registry.drop('G')).rejects.toMatchObject({ code: 'unknown' });
  });

  test('connectors go on after a restart where they were', async () => {
    const stateFile = path.join(folder, 'connectors.json');
    const broker = new MemoryBroker();
    const first = newRegistry(stateFile, broker).registry;
    await first.create('G', {
      'connector.class': DATAGEN,
      quickstart: 'ratings',
      'kafka.topic': 't',
      'max.interval': '5',
    });
    await expect.poll(async () => (await broker.offsets('t'))[0]!.latest).toBeGreaterThan(3);
    await first.close();
    const written = (await broker.offsets('t'))[0]!.latest;
    const second = newRegistry(stateFile, broker).registry;
    await second.restore();
    await expect.poll(async () => (await broker.offsets('t'))[0]!.latest).toBeGreaterThan(written + 3);
    const ids = (await rowsIn(broker, 't')).map(({ value }) => value.rating_id);
    expect(ids).toEqual(ids.map((_, i) => i + 1));
  });

  test('a connector whose file is gone after a restart is listed as failed', async () => {
    const stateFile = path.join(folder, 'gone.json');
    const config = { 'connector.class': FILE, file: 'gone.csv', 'kafka.topic': 't' };
    writeFileSync(stateFile, JSON.stringify([{ name: 'F', config, position: 0, paused: false }]));
    const { registry } = newRegistry(stateFile);
    await registry.restore();
    expect(registry.describe('F').status.connector).toMatchObject({
      state: 'FAILED',
      trace: expect.stringMatching(/no such file/),
    });
  });
});
