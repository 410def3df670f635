import { afterEach, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import type { Port } from '../../../engine/api/port/messages.ts';
import { portClient } from '../../../engine/api/port/port-client.ts';
import { startEngine } from '../../../engine/browser/start-engine.ts';
import type { FileRequest } from '../../../engine/browser/worker-messages.ts';
import type { Engine } from '../../../engine/index.ts';

const FILES: Readonly<Record<string, string>> = {
  'clicks.jsonl': '{"id":"a","n":1}\r\n{"id":"b","n":2}\n\n{"id":"c","n":3}',
  'airports.csv': 'iata,name\nJFK,Kennedy\n',
  'row.avsc': JSON.stringify({ type: 'record', name: 'r', fields: [{ name: 'n', type: 'int' }] }),
};

let engine: Engine;
let client: KsqlClient;
let notices: string[];
const closings: (() => void)[] = [];

const channel = () => new MessageChannel() as unknown as Readonly<Record<'port1' | 'port2', Port>>;

async function start(properties: Readonly<Record<string, string>> = {}): Promise<void> {
  const [rest, files] = [channel(), channel()];
  files.port1.onmessage = ({ data }) => {
    const { id, name } = data as FileRequest;
    files.port1.postMessage({ id, text: FILES[name] });
  };
  closings.push(() => files.port1.close());
  notices = [];
  engine = await startEngine({ rest: rest.port2, files: files.port2, properties }, (notice) => notices.push(notice));
  client = portClient(rest.port1);
}

afterEach(async () => {
  client.close();
  await engine.close();
  for (const close of closings.splice(0)) close();
});

async function rowsOf(sql: string): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  const stream = await client.query(sql, { properties: { 'auto.offset.reset': 'earliest' } });
  for await (const events of stream)
    for (const event of events) if (event.kind === 'row') rows.push(event.content.values);
  return rows;
}

test('files come from whoever started it, line by line or as a whole', async () => {
  await start();
  await client.execute(`
    CREATE SOURCE CONNECTOR clicks WITH ('connector.class'='FileSourceConnector', 'file'='clicks.jsonl', 'kafka.topic'='clicks', 'key.field'='id');
    CREATE SOURCE CONNECTOR airports WITH ('connector.class'='FileSourceConnector', 'file'='airports.csv', 'kafka.topic'='airports');
    CREATE SOURCE CONNECTOR made WITH ('connector.class'='DatagenConnector', 'schema.filename'='row.avsc', 'kafka.topic'='made', 'iterations'='1', 'max.interval'='0');`);
  await client.execute(`
    CREATE STREAM clicks (id STRING KEY, n INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');
    CREATE STREAM airports (iata STRING, name STRING) WITH (KAFKA_TOPIC='airports', VALUE_FORMAT='JSON');`);
  expect(await rowsOf('SELECT id, n FROM clicks EMIT CHANGES LIMIT 3;')).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  expect(await rowsOf('SELECT * FROM airports EMIT CHANGES LIMIT 1;')).toEqual([['JFK', 'Kennedy']]);
});

test('a file that nobody has is no file', async () => {
  await start();
  const create = client.execute(
    `CREATE SOURCE CONNECTOR x WITH ('connector.class'='FileSourceConnector', 'file'='gone.csv', 'kafka.topic'='x');`,
  );
  await expect(create).rejects.toThrow(/there is no such file.*workspace/);
});

test('what needs the desktop says so', async () => {
  await start({ 'bootstrap.servers': 'localhost:9092', 'ksql.extension.dir': '/functions' });
  expect(notices).toEqual([
    'Kafka needs KSQL Workbench on the desktop: bootstrap.servers is passed over here.',
    'Functions of your own needs KSQL Workbench on the desktop: ksql.extension.dir is passed over here.',
  ]);
  const create = client.execute(`CREATE SINK CONNECTOR x WITH ('connector.class'='io.example.Jdbc', 'topics'='x');`);
  await expect(create).rejects.toThrow(/Kafka Connect needs KSQL Workbench on the desktop/);
  const [listed] = await client.execute('SHOW CONNECTORS;');
  expect(listed).toMatchObject({ connectors: [] });
});
