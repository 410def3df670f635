import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker } from '../../../../../engine/broker/kafka/kafka-broker.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../../../support/kafka-server.ts';
import { batchOf } from '../../broker-contract.ts';

const SCRIPT = path.join(import.meta.dirname, '../../../../support/member-process.ts');
const SESSION_MS = 6000;
const PATIENCE = { timeout: 90_000, interval: 100 };

class MemberProcess {
  readonly #child: ChildProcess;
  active: readonly string[] = [];
  readonly told: { revoked?: string[]; added?: string[]; lost?: string[]; committed?: number; refused?: string }[] = [];

  constructor(bootstrap: string, group: string, name: string, topic: string) {
    const args = [SCRIPT, bootstrap, group, name, topic, '6', String(SESSION_MS)];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const told = JSON.parse(line);
      this.told.push(told);
      if (told.active !== undefined) this.active = told.active;
      if (told.revoked !== undefined) this.active = this.active.filter((id) => !told.revoked.includes(id));
      if (told.lost !== undefined) this.active = [];
    });
  }

  /** Ends it at once, as a crash does. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): void {
    this.#child.kill(signal);
    if (signal === 'SIGKILL') this.active = [];
  }

  async leave(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin!.write('leave\n');
    await exited;
    this.active = [];
  }
}

describe.skipIf(kafkaMissing !== undefined)('a group of tasks on a real Kafka', () => {
  let kafka: KafkaServer;
  let broker: KafkaBroker;
  const members: MemberProcess[] = [];
  const start = (group: string, topic: string): MemberProcess => {
    const member = new MemberProcess(kafka.bootstrapServer, group, `p${members.length}`, topic);
    members.push(member);
    return member;
  };
  const sizes = () => members.map(({ active }) => active.length).sort();
  const doing = () => members.flatMap(({ active }) => [...active]).sort();
  const all = Array.from({ length: 6 }, (_, i) => `q_${i}`);

  beforeAll(async () => {
    kafka = await startKafka();
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
  }, 300_000);
  afterEach(() => {
    for (const member of members.splice(0)) member.kill();
  });
  afterAll(async () => {
    await broker?.close();
    await kafka?.stop();
  });

  test('members join, one is killed and one leaves, and every task is done by somebody', async () => {
    const topic = 'joined';
    await broker.createTopic({ name: topic, partitions: 6, replicas: 1 });
    const first = start('joining', topic);
    await expect.poll(sizes, PATIENCE).toEqual([6]);
    const [second] = [start('joining', topic)];
    await expect.poll(sizes, PATIENCE).toEqual([3, 3]);
    const third = start('joining', topic);
    await expect.poll(sizes, PATIENCE).toEqual([2, 2, 2]);
    expect(doing()).toEqual(all);
    // What moved is what had to, and what was done went on meanwhile.
    expect(first.told.flatMap(({ revoked = [] }) => revoked)).toHaveLength(4);
    expect(second.told.flatMap(({ revoked = [] }) => revoked)).toHaveLength(1);

    // Kafka's own tools see who reads what.
    const admin = new Kafka({ brokers: [kafka.bootstrapServer], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const described = (await admin.describeGroups(['joining'])).groups[0]!;
    expect(described).toMatchObject({ protocolType: 'consumer', protocol: 'ksql-tasks', state: 'Stable' });
    expect(described.members).toHaveLength(3);
    await admin.disconnect();

    second.kill();
    await expect.poll(sizes, PATIENCE).toEqual([0, 3, 3]);
    await third.leave();
    await expect.poll(() => first.active.length, PATIENCE).toBe(6);
    await expect.poll(() => first.told.at(-1), PATIENCE).toEqual({ committed: 6 });
    expect([...(await broker.committed('joining', topic)).keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  }, 300_000);

  test('a member that stood still for longer than a session loses its tasks, and comes back', async () => {
    const topic = 'stopped';
    await broker.createTopic({ name: topic, partitions: 6, replicas: 1 });
    const [first, second] = [start('stopping', topic), start('stopping', topic)];
    await expect.poll(sizes, PATIENCE).toEqual([3, 3]);
    second.kill('SIGSTOP');
    await expect.poll(() => first.active.length, PATIENCE).toBe(6);
    second.kill('SIGCONT');
    await expect
      .poll(() => second.told.find(({ lost }) => lost !== undefined), PATIENCE)
      .toMatchObject({
        lost: expect.toSatisfy((lost: string[]) => lost.length === 3),
        reason: expect.stringMatching(/'stopping': .*UNKNOWN_MEMBER_ID/),
      });
    await expect.poll(sizes, PATIENCE).toEqual([3, 3]);
    expect(doing()).toEqual(all);
  }, 300_000);

  test('a restart of the broker costs no member its tasks for good', async () => {
    const topic = 'restarted';
    await broker.createTopic({ name: topic, partitions: 6, replicas: 1 });
    start('restarting', topic);
    start('restarting', topic);
    await expect.poll(sizes, PATIENCE).toEqual([3, 3]);
    await kafka.restart();
    await expect.poll(async () => (await broker.listGroups()).includes('restarting'), PATIENCE).toBe(true);
    start('restarting', topic);
    await expect.poll(sizes, PATIENCE).toEqual([2, 2, 2]);
    expect(doing()).toEqual(all);
  }, 300_000);

  test('offsets in an open transaction are waited for', async () => {
    const topic = 'unstable';
    await broker.createTopic({ name: topic, partitions: 1, replicas: 1 });
    const assigned = Promise.withResolvers<void>();
    const own = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    const task = { id: 'q_0', family: 'q', isStateful: false, inputs: [{ topic, partition: 0 }] };
    const member = own.joinGroup(
      { group: 'unstable', process: 'p', capacity: 1 },
      {
        tasks: () => [task],
        lags: () => ({}),
        revoked: async () => undefined,
        assigned: async () => assigned.resolve(),
        lost: async () => undefined,
      },
    );
    await assigned.promise;
    const producer = await own.openTransactions('unstable');
    const place = { topic, partition: 0 };
    await producer.begin();
    await producer.produce(topic, 0, [batchOf('a')]);
    await member.during((metadata) => producer.sendOffsets(metadata, [{ ...place, offset: 3 }]));
    const reading = member.committed([place]);
    let isRead = false;
    void reading.then(() => {
      isRead = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(isRead).toBe(false);
    await producer.commit();
    expect(await reading).toEqual([{ ...place, offset: 3, note: '' }]);
    await own.close();
  }, 120_000);
});
