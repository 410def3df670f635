import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { FileCommandLog } from '../../engine/runtime/commands/file-command-log.ts';
import { batchOf, recordsOf } from '../engine/broker/broker-contract.ts';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'ksql-damaged-'));
  directories.push(directory);
  return directory;
}

const BATCHES = 30;
const VALUES = ['one', 'two', 'three'];
/** All batches are of one size. */
const SIZE = batchOf(...VALUES).sizeBytes;
const textAt = (offset: number): string => VALUES[offset % VALUES.length]!;

async function writtenLog(): Promise<{ readonly stateDir: string; readonly file: string }> {
  const stateDir = newDirectory();
  const broker = new MemoryBroker({ stateDir, sync: 'never' });
  await broker.createTopic({ name: 't', partitions: 1, replicas: 1 });
  for (let n = 0; n < BATCHES; n++) await broker.append('t', 0, [batchOf(...VALUES)]);
  await broker.close();
  return { stateDir, file: path.join(stateDir, 'logs', '1-0.log') };
}

/** Opens the broker, and gives what the topic holds, by offset, and what was said. */
async function reopened(stateDir: string) {
  const problems: string[] = [];
  const broker = new MemoryBroker({ stateDir, sync: 'never', onProblem: (problem) => problems.push(problem) });
  const records = recordsOf(await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 30));
  const [bounds] = await broker.offsets('t');
  return { broker, problems, bounds: bounds!, values: new Map(records.map(({ offset, value }) => [offset, value])) };
}

const offsetsOutside = (batch: number): number[] =>
  Array.from({ length: BATCHES * VALUES.length }, (_, offset) => offset).filter(
    (offset) => Math.floor(offset / VALUES.length) !== batch,
  );

describe('a damaged log of a topic', () => {
  test('loses the batch that is damaged, wherever it is, and nothing else', async () => {
    const { stateDir, file } = await writtenLog();
    const whole = readFileSync(file);
    const flip = fc.record({
      batch: fc.integer({ min: 0, max: BATCHES - 1 }),
      // The header has 61 bytes: offset, length, stamp, version, checksum, counts and times; each is met often.
      at: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 61, max: SIZE - 1 })),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    const check = async ({ batch, at, bit }: { batch: number; at: number; bit: number }) => {
      const bytes = Buffer.from(whole);
      bytes[batch * SIZE + at]! ^= 1 << bit;
      writeFileSync(file, bytes);
      rmSync(`${file}.damaged`, { force: true });
      const { broker, problems, bounds, values } = await reopened(stateDir);
      for (const offset of offsetsOutside(batch)) expect(values.get(offset)).toBe(textAt(offset));
      // Whatever is left of the batch itself is right; the end of the log is not before where it was.
      for (const [offset, value] of values) expect(value).toBe(textAt(offset));
      expect(bounds.latest).toBeGreaterThanOrEqual(BATCHES * VALUES.length);
      const isLost = values.size < BATCHES * VALUES.length;
      expect(problems).toHaveLength(isLost ? 1 : 0);
      if (isLost) {
        expect(problems[0]).toContain(`${file} is damaged from byte ${batch * SIZE}`);
        expect(readFileSync(`${file}.damaged`).subarray(0, SIZE)).toEqual(
          bytes.subarray(batch * SIZE, (batch + 1) * SIZE),
        );
      }
      // What comes is read, now and later, and the damage is not told again.
      const next = await broker.append('t', 0, [batchOf('new')]);
      await broker.close();
      const later = await reopened(stateDir);
      expect(later.problems).toEqual([]);
      expect(later.values).toEqual(new Map([...values, [next, 'new']]));
      await later.broker.close();
    };
    await fc.assert(fc.asyncProperty(flip, check), { numRuns: 150 });
    for (let at = 0; at < SIZE; at++) await check({ batch: at % BATCHES, at, bit: at % 8 });
  });

  test('that a crash cut off at its end loses what was not whole, in silence', async () => {
    const { stateDir, file } = await writtenLog();
    const whole = readFileSync(file);
    for (const cut of [1, 11, 12, 40, 61, SIZE - 1]) {
      writeFileSync(file, whole.subarray(0, whole.length - cut));
      const { broker, problems, bounds } = await reopened(stateDir);
      expect(problems).toEqual([]);
      expect(bounds.latest).toBe((BATCHES - 1) * VALUES.length);
      await broker.close();
    }
    writeFileSync(file, Buffer.concat([whole, Buffer.alloc(500)]));
    const { broker, problems, bounds } = await reopened(stateDir);
    expect(problems).toEqual([]);
    expect(bounds.latest).toBe(BATCHES * VALUES.length);
    await broker.close();
  });

  test('from before offsets had a checksum loses no more', async () => {
    const { stateDir, file } = await writtenLog();
    const old = readFileSync(file);
    for (let n = 0; n < BATCHES; n++) old.writeInt32BE(-1, n * SIZE + 12);
    for (const at of [3, 7, 9, 11, 16, 18, 70]) {
      const bytes = Buffer.from(old);
      bytes[5 * SIZE + at]! ^= 4;
      writeFileSync(file, bytes);
      rmSync(`${file}.damaged`, { force: true });
      const { broker, values } = await reopened(stateDir);
      for (const offset of offsetsOutside(5)) expect(values.get(offset)).toBe(textAt(offset));
      await broker.close();
    }
  });

  test('is told of where its query is looked at, and new rows are processed', async () => {
    const stateDir = newDirectory();
    const properties = { 'auto.offset.reset': 'earliest', 'ksql.workbench.fsync': 'never' };
    const notices: string[] = [];
    const open = () => openEngine({ stateDir, properties, onNotice: (notice) => notices.push(notice) });
    let engine = await open();
    await engine.execute(`CREATE STREAM a (id INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE STREAM b AS SELECT id FROM a;`);
    const inserter = await engine.openInserter('a', {});
    for (let id = 0; id < 100; id++) await inserter.insert({ id });
    await expect.poll(() => engine.queries.all()[0]!.run.positions[0]!.offset).toBe(100);
    await engine.close();

    const logs = path.join(stateDir, 'broker', 'logs');
    const topics = JSON.parse(readFileSync(path.join(stateDir, 'broker', 'metadata.json'), 'utf8')) as {
      topics: { name: string; id: number }[];
    };
    const file = path.join(logs, `${topics.topics.find(({ name }) => name === 'a')!.id}-0.log`);
    const bytes = readFileSync(file);
    // The last batch: all that the query had read is behind the end of what is left.
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(file, bytes);

    engine = await open();
    expect(notices.filter((notice) => notice.includes(`${file} is damaged`))).not.toEqual([]);
    const [queries] = await engine.execute('SHOW QUERIES;');
    expect(queries!.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^CSAS_B_\d+: .*is damaged from byte/),
    ]);
    const [description] = await engine.execute('DESCRIBE a;');
    expect(description!.warnings).toEqual([{ message: expect.stringContaining('is damaged from byte') }]);
    await engine.openInserter('a', {}).then((again) => again.insert({ id: 4711 }));
    await expect
      .poll(async () => {
        const { batches } = await engine.broker.read({ topic: 'B', partition: 0, offset: 0 }, 1 << 30);
        return recordsOf({ topic: 'B', partition: 0, batches }).map(({ value }) => value);
      })
      .toEqual([...Array.from({ length: 100 }, (_, id) => `{"ID":${id}}`), '{"ID":4711}']);
    await engine.close();
  });
});

