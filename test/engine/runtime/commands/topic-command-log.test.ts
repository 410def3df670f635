import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { commandTopic, TopicCommandLog } from '../../../../engine/runtime/commands/topic-command-log.ts';

const TOPIC = '_confluent-ksql-default__command_topic';
const STATEMENT = { commandId: 'type/T/create', statement: 'CREATE TYPE t AS INT;', properties: {}, timeMs: 1 };

let broker: MemoryBroker;
beforeEach(() => {
  broker = new MemoryBroker();
});

const open = () => TopicCommandLog.open({ broker, serviceId: 'default_' });

async function write(value: string): Promise<void> {
  const builder = new RecordBatchBuilder();
  builder.append(Buffer.from('"stream/`S`/create"'), Buffer.from(value), 5);
  await broker.append(TOPIC, 0, [builder.build()]);
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

  test('gives statements back in their order, with settings, query ids and numbers', async () => {
    const log = await open();
    await log.append({ ...STATEMENT, properties: { 'auto.offset.reset': 'earliest' }, timeMs: 7 });
    const { sequence } = await log.append({
      commandId: 'stream/`B`/create',
      statement: 'CREATE STREAM b AS SELECT * FROM a;',
      properties: {},
      queryId: 'CSAS_B_0',
      timeMs: 8,
    });
    const again = await open();
    expect(again.commands).toEqual([
      { sequence: 0, statement: STATEMENT.statement, properties: { 'auto.offset.reset': 'earliest' }, timeMs: 7 },
      { sequence, statement: 'CREATE STREAM b AS SELECT * FROM a;', properties: {}, queryId: 'CSAS_B_0', timeMs: 8 },
    ]);
    expect(again.lastSequence).toBe(sequence);
  });

  test('is empty after it was cleared, and takes statements again', async () => {
    const log = await open();
    await log.append(STATEMENT);
    await log.clear();
    expect((await open()).commands).toEqual([]);
    await log.append(STATEMENT);
    expect((await open()).commands).toHaveLength(1);
  });

  test("a ksqlDB server's is refused by its first statement, and left as it is", async () => {
    await broker.createTopic({ name: TOPIC, partitions: 1, replicas: 1 });
    const plan = { '@type': 'ksqlPlanV1', statementText: 'CREATE STREAM S …', ddlCommand: {}, queryPlan: null };
    const record = { statement: 'CREATE STREAM S …', streamsProperties: {}, originalProperties: {}, plan, version: 18 };
    await write(JSON.stringify(record));
    await expect(open()).rejects.toThrow(
      /_command_topic is that of a ksqlDB server, which has written "CREATE STREAM S …" at offset 0\..* service id of its own/,
    );
    expect(await recordCount()).toBe(1);
  });

  test('one that holds anything else, or would lose statements, is refused', async () => {
    await broker.createTopic({ name: TOPIC, partitions: 1, replicas: 1 });
    await write('not JSON');
    await expect(open()).rejects.toThrow(/a record that is no command, at offset 0/);
    await broker.deleteTopic(TOPIC);
    await broker.createTopic({ name: TOPIC, partitions: 1, replicas: 1, config: { 'cleanup.policy': 'compact' } });
    await expect(open()).rejects.toThrow(/cleanup.policy=compact/);
    await broker.deleteTopic(TOPIC);
    await broker.createTopic({ name: TOPIC, partitions: 2, replicas: 1 });
    await expect(open()).rejects.toThrow(/has 2 partitions/);
  });

  test('a statement that it does not take is not acknowledged', async () => {
    const log = await open();
    await broker.close();
    await expect(log.append(STATEMENT)).rejects.toThrow(
      /Could not write the statement 'CREATE TYPE t AS INT;' into the command topic/,
    );
    expect(log.commands).toEqual([]);
  });

  test('nothing is written once another engine has the service', async () => {
    const lost = new Error('Another engine has it.');
    const hold = { isHeld: false, whenHeld: () => Promise.reject(lost) };
    const log = await TopicCommandLog.open({ broker, serviceId: 'default_', hold });
    await expect(log.append(STATEMENT)).rejects.toThrow(/Another engine has it/);
    expect(await recordCount()).toBe(0);
  });
});
