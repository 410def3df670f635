import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entity } from '../../../engine/api/protocol.ts';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { Engine } from '../../../engine/index.ts';
import { commandTopic, TopicCommandLog } from '../../../engine/runtime/commands/topic-command-log.ts';
import type { SchemaRegistry } from '../../../engine/serde/registry/schema-registry.ts';
import { MemoryRegistry } from '../../../engine/serde/schemas/memory-registry.ts';
import { javaRegex } from '../../../language/java/regex/java-regex.ts';
import { brokerView } from '../../support/broker-view.ts';

const TOPIC = commandTopic('default_');
const CREATE = "CREATE STREAM s (k INT KEY, v INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1);";

let broker: MemoryBroker;
let engines: Engine[];

beforeEach(() => {
  broker = new MemoryBroker();
  engines = [];
});

afterEach(async () => {
  for (const engine of engines) await engine.close();
  await broker.close();
});

async function open(
  properties: Readonly<Record<string, string>> = {},
  registry: SchemaRegistry | undefined = undefined,
): Promise<Engine> {
  const commandLog = await TopicCommandLog.open({ broker, serviceId: 'default_' });
  const engine = await Engine.open({
    broker: brokerView(broker),
    commandLog,
    registry,
    drive: 'manual',
    properties: new Map(Object.entries(properties)),
  });
  engines.push(engine);
  return engine;
}

/** What an engine is, as far as statements have made it so. */
function stateOf({ metastore, queries }: Engine) {
  return {
    sources: [...metastore.sources.values()].map(({ name, statementText, schema, topic, partitions }) => ({
      name,
      statementText,
      schema,
      topic,
      partitions,
    })),
    types: [...metastore.types],
    queries: queries.persistent().map(({ id, statementText, run }) => ({ id, statementText, state: run.state })),
  };
}

const statusOf = (entity: Entity | undefined) => {
  if (entity?.['@type'] !== 'currentStatus') throw new Error(`Not a status: ${JSON.stringify(entity)}`);
  return entity;
};

/** Asks an engine, and waits until the others have got there. */
async function execute(engine: Engine, text: string): Promise<readonly Entity[]> {
  const entities = await engine.execute(text);
  const last = entities.at(-1);
  if (last?.['@type'] === 'currentStatus')
    for (const each of engines)
      await each.execute('SHOW TYPES;', { commandSequenceNumber: last.commandSequenceNumber });
  return entities;
}

async function commands(): Promise<readonly string[]> {
  const log = await TopicCommandLog.open({ broker, serviceId: 'default_' });
  return log.commands.map(({ statement }) => statement);
}

async function append(value: string): Promise<void> {
  const builder = new RecordBatchBuilder();
  builder.append(Buffer.from('"stream/`S`/create"'), Buffer.from(value), 5);
  await broker.append(TOPIC, 0, [builder.build()]);
}

