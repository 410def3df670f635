import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { ConnectClient } from '../../../engine/connectors/connect-client.ts';
import { ConnectorRegistry } from '../../../engine/connectors/connector-registry.ts';
import { Connectors } from '../../../engine/connectors/connectors.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import { recordsOf } from '../broker/broker-contract.ts';

const FILE_STREAM = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const DATAGEN = 'io.confluent.kafka.connect.datagen.DatagenConnector';

describe.skipIf(kafkaMissing !== undefined)('connectors over a real Kafka and a real Connect worker', () => {
  let kafka: KafkaServer;
  let broker: KafkaBroker;
  let connectors: Connectors;

  beforeAll(async () => {
    kafka = await startKafka({ connect: true });
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    connectors = new Connectors(new ConnectorRegistry({ broker }), {
      client: new ConnectClient(kafka.connectUrl!),
      isConfigured: true,
    });
    // The port answers before the worker has joined its group.
    await vi.waitFor(() => connectors.list(), { timeout: 60_000, interval: 200 });
  }, 300_000);
  afterAll(async () => {
    await connectors?.close();
    await broker?.close();
    await kafka?.stop();
  });

  test('a built-in source writes to Kafka', async () => {
    const config = { quickstart: 'users', 'kafka.topic': 'users', iterations: '50', 'max.interval': '0' };
    await connectors.create('GENERATED', { 'connector.class': DATAGEN, ...config });
    const fetched = await broker.read({ topic: 'users', partition: 0, offset: 0 }, 1 << 20);
    expect(recordsOf(fetched)).toHaveLength(50);
    expect((await connectors.list()).all).toMatchObject([{ name: 'GENERATED', className: DATAGEN, state: 'RUNNING' }]);
    await connectors.drop('GENERATED');
  });

  test('any other class goes to Connect: created, listed, described and dropped', async () => {
    const file = path.join(tmpdir(), `ksql-lines-${process.pid}.txt`);
    writeFileSync(file, 'one\ntwo\n');
    const created = await connectors.create('LINES', { 'connector.class': FILE_STREAM, file, topic: 'lines' });
    expect(created).toMatchObject({ name: 'LINES', type: 'source', config: { file } });
    await expect
      .poll(async () => (await connectors.list()).all, { timeout: 20_000 })
      .toEqual([{ name: 'LINES', type: 'source', className: FILE_STREAM, state: 'RUNNING (1/1 tasks RUNNING)' }]);
    expect(await connectors.describe('LINES')).toMatchObject({
      connectorClass: FILE_STREAM,
      status: { connector: { state: 'RUNNING' }, tasks: [{ id: 0, state: 'RUNNING' }] },
    });
    expect(await connectors.find('lines')).toBe('LINES');
    await expect(connectors.create('LINES', created.config)).rejects.toMatchObject({
      status: 409,
      message: 'Connector LINES already exists',
    });
    await connectors.drop('LINES');
    await expect(connectors.describe('LINES')).rejects.toMatchObject({ status: 404 });
  });

  test('passes on what Connect finds wrong', async () => {
    const config = { 'connector.class': FILE_STREAM, topic: 'lines', 'batch.size': 'many' };
    await expect(connectors.create('WRONG', config)).rejects.toThrow(/Validation error: batch.size - .*many/);
    expect((await connectors.plugins()).all.map(({ className }) => className)).toEqual(
      expect.arrayContaining([DATAGEN, FILE_STREAM]),
    );
  });
});
