import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { ConnectClient } from '../../../engine/connectors/connect-client.ts';
import { ConnectorRegistry } from '../../../engine/connectors/connector-registry.ts';
import { Connectors } from '../../../engine/connectors/connectors.ts';
import { Engine } from '../../../engine/index.ts';

const DATAGEN = 'io.confluent.kafka.connect.datagen.DatagenConnector';
const CREATE = `CREATE SOURCE CONNECTOR G WITH ('connector.class'='${DATAGEN}', 'quickstart'='users', 'kafka.topic'='t', 'iterations'='1');`;
/** Nothing listens at it. */
const NOBODY = 'http://127.0.0.1:29';
const closings: (() => Promise<unknown>)[] = [];

async function open(connectUrl?: string): Promise<Engine> {
  const engine = await Engine.open({
    broker: new MemoryBroker(),
    connectUrl,
  });
  closings.push(() => engine.close());
  return engine;
}

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

test('without a Connect the built-in connectors are all there is', async () => {
  const engine = await open();
  expect(await engine.execute('SHOW CONNECTORS;')).toMatchObject([{ connectors: [], warnings: [] }]);
  const [plugins] = await engine.execute('SHOW CONNECTOR PLUGINS;');
  expect(plugins).toMatchObject({ connectorsPlugins: [{ className: DATAGEN, type: 'source' }, {}] });
  await engine.execute(CREATE);
  expect(await engine.execute('SHOW SOURCE CONNECTORS;')).toMatchObject([{ connectors: [{ name: 'G' }] }]);
  expect(await engine.execute('SHOW SINK CONNECTORS;')).toMatchObject([{ connectors: [] }]);
});

test('without a Connect a connector that is not built in does not exist', async () => {
  const engine = await open();
  const none = {
    code: 40400,
    message: expect.stringContaining('Connector C does not exist. No Kafka Connect is configured'),
  };
  await expect(engine.execute('DESCRIBE CONNECTOR c;')).rejects.toMatchObject(none);
  await expect(engine.execute('DROP CONNECTOR c;')).rejects.toMatchObject(none);
  expect(await engine.execute('DROP CONNECTOR IF EXISTS c;')).toMatchObject([{ '@type': 'warning_entity' }]);
});

test('a Connect that was asked for and does not answer is missed, in the words that say where', async () => {
  const engine = await open(NOBODY);
  const failure = /Connect to http:\/\/127\.0\.0\.1:29 failed: .*ECONNREFUSED[\s\S]*Could not connect to the server/;
  await expect(engine.execute('SHOW CONNECTORS;')).rejects.toThrow(failure);
  await expect(engine.execute('SHOW CONNECTOR PLUGINS;')).rejects.toThrow(failure);
  await engine.execute(CREATE);
  const [list] = await engine.execute('SHOW CONNECTORS;');
  expect(list).toMatchObject({
    connectors: [{ name: 'G' }],
    warnings: [{ message: expect.stringMatching(/127\.0\.0\.1:29 failed.*Only the connectors that run here/) }],
  });
});

test('what answers at the usual address and is no Connect is told only to who asked for it', async () => {
  const server = createServer((_, response) => response.end('<html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => new Promise((resolve) => server.close(resolve)));
  const client = new ConnectClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const broker = new MemoryBroker();
  const registry = new ConnectorRegistry({ broker });
  closings.push(
    () => broker.close(),
    () => registry.close(),
  );
  expect((await new Connectors(registry, { client, isConfigured: false }).plugins()).all).toHaveLength(2);
  await expect(new Connectors(registry, { client, isConfigured: true }).list()).rejects.toThrow(/no Kafka Connect/);
});