describe('engines of one service', () => {
  test('have what any of them was asked for, and one that joins has it, too', async () => {
    const [one, other] = [await open(), await open()];
    await execute(one, CREATE);
    await execute(other, 'CREATE STREAM a AS SELECT * FROM s; CREATE TYPE money AS DECIMAL(10, 2);');
    await execute(one, 'INSERT INTO a SELECT * FROM s; ALTER STREAM s ADD COLUMN m money;');
    await execute(other, 'CREATE TABLE n AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;');
    const state = stateOf(one);
    expect(state.sources.map(({ name }) => name)).toEqual(['S', 'A', 'N']);
    expect(state.queries).toHaveLength(3);
    expect(stateOf(other)).toEqual(state);
    expect(stateOf(await open())).toEqual(state);
  });

  test('number queries by their commands, and OR REPLACE keeps the id', async () => {
    const [one, other] = [await open(), await open()];
    await execute(one, CREATE);
    const [made] = await execute(other, 'CREATE STREAM a AS SELECT k, v FROM s;');
    const { commandSequenceNumber, commandStatus } = statusOf(made);
    expect(commandStatus.queryId).toBe(`CSAS_A_${commandSequenceNumber + 1}`);
    await execute(one, 'CREATE OR REPLACE STREAM a AS SELECT k, v, v + 1 AS w FROM s;');
    expect(stateOf(other)).toEqual(stateOf(one));
    expect(one.queries.persistent().map(({ id }) => id)).toEqual([commandStatus.queryId]);
    const [next] = await execute(one, 'INSERT INTO a SELECT k, v, v AS w FROM s;');
    expect(statusOf(next).commandStatus.queryId).toBe(`INSERTQUERY_${statusOf(next).commandSequenceNumber + 1}`);
    expect(stateOf(await open())).toEqual(stateOf(one));
  });

  test('pause, resume, terminate and drop together; the topic goes once', async () => {
    const [one, other] = [await open(), await open()];
    await execute(one, `${CREATE} CREATE STREAM a AS SELECT * FROM s; INSERT INTO a SELECT * FROM s;`);
    const ids = one.queries.persistent().map(({ id }) => id);
    await execute(other, `PAUSE ${ids[0]};`);
    expect(one.queries.get(ids[0]!)!.run.state).toBe('PAUSED');
    await execute(one, 'RESUME ALL;');
    expect(other.queries.get(ids[0]!)!.run.state).not.toBe('PAUSED');
    await execute(other, `TERMINATE ${ids[1]};`);
    expect(one.queries.persistent().map(({ id }) => id)).toEqual([ids[0]]);
    await execute(other, 'DROP STREAM a DELETE TOPIC;');
    expect(await broker.describeTopic('A')).toBeUndefined();
    expect(stateOf(one)).toEqual(stateOf(other));
    expect(one.metastore.sources.has('A')).toBe(false);
    expect(one.queries.persistent()).toEqual([]);
    expect(stateOf(await open())).toEqual(stateOf(one));
  });

  test('refuse what another one has made in the meantime, and write nothing', async () => {
    const [one, other] = [await open(), await open()];
    const answers = await Promise.allSettled([one.execute(CREATE), other.execute(CREATE)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(String(answers.map((answer) => (answer.status === 'rejected' ? answer.reason : '')))).toMatch(
      /already exists/,
    );
    const again = await other.execute(CREATE.replace('STREAM', 'STREAM IF NOT EXISTS'));
    expect(again).toMatchObject([{ '@type': 'warning_entity' }]);
    expect(await commands()).toEqual([CREATE]);
  });

  test('of many statements at all of them at once, each is in the log once', async () => {
    const made = [await open(), await open(), await open()];
    const names = Array.from({ length: 30 }, (_, n) => `n${n}`);
    await Promise.all(names.map((name, n) => made[n % 3]!.execute(`CREATE TYPE ${name} AS INT;`)));
    expect([...(await commands())].sort()).toEqual(names.map((name) => `CREATE TYPE ${name} AS INT;`).sort());
    await execute(made[0]!, 'CREATE TYPE last AS INT;');
    for (const engine of made) expect(engine.metastore.types.size).toBe(31);
    expect(stateOf(made[1]!)).toEqual(stateOf(made[0]!));
  });

  test('take schemas and topics as they were when the statement was checked', async () => {
    const registry = new MemoryRegistry();
    const schemaOf = (...fields: string[]) =>
      JSON.stringify({ type: 'record', name: 'R', fields: fields.map((name) => ({ name, type: 'int', default: 0 })) });
    await registry.register('t-value', { type: 'AVRO', schema: schemaOf('A', 'B') });
    await broker.createTopic({ name: 't', partitions: 3, replicas: 1 });
    const one = await open({}, registry);
    await execute(one, "CREATE STREAM s WITH (KAFKA_TOPIC='t', VALUE_FORMAT='AVRO');");
    await execute(one, 'CREATE STREAM a AS SELECT A FROM s;');
    await registry.register('t-value', { type: 'AVRO', schema: schemaOf('A', 'B', 'C') });
    await broker.deleteTopic('t');
    await broker.createTopic({ name: 't', partitions: 5, replicas: 1 });
    const texts = ({ metastore }: Engine) => [...metastore.sources.values()].map(({ statementText }) => statementText);
    const joined = await open({}, registry);
    expect(texts(joined)).toEqual(texts(one));
    expect(joined.metastore.sources.get('S')!.schema.columns.map(({ name }) => name)).toEqual(['A', 'B']);
  });

  test('start where the log cannot be written any more, also if they are to make the stream of the processing log', async () => {
    await open();
    await append(JSON.stringify({ statement: 'X;', streamsProperties: {}, version: 2000, writer: 'ksql-workbench' }));
    const engine = await open({ 'ksql.logging.processing.topic.auto.create': 'true' });
    expect(engine.warning).toMatch(/incompatible entry/);
    expect(engine.metastore.sources.has('KSQL_PROCESSING_LOG')).toBe(true);
  });

  test('wait for the command that a client has seen, and not for ever', async () => {
    const one = await open();
    const other = await open({ 'ksql.server.command.response.timeout.ms': '20' });
    const [made] = await one.execute(CREATE);
    const { commandSequenceNumber } = statusOf(made);
    expect(await other.execute('SHOW STREAMS;', { commandSequenceNumber })).toMatchObject([
      { streams: [{ name: 'S' }] },
    ]);
    const late = { commandSequenceNumber: commandSequenceNumber + 1 };
    const message = `Timed out while waiting for a previous command to execute. command sequence number: ${late.commandSequenceNumber}`;
    await expect(other.execute('SHOW STREAMS;', late)).rejects.toMatchObject({ code: 50301, message });
    await expect(other.ask('SELECT * FROM s;', late)).rejects.toMatchObject({ code: 50301, message });
  });

  test('end together, and those that come after begin anew', async () => {
    const [one, other] = [await open(), await open()];
    await execute(one, `${CREATE} CREATE STREAM a AS SELECT * FROM s;`);
    const [answer] = await other.terminateCluster([javaRegex('A', true)]);
    expect(answer).toMatchObject({ commandId: 'terminate/CLUSTER/execute', commandStatus: { status: 'QUEUED' } });
    await expect.poll(() => one.isTerminated).toBe(true);
    expect(stateOf(one)).toEqual({ sources: [], types: [], queries: [] });
    expect(one.warning).toBeUndefined();
    expect((await broker.listTopics()).map(({ name }) => name)).toEqual(['t']);
    expect(stateOf(await open()).sources).toEqual([]);
  });

  test('begin anew where one was killed before it could delete the log', async () => {
    const one = await open();
    await execute(one, CREATE);
    const log = await TopicCommandLog.open({ broker, serviceId: 'default_' });
    await log.take();
    const commandId = 'terminate/CLUSTER/execute';
    await log.append([{ commandId, statement: 'TERMINATE CLUSTER;', properties: {}, timeMs: 0 }]);
    await expect.poll(() => one.isTerminated).toBe(true);
    const other = await open();
    expect(other.isTerminated).toBe(false);
    expect(stateOf(other).sources).toEqual([]);
    await execute(other, CREATE);
    expect(stateOf(await open()).sources).toHaveLength(1);
  });

  test('have the stream of the processing log once', async () => {
    const properties = { 'ksql.logging.processing.topic.auto.create': 'true' };
    const [one, other] = [await open(properties), await open(properties)];
    await execute(one, 'CREATE STREAM a AS SELECT * FROM KSQL_PROCESSING_LOG;');
    expect(await commands()).toHaveLength(2);
    expect(stateOf(other)).toEqual(stateOf(one));
    expect(stateOf(await open(properties))).toEqual(stateOf(one));
  });
});

describe('what cannot be carried out', () => {
  test('is an error of that command on that engine, and the next ones go on', async () => {
    const [one, other] = [await open(), await open()];
    const log = await TopicCommandLog.open({ broker, serviceId: 'default_' });
    await log.take();
    const wrong = { commandId: 'stream/`X`/create', statement: 'CREATE STREAM x AS SELECT * FROM y;' };
    await log.append([{ ...wrong, properties: {}, timeMs: 0 }]);
    await execute(one, CREATE);
    for (const engine of [one, other]) {
      expect(engine.commandStatuses.get('stream/`X`/create')).toMatchObject({ status: 'ERROR', queryId: null });
      expect(engine.metastore.sources.has('S')).toBe(true);
      expect(engine.warning).toBeUndefined();
    }
  });

  test.each([
    ['newer than the engine', { version: 2000 }, /incompatible entry in its log/],
    ["a ksqlDB server's", { writer: undefined }, /detected corruption in the command topic/],
  ])('where it is %s, nothing after it is, and the engine says so', async (_, fields, warning) => {
    const [one, other] = [await open(), await open()];
    await execute(one, CREATE);
    const record = { statement: 'X;', streamsProperties: {}, version: 1000, writer: 'ksql-workbench', ...fields };
    await append(JSON.stringify(record));
    await expect.poll(() => other.warning).toMatch(warning);
    await expect(one.execute('CREATE TYPE t AS INT;')).rejects.toThrow(/^Failed to handle Ksql Statement\.\n/);
    expect(await one.execute('SHOW STREAMS;')).toMatchObject([
      { streams: [{ name: 'S' }], warnings: [{ message: expect.stringMatching(warning) }] },
    ]);
    expect(one.metastore.types.size).toBe(0);
  });

  test('a statement that the topic does not take is told, and changes nothing', async () => {
    const one = await open();
    await execute(one, CREATE);
    await broker.close();
    await expect(one.execute('CREATE TYPE t AS INT;')).rejects.toThrow();
    expect(one.metastore.types.size).toBe(0);
  });
});
