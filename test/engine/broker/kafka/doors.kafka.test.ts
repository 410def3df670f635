import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker, testKafkaConnection } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { kafkaSettings } from '../../../../engine/broker/kafka/settings.ts';
import { CERTIFICATES, type KafkaServer, kafkaMissing, startKafka } from '../../../support/kafka-server.ts';
import { startTokenEndpoint, type TokenEndpoint } from '../../../support/token-endpoint.ts';
import { batchOf, recordsOf } from '../broker-contract.ts';

const certificate = (name: string) => path.join(CERTIFICATES, name);
const TRUST = { 'ssl.truststore.location': certificate('ca.pem') };
const KEYSTORE = { 'ssl.keystore.location': certificate('client.p12'), 'ssl.keystore.password': 'secret' };

describe.skipIf(kafkaMissing !== undefined)('the doors of a real Kafka', () => {
  let kafka: KafkaServer;
  let tokens: TokenEndpoint;
  let topics = 0;

  beforeAll(async () => {
    kafka = await startKafka({ tls: true });
    // A token that is used up after three seconds.
    tokens = await startTokenEndpoint(4);
  }, 300_000);
  afterAll(async () => {
    tokens?.close();
    await kafka?.stop();
  });

  const login = (options: string) => `x.LoginModule required ${options};`;
  /** Asks for what every part of the client asks for. */
  const useAll = async (broker: KafkaBroker): Promise<void> => {
    const topic = `door-${++topics}`;
    await broker.createTopic({ name: topic, partitions: 1, replicas: 1 });
    await broker.append(topic, 0, [batchOf('a')]);
    const fetched = await broker.read({ topic, partition: 0, offset: 0 }, 1 << 20);
    expect(recordsOf(fetched).map(({ value }) => value)).toEqual(['a']);
    await broker.commit('door', [{ topic, partition: 0, offset: 1 }]);
    expect(await broker.listGroups()).toContain('door');
  };
  const oauth = (secret: string) => ({
    'bootstrap.servers': kafka.saslBootstrapServer,
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'OAUTHBEARER',
    'sasl.oauthbearer.token.endpoint.url': tokens.url,
    'sasl.jaas.config': login(`clientId="workbench" clientSecret="${secret}" scope="kafka"`),
  });

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])(
    'logs in with %s, and says so when the password is wrong',
    async (mechanism) => {
      const settings = (password: string) =>
        kafkaSettings({
          'bootstrap.servers': kafka.saslBootstrapServer,
          'security.protocol': 'SASL_PLAINTEXT',
          'sasl.mechanism': mechanism,
          'sasl.jaas.config': login(`username="alice" password="${password}"`),
        });
      const broker = await KafkaBroker.connect(settings('alice-secret'));
      await useAll(broker);
      await broker.close();
      const refused = await testKafkaConnection(settings('wrong'));
      expect(refused).toMatchObject({ code: 'not-authorized' });
      expect(refused!.message).toMatch(/SASL_AUTHENTICATION_FAILED/);
    },
  );

  test('logs in with a token that it gets for client credentials, and again when the broker wants that', async () => {
    const broker = await KafkaBroker.connect(kafkaSettings(oauth('s3cret')));
    await useAll(broker);
    const before = tokens.given();
    // The broker ends a login after four seconds.
    await expect
      .poll(() => useAll(broker).then(() => tokens.given()), { timeout: 60_000, interval: 1500 })
      .toBeGreaterThan(before + 1);
    await broker.close();
  }, 120_000);

  test('says who refused the client, and who the token', async () => {
    expect((await testKafkaConnection(kafkaSettings(oauth('wrong'))))!.message).toBe(
      `Getting an access token from ${tokens.url}: HTTP 401 invalid_client: nobody of that name`,
    );
    const settings = kafkaSettings(oauth('s3cret'));
    const bad = { ...settings, sasl: { mechanism: 'oauthbearer', token: async () => 'no.token.' } } as const;
    const refused = (await testKafkaConnection(bad))!;
    expect(refused.code).toBe('not-authorized');
    expect(refused.message).toMatch(/Logging in to .*does not take the token: .*invalid_token/);
  });

  test('speaks TLS with an authority of its own, and shows its key', async () => {
    const properties = { 'bootstrap.servers': kafka.tls!.bootstrapServer, 'security.protocol': 'SSL' };
    const broker = await KafkaBroker.connect(kafkaSettings({ ...properties, ...TRUST, ...KEYSTORE }));
    await useAll(broker);
    await broker.close();
    const messageOf = async (given: object) =>
      (await testKafkaConnection(kafkaSettings({ ...properties, ...given })))!.message;
    expect(await messageOf(KEYSTORE)).toMatch(/certificate.*ssl\.truststore/);
    expect(await messageOf(TRUST)).toMatch(/certificate.*ssl\.keystore/);
  });

  test('logs in over TLS', async () => {
    const broker = await KafkaBroker.connect(
      kafkaSettings({
        'bootstrap.servers': kafka.tls!.saslBootstrapServer,
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'SCRAM-SHA-512',
        'sasl.jaas.config': login('username="alice" password="alice-secret"'),
        ...TRUST,
      }),
    );
    await useAll(broker);
    await broker.close();
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'writes %s that Java reads, alone and in transactions',
    async (codec) => {
      const broker = await KafkaBroker.connect(
        kafkaSettings({ 'bootstrap.servers': kafka.bootstrapServer, 'compression.type': codec }),
      );
      const topic = `compressed-${codec}`;
      // The broker takes the records out, and compresses them its own way: it has read all of them.
      const other = codec === 'gzip' ? 'lz4' : 'gzip';
      const config = { 'compression.type': other };
      await broker.createTopic({ name: topic, partitions: 1, replicas: 1, config });
      const values = Array.from(
        { length: 20_000 },
        (_, i) => `value ${i} ${(i * 2654435761) % 1e9} ${'x'.repeat(i % 90)}`,
      );
      await broker.append(topic, 0, [batchOf(...values), batchOf('small')]);
      const producer = await broker.openTransactions(`compressed-${codec}`);
      await producer.begin();
      await producer.produce(topic, 0, [batchOf(...values)]);
      await producer.commit();
      const read: (string | null)[] = [];
      const all = [...values, 'small', ...values];
      for (let offset = 0; read.length < all.length; ) {
        const fetched = await broker.read({ topic, partition: 0, offset }, 1 << 22);
        read.push(...recordsOf(fetched, offset).map(({ value }) => value));
        offset = (fetched.batches.at(-1)?.lastOffset ?? offset - 1) + 1;
      }
      expect(read).toEqual(all);
      await broker.close();
    },
    120_000,
  );
});
