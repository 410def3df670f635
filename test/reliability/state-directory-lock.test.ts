import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { StateDirectoryLock } from '../../engine/files/state-directory-lock.ts';
import { openEngine } from '../../engine/open-engine.ts';

const directories: string[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'ksql-lock-'));
  directories.push(directory);
  return directory;
}

/** A process that takes the directory as an engine does, and says so. */
async function holder(directory: string): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const module = path.join(import.meta.dirname, '../../engine/files/state-directory-lock.ts');
  const code = `import { StateDirectoryLock } from ${JSON.stringify(module)};
    try { await StateDirectoryLock.acquire(${JSON.stringify(directory)}); console.log('taken'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.message); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [data] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, said: data.toString().trim() };
}

test('a second engine is refused with the process id of the first, in this process and in another', async () => {
  const stateDir = newDirectory();
  const engine = await openEngine({ stateDir });
  await expect(openEngine({ stateDir })).rejects.toThrow(
    `The state directory ${stateDir} is in use by the engine with process id ${process.pid}.`,
  );
  expect((await holder(stateDir)).said).toContain(`process id ${process.pid}`);
  await engine.close();
  await openEngine({ stateDir }).then((again) => again.close());
});

test('one that is told to wait has it when the first has gone', async () => {
  const stateDir = newDirectory();
  const engine = await openEngine({ stateDir });
  const next = openEngine({ stateDir, stateWaitMs: 30_000 });
  await engine.close();
  await next.then((again) => again.close());
});

test('emptying deletes what an engine had, and nothing of one that runs', async () => {
  const stateDir = newDirectory();
  const engine = await openEngine({ stateDir });
  await engine.execute("CREATE STREAM s (v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);");
  await expect(openEngine({ stateDir, emptyState: true })).rejects.toThrow('is in use');
  await engine.close();
  const kept = await openEngine({ stateDir });
  expect([...kept.metastore.sources.keys()]).toContain('S');
  await kept.close();
  const emptied = await openEngine({ stateDir, emptyState: true });
  expect([...emptied.metastore.sources.keys()]).not.toContain('S');
  expect(await emptied.broker.listTopics()).not.toContainEqual(expect.objectContaining({ name: 's' }));
  await emptied.close();
});

test('nothing has to be cleaned up after kill -9', async () => {
  const stateDir = newDirectory();
  const { child, said } = await holder(stateDir);
  expect(said).toBe('taken');
  await expect(openEngine({ stateDir })).rejects.toThrow(`process id ${child.pid}.`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await openEngine({ stateDir }).then((engine) => engine.close());
});

test('of many that take over from the dead at once one has it', async () => {
  const stateDir = newDirectory();
  const { child } = await holder(stateDir);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => StateDirectoryLock.acquire(stateDir)));
  const locks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(locks).toHaveLength(1);
  locks[0]!.release();
});

test.runIf(process.platform === 'linux')(
  'a process that got the number of a dead one is not taken for it',
  async () => {
    const stateDir = newDirectory();
    const engine = await openEngine({ stateDir });
    const lock = path.join(stateDir, 'lock');
    const own = JSON.parse(readFileSync(lock, 'utf8')) as { begun: string };
    await engine.close();
    writeFileSync(lock, JSON.stringify({ ...own, begun: `${own.begun}1`, token: 'of another' }));
    await openEngine({ stateDir }).then((again) => again.close());
  },
);

test('an engine in another container has it as long as it gives signs of life', async () => {
  const stateDir = newDirectory();
  const lock = path.join(stateDir, 'lock');
  writeFileSync(lock, JSON.stringify({ pid: 1, begun: '', place: 'other-host/pid:[1]', token: 'of another' }));
  await expect(openEngine({ stateDir })).rejects.toThrow('process id 1 on other-host');
  const before = new Date(Date.now() - 60_000);
  utimesSync(lock, before, before);
  await openEngine({ stateDir }).then((engine) => engine.close());
});

test('a place that is no directory, or may not be written, is named', async () => {
  const place = path.join(newDirectory(), 'file');
  writeFileSync(place, '');
  await expect(openEngine({ stateDir: path.join(place, 'state') })).rejects.toThrow(
    /file.state cannot be made: part of the path is not a directory\. Choose another state directory \(ENOTDIR\)/,
  );
});