describe('the files that say what there is', () => {
  const command = (statement: string, queryId?: string) => ({
    commandId: 'c',
    statement,
    properties: {},
    timeMs: 1,
    queryId,
  });
  const newLog = async (...statements: string[]): Promise<string> => {
    const file = path.join(newDirectory(), 'commands.jsonl');
    const log = new FileCommandLog(file, { sync: 'never' });
    for (const statement of statements) await log.append(command(statement));
    log.close();
    return file;
  };
  const statementsIn = (file: string): string[] => {
    const log = new FileCommandLog(file, { sync: 'never' });
    log.close();
    return log.commands.map(({ statement }) => statement);
  };

  test('commands: a torn last line goes, a whole one without its end stays', async () => {
    const file = await newLog('CREATE STREAM a;', 'CREATE STREAM b;');
    const whole = readFileSync(file);
    const lastLine = whole.subarray(whole.indexOf('\n') + 1);
    for (let cut = 2; cut < lastLine.length; cut++) {
      writeFileSync(file, whole.subarray(0, whole.length - cut));
      // Without its checksum alone it is a line as they were before there were any.
      const isWhole = cut === 9 || cut === 10;
      expect(statementsIn(file)).toEqual(isWhole ? ['CREATE STREAM a;', 'CREATE STREAM b;'] : ['CREATE STREAM a;']);
    }
    writeFileSync(file, whole.subarray(0, whole.length - 1));
    expect(statementsIn(file)).toEqual(['CREATE STREAM a;', 'CREATE STREAM b;']);
    // From before lines had checksums.
    writeFileSync(
      file,
      whole
        .toString()
        .replaceAll(/\t[0-9a-f]{8}$/gm, '')
        .trimEnd(),
    );
    expect(statementsIn(file)).toEqual(['CREATE STREAM a;', 'CREATE STREAM b;']);
    const log = new FileCommandLog(file, { sync: 'never' });
    expect((await log.append(command('CREATE STREAM c;'))).sequence).toBe(2);
    log.close();
    expect(statementsIn(file)).toHaveLength(3);
  });

  test('commands: a damaged line is named, with the way out', async () => {
    const file = await newLog('CREATE STREAM a;', 'CREATE STREAM b;', 'CREATE STREAM c;');
    const whole = readFileSync(file);
    const second = whole.indexOf('\n') + 1;
    for (const at of [0, 5, 20, 40]) {
      const bytes = Buffer.from(whole);
      bytes[second + at]! ^= 2;
      writeFileSync(file, bytes);
      expect(() => new FileCommandLog(file)).toThrow(`${file}:2 is damaged`);
      expect(() => new FileCommandLog(file)).toThrow(/Put a copy of the file back, or delete the line/);
    }
  });

  test('commands: what was dropped again is left out, and numbers go on', async () => {
    const file = path.join(newDirectory(), 'commands.jsonl');
    const log = new FileCommandLog(file, { sync: 'never' });
    for (const [statement, queryId] of [
      ["CREATE STREAM a (id INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');"],
      ['CREATE STREAM gone AS SELECT * FROM a;', 'CSAS_GONE_1'],
      ['INSERT INTO gone SELECT * FROM a;', 'INSERTQUERY_2'],
      ['TERMINATE INSERTQUERY_2;'],
      ['CREATE STREAM used AS SELECT * FROM a;', 'CSAS_USED_3'],
      ['CREATE STREAM reader AS SELECT * FROM used;', 'CSAS_READER_4'],
      ['TERMINATE CSAS_READER_4;'],
      ['DROP STREAM used;'],
      ['DROP STREAM IF EXISTS gone DELETE TOPIC;'],
      ['CREATE OR REPLACE STREAM gone AS SELECT * FROM a;', 'CSAS_GONE_5'],
      ['CREATE TABLE late AS SELECT id, COUNT(*) FROM a GROUP BY id;', 'CTAS_LATE_9'],
      ['DROP TABLE `LATE`;'],
    ] as [string, string?][])
      await log.append(command(statement, queryId));
    log.close();
    for (let opened = 0; opened < 2; opened++) {
      const again = new FileCommandLog(file, { sync: 'never' });
      expect(again.commands.map(({ sequence }) => sequence)).toEqual([0, 4, 5, 6, 7, 9]);
      expect(again.lastSequence).toBe(11);
      expect(again.lastQueryNumber).toBe(9);
      again.close();
    }
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(7);
  });

  test.each([
    ['connectors.json', /It lists the connectors/],
    ['schemas.json', /It holds the schemas/],
    ['broker/metadata.json', /It lists the topics/],
  ])('%s: a damaged file is named, with what to do', async (name, advice) => {
    const stateDir = newDirectory();
    const engine = await openEngine({ stateDir });
    await engine.execute(`CREATE STREAM s (id INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='AVRO', PARTITIONS=1);
      CREATE SOURCE CONNECTOR c WITH ('connector.class'='DatagenConnector', 'quickstart'='users', 'kafka.topic'='users');`);
    await engine.close();
    const file = path.join(stateDir, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, text.length / 2));
    await expect(openEngine({ stateDir })).rejects.toThrow(`${file} is damaged`);
    await expect(openEngine({ stateDir })).rejects.toThrow(advice);
    writeFileSync(file, text);
    await openEngine({ stateDir }).then((again) => again.close());
  });
});

