import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { KafkaListener } from '../../../../engine/broker/listener/kafka-listener.ts';
import { kafkaMissing, kafkaToolJars } from '../../../support/kafka-server.ts';
import { recordsOf } from '../broker-contract.ts';

const hasKcat = spawnSync('kcat', ['-V']).error === undefined;
if (!hasKcat) console.warn('Skipped: what kcat does with the listener; kcat is not installed.');

let broker: MemoryBroker;
let listener: KafkaListener;
let address: string;
beforeAll(async () => {
  broker = new MemoryBroker({ stateDir: mkdtempSync(path.join(tmpdir(), 'ksql-kafka-tools-')) });
  listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0 });
  address = `127.0.0.1:${listener.port}`;
});
afterAll(async () => {
  await listener.close();
  await broker.close();
});

/** What a program has printed, once it has ended well. @throws Error with what it said otherwise */
function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(stdout) : reject(new Error(`${args.join(' ')}: ${code}\n${stdout}${stderr}`)),
    );
  });
}

const lines = (text: string) => text.trim().split('\n').toSorted();
const allOf = async (topic: string) => {
  const partitions = (await broker.offsets(topic)).map(async ({ partition }) => {
    const fetched = await broker.read({ topic, partition, offset: 0 }, 1 << 28);
    return recordsOf(fetched).map(({ key, value }) => `${key}:${value}`);
  });
  return (await Promise.all(partitions)).flat().toSorted();
};

describe.skipIf(kafkaMissing !== undefined)("Apache Kafka's own tools", () => {
  let classPath: string;
  beforeAll(async () => {
    classPath = path.join(await kafkaToolJars(), '*');
  }, 300_000);

  const tool = (name: string, args: readonly string[], input = '') =>
    run(
      'java',
      [
        '-Xmx256m',
        '-XX:TieredStopAtLevel=1',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
        '-cp',
        classPath,
        `org.apache.kafka.tools.${name}`,
        ...args,
      ],
      input,
    );
  const server = () => ['--bootstrap-server', address];

  test('make a topic, write into it, read it in a group, and tell where the group stands', async () => {
    const make = ['--create', '--topic', 'orders', '--partitions', '3', '--config', 'retention.ms=86400000'];
    await tool('TopicCommand', [...server(), ...make]);
    const described = await tool('TopicCommand', [...server(), '--describe', '--topic', 'orders']);
    expect(described).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: retention.ms=86400000/);
    const orders = Array.from({ length: 20 }, (_, n) => `k${n}:order ${n}`).toSorted();
    const keyed = ['--property', 'parse.key=true', '--property', 'key.separator=:'];
    await tool('ConsoleProducer', [...server(), '--topic', 'orders', ...keyed], `${orders.join('\n')}\n`);
    expect(await allOf('orders')).toEqual(orders);
    const printed = ['--property', 'print.key=true', '--property', 'key.separator=:'];
    const bounds = ['--from-beginning', '--max-messages', '20', '--timeout-ms', '60000'];
    const read = ['--topic', 'orders', '--group', 'readers', ...bounds, ...printed];
    expect(lines(await tool('consumer.ConsoleConsumer', [...server(), ...read]))).toEqual(orders);
    const group = await tool('consumer.group.ConsumerGroupCommand', [...server(), '--describe', '--group', 'readers']);
    const lags = [...group.matchAll(/^readers\s+orders\s+\d+\s+(\d+)\s+(\d+)\s+0\s/gm)];
    expect(lags.reduce((sum, [, offset]) => sum + Number(offset), 0)).toBe(20);
    expect(await tool('consumer.group.ConsumerGroupCommand', [...server(), '--list'])).toContain('readers');
    await tool('consumer.group.ConsumerGroupCommand', [
      ...server(),
      ...['--group', 'readers', '--topic', 'orders', '--reset-offsets', '--to-earliest', '--execute'],
    ]);
    expect([...(await broker.committed('readers', 'orders')).values()].every(({ offset }) => offset === 0)).toBe(true);
    await tool('TopicCommand', [...server(), '--delete', '--topic', 'orders']);
    expect(await broker.describeTopic('orders')).toBeUndefined();
  }, 240_000);

  test('write under load, compressed and in transactions, and read all of it again', async () => {
    await broker.createTopic({ name: 'load', partitions: 2, replicas: 1 });
    const produce = (more: readonly string[], properties: readonly string[]) =>
      tool('ProducerPerformance', [
        ...['--topic', 'load', '--num-records', '5000', '--record-size', '100', '--throughput', '-1', ...more],
        ...['--producer-props', `bootstrap.servers=${address}`, ...properties],
      ]);
    expect(await produce([], [])).toContain('5000 records sent');
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) await produce([], [`compression.type=${codec}`]);
    await produce(['--transaction-duration-ms', '50', '--transactional-id', 'load'], []);
    const count = (await allOf('load')).length;
    expect(count).toBe(30_000);
    const read = ['--topic', 'load', '--messages', '30000', '--timeout', '60000'];
    const figures = await tool('ConsumerPerformance', [...server(), ...read]);
    expect(figures.trim().split('\n').at(-1)!.split(', ')[4]).toBe('30000');
  }, 300_000);
});

describe.skipIf(!hasKcat)('kcat', () => {
  test('writes with each compression, reads, lists, and reads in a group', async () => {
    await broker.createTopic({ name: 'cat', partitions: 1, replicas: 1 });
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
    for (const codec of codecs)
      await run('kcat', ['-b', address, '-t', 'cat', '-P', '-z', codec, '-K', ':'], `${codec}:hello\n`);
    expect(await allOf('cat')).toEqual(codecs.map((codec) => `${codec}:hello`).toSorted());
    const read = await run('kcat', ['-b', address, '-t', 'cat', '-C', '-e', '-q', '-f', '%o %k %s\n']);
    expect(read.trim().split('\n')).toEqual(codecs.map((codec, n) => `${n} ${codec} hello`));
    expect(await run('kcat', ['-b', address, '-L', '-t', 'cat'])).toContain('partition 0, leader 1');
    const grouped = await run('kcat', ['-b', address, '-G', 'cats', '-e', '-q', '-c', '5', '-X', EARLIEST, 'cat']);
    expect(lines(grouped)).toEqual(codecs.map(() => 'hello'));
  }, 120_000);
});

const EARLIEST = 'auto.offset.reset=earliest';
