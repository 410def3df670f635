import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { TransactionError } from '../../../../engine/broker/transaction-error.ts';
import type { NewCommand } from '../../../../engine/runtime/commands/command-log.ts';
import { commandTopic, TopicCommandLog } from '../../../../engine/runtime/commands/topic-command-log.ts';

const TOPIC = '_confluent-ksql-default__command_topic';
const STATEMENT = { commandId: 'type/T/create', statement: 'CREATE TYPE t AS INT;', properties: {}, timeMs: 1 };

let broker: MemoryBroker;
beforeEach(() => {
  broker = new MemoryBroker();
});

const open = () => TopicCommandLog.open({ broker, serviceId: 'default_' });

function batchOf(value: string) {
  const builder = new RecordBatchBuilder();
  builder.append(Buffer.from('"stream/`S`/create"'), Buffer.from(value), 5);
  return builder.build();
}

const append = (value: string) => broker.append(TOPIC, 0, [batchOf(value)]);

async function write(log: TopicCommandLog, ...commands: readonly NewCommand[]): Promise<void> {
  await log.take();
  await log.append(commands);
  await log.readOn();
}

async function recordCount(): Promise<number> {
  return (await broker.offsets(TOPIC))[0]!.latest;
}

describe('the command topic', () => {
  test('has the name and the settings that ksqlDB gives it', async () => {
    await open();
    expect(commandTopic('default_')).toBe(TOPIC);
    expect(await broker.describeTopic(TOPIC)).toMatchObject({
      partitions: 1,
      config: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
    });
  });

  test('gives statements back in their order, with settings, ids, query ids and numbers', async () => {
    const log = await open();
    const made = { ...STATEMENT, id: 'one', properties: { 'auto.offset.reset': 'earliest' }, timeMs: 7 };
    const started = {
      commandId: 'stream/`B`/create',
      statement: 'CREATE STREAM b AS SELECT * FROM a;',
      properties: {},
      queryId: 'CSAS_B_0',
      timeMs: 8,
    };
    await write(log, made);
    await write(log, started);
    const again = await open();
    expect(again.commands).toEqual([
      { ...made, sequence: 0 },
      { ...started, sequence: again.lastSequence },
    ]);
    expect(log.commands).toEqual(again.commands);
    expect(again.lastSequence).toBeGreaterThan(0);
  });

  test('commands that are written together are there together, and what was not committed is not there', async () => {
    const log = await open();
    const producer = await broker.openTransactions('default_');
    await producer.begin();
    await producer.produce(TOPIC, 0, [batchOf('not JSON')]);
    await log.readOn();
    expect(log.lastSequence).toBe(-1);
    await write(log, STATEMENT, { ...STATEMENT, commandId: 'type/U/create' });
    expect((await open()).commands.map(({ commandId }) => commandId)).toEqual(['type/T/create', 'type/U/create']);
  });

  test('who takes the right to write ends that of whoever had it', async () => {
    const [one, other] = [await open(), await open()];
    await write(one, STATEMENT);
    await other.take();
    await other.readOn();
    expect(other.commands).toHaveLength(1);
    await expect(one.append([STATEMENT])).rejects.toThrow(TransactionError);
    await other.append([STATEMENT]);
    await one.take();
    await one.readOn();
    expect(one.commands).toHaveLength(2);
  });

  test('is empty after it was cleared, and takes statements again', async () => {
    const log = await open();
    await write(log, STATEMENT);
    await log.clear();
    expect((await open()).commands).toEqual([]);
    await write(log, STATEMENT);
    expect((await open()).commands).toHaveLength(1);
    expect(log.commands).toHaveLength(1);
  });

  test('what another log has kept is written once, where there is nothing yet', async () => {
    const [one, other] = [await open(), await open()];
    expect(await one.begin([STATEMENT, STATEMENT])).toBe(true);
    expect(await other.begin([STATEMENT, STATEMENT])).toBe(false);
    expect(other.commands).toHaveLength(2);
  });

  test('a command of a newer version is where it ends', async () => {
    const log = await open();
    await write(log, STATEMENT);
    const newer = { statement: 'CREATE WONDER w;', streamsProperties: {}, version: 1001, writer: 'ksql-workbench' };
    await append(JSON.stringify(newer));
    await write(await open(), STATEMENT);
    for (const each of [log, await open()]) {
      await each.readOn();
      expect(each.commands).toHaveLength(1);
      expect(each.problem).toMatchObject({
        kind: 'incompatible',
        reason: expect.stringMatching(/a newer version, at offset 2: "CREATE WONDER w;"/),
      });
    }
  });

  test.each([
    ['somebody writes what is no command', () => append('not JSON'), /a record that is no command, at offset 2/],
    ['it is deleted', () => broker.deleteTopic(TOPIC), /is gone/],
    [
      'it is made anew',
      async () => {
        await broker.deleteTopic(TOPIC);
        await open();
      },
      /was deleted and made anew/,
    ],
  ])('says so where %s while it is open', async (_, damage, reason) => {
    const log = await open();
    await write(log, STATEMENT);
    await damage();
    await log.readOn();
    expect(log.problem).toMatchObject({ kind: 'corrupted', reason: expect.stringMatching(reason) });
    expect(log.commands).toHaveLength(1);
  });

  test('calls back when another engine has written', async () => {
    const log = await open();
    const more = Promise.withResolvers<void>();
    await log.follow(more.resolve);
    await write(await open(), STATEMENT);
    await more.promise;
    await log.readOn();
    expect(log.commands).toHaveLength(1);
  });

  test("a ksqlDB server's is refused by its first statement, and left as it is", async () => {
    await broker.createTopic({ name: TOPIC, partitions: 1, replicas: 1 });
    const plan = { '@type': 'ksqlPlanV1', statementText: 'CREATE STREAM S …', ddlCommand: {}, queryPlan: null };
    const record = { statement: 'CREATE STREAM S …', streamsProperties: {}, originalProperties: {}, plan, version: 18 };
    await append(JSON.stringify(record));
    await expect(open()).rejects.toThrow(
      /_command_topic is that of a ksqlDB server, which has written "CREATE STREAM S …" at offset 0\..* service id of its own/,
    );
    expect(await recordCount()).toBe(1);
  });

  test('one that holds anything else, or would lose statements, is refused', async () => {
    await broker.createTopic({ name: TOPIC, partitions: 1, replicas: 1 });
    await append('not JSON');
    await expect(open()).rejects.toThrow(/a record that is no command, at offset 0/);
    await broker.deleteTopic(TOPIC);
    await broker.createTopic({ name: TOPIC, partitions: 1, replicas: 1, config: { 'cleanup.policy': 'compact' } });
    await expect(open()).rejects.toThrow(/cleanup.policy=compact/);
    await broker.deleteTopic(TOPIC);
    await broker.createTopic({ name: TOPIC, partitions: 2, replicas: 1 });
    await expect(open()).rejects.toThrow(/has 2 partitions/);
  });
});