test('files and folders of before, open to others, are closed to them', async () => {
  const stateDir = newDirectory();
  const engine = await openEngine({ stateDir });
  await engine.execute(`CREATE STREAM s (id INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='AVRO', PARTITIONS=1);
    INSERT INTO s VALUES (1);
    CREATE SOURCE CONNECTOR c WITH ('connector.class'='DatagenConnector', 'quickstart'='users', 'kafka.topic'='users',
      'db.password'='s3cr3t-of-mine');`);
  await engine.close();
  const names = ['.', ...readdirSync(stateDir, { recursive: true, encoding: 'utf8' })];
  const modes = () =>
    new Map(
      names
        .filter((name) => existsSync(path.join(stateDir, name)))
        .map((name) => [name, statSync(path.join(stateDir, name)).mode & 0o077]),
    );
  if (process.platform !== 'win32') expect([...modes().values()].filter((mode) => mode !== 0)).toEqual([]);
  for (const name of names) {
    const file = path.join(stateDir, name);
    if (!existsSync(file)) continue;
    expect(statSync(file).isFile() ? readFileSync(file, 'latin1') : '').not.toContain('s3cr3t-of-mine');
    chmodSync(file, statSync(file).mode | 0o055);
  }
  const again = await openEngine({ stateDir });
  if (process.platform !== 'win32') {
    expect([...modes()].filter(([name, mode]) => mode !== 0 && !name.includes('queries'))).toEqual([]);
  }
  expect(await again.execute('SHOW CONNECTORS;')).toMatchObject([{ connectors: [{ name: 'C', state: 'RUNNING' }] }]);
  await again.close();
  // Without its key the secret is not to be had, and the message says what is missing.
  rmSync(path.join(stateDir, 'secrets.key'));
  await expect(openEngine({ stateDir })).rejects.toThrow(/db\.password of connector C cannot be decrypted/);
});
