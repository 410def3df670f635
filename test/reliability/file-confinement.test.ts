/** What somebody tries who may execute statements and wants to read files of the machine that were not named. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { openInFolders } from '../../engine/connectors/configuration/named-folders.ts';
import { ConnectorRegistry } from '../../engine/connectors/connector-registry.ts';
import { recordsOf } from '../engine/broker/broker-contract.ts';

/** What happens in the moment between a check and the opening of a file. */
const beforeOpen = vi.hoisted(() => ({ run: (): void => undefined }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const openSync: typeof fs.openSync = (...args) => {
    beforeOpen.run();
    return fs.openSync(...args);
  };
  return { ...fs, openSync };
});

const isWindows = process.platform === 'win32';
const FILE = 'ksql.workbench.FileSourceConnector';
const SECRET = '{"secret": 1}\n';
const OPEN = '{"open": 1}\n';
const base = mkdtempSync(path.join(tmpdir(), 'ksql-files-'));
const named = path.join(base, 'named');
const outside = path.join(base, 'outside');
for (const folder of [named, outside, path.join(named, 'inner'), `${named}-too`]) mkdirSync(folder);
for (const folder of [outside, `${named}-too`]) writeFileSync(path.join(folder, 'secret.jsonl'), SECRET);
for (const name of ['open.jsonl', 'inner/open.jsonl', '..open.jsonl']) writeFileSync(path.join(named, name), OPEN);
afterAll(() => rmSync(base, { recursive: true }));

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function newRegistry(folders: readonly string[], stateFile?: string) {
  const broker = new MemoryBroker();
  const registry = new ConnectorRegistry({ broker, folders: () => folders, ...(stateFile ? { stateFile } : {}) });
  cleanUps.push(
    () => registry.close(),
    () => broker.close(),
  );
  return { broker, registry };
}

/** What a connector over the file writes, or why there is none, with the name left out. */
async function attempt(file: string, folders: readonly string[] = [named], format = 'json') {
  const { broker, registry } = newRegistry(folders);
  try {
    await registry.create('C', { 'connector.class': FILE, file, format, 'kafka.topic': 't' });
  } catch (error) {
    return (error as Error).message.replace(file, 'FILE');
  }
  return recordsOf(await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 20)).map(({ value }) => value);
}

const REFUSED = expect.stringMatching(
  /^Invalid value FILE for configuration file: there is no such file\. Files are read from /,
);
const READ = ['{"open":1}'];

describe('a connector reads what lies in the named folders', () => {
  test.each([
    'open.jsonl',
    'inner/open.jsonl',
    'inner/../open.jsonl',
    './open.jsonl',
    '..open.jsonl',
    path.join(named, 'open.jsonl'),
  ])('%s', async (file) => {
    expect(await attempt(file)).toEqual(READ);
  });

  test.skipIf(isWindows)('by links that stay inside, and when the folder is named by a link', async () => {
    symlinkSync(path.join(named, 'open.jsonl'), path.join(named, 'link.jsonl'));
    symlinkSync(named, path.join(base, 'alias'));
    expect(await attempt('link.jsonl')).toEqual(READ);
    expect(await attempt('open.jsonl', [path.join(base, 'alias')])).toEqual(READ);
    expect(await attempt(path.join(named, 'open.jsonl'), [path.join(base, 'alias')])).toEqual(READ);
  });

  test('and the data of the examples, even where none is named', async () => {
    expect(await attempt('airports.csv', [], 'csv')).toContainEqual(expect.stringContaining('"iata":"00M"'));
    expect(await attempt('open.jsonl', [])).toMatch(/No folder is named .* --files DIR/);
  });
});

describe('a connector reads nothing else', () => {
  test.each([
    '../outside/secret.jsonl',
    'inner/../../outside/secret.jsonl',
    '../named-too/secret.jsonl',
    '..\\outside\\secret.jsonl',
    path.join(outside, 'secret.jsonl'),
    path.join(named, '../outside/secret.jsonl'),
    path.join(named, '..', 'outside', 'secret.jsonl').toUpperCase(),
    `file://${outside}/secret.jsonl`,
    'open.jsonl\0.csv',
    `${'a/'.repeat(5000)}x`,
    '.',
    'inner',
    '..',
    '/',
    '/etc/passwd',
    '../../../../../../../../etc/hosts',
    '/proc/self/environ',
    '/dev/stdin',
    '/dev/zero',
    '~/.bashrc',
    '$HOME/.bashrc',
  ])('%j', async (file) => {
    expect(await attempt(file)).toEqual(REFUSED);
  });

  test('what is not there and what must not be read have the same answer', async () => {
    const there = await attempt(path.join(outside, 'secret.jsonl'));
    expect(there).toBe(await attempt(path.join(outside, 'nothing.jsonl')));
    expect(there).toBe(await attempt('nothing.jsonl'));
    expect(there).toBe(await attempt('inner'));
  });

  test.skipIf(isWindows)('by a link, of a file or of a folder', async () => {
    symlinkSync(path.join(outside, 'secret.jsonl'), path.join(named, 'leak.jsonl'));
    symlinkSync(outside, path.join(named, 'leak'));
    symlinkSync('/proc/self', path.join(named, 'self'));
    symlinkSync('loop', path.join(named, 'loop'));
    const all = ['leak.jsonl', 'leak/secret.jsonl', 'leak/nothing', 'self/environ', `self/cwd/package.json`, 'loop'];
    for (const file of all) expect(await attempt(file)).toEqual(REFUSED);
  });

  test.skipIf(isWindows)('of another kind: a pipe, which is not waited for', async () => {
    execFileSync('mkfifo', [path.join(named, 'pipe.jsonl')]);
    expect(await attempt('pipe.jsonl')).toEqual(REFUSED);
  });

  test("the engine's own state, where it is kept in a named folder", async () => {
    const state = path.join(named, 'state');
    mkdirSync(state);
    writeFileSync(path.join(state, 'any.jsonl'), SECRET);
    const { registry } = newRegistry([named], path.join(state, 'connectors.json'));
    const config = { 'connector.class': FILE, file: 'state/any.jsonl', 'kafka.topic': 't' };
    await expect(registry.create('C', config)).rejects.toThrow(/there is no such file/);
  });

  test('a hard link is a file of the folder', async () => {
    linkSync(path.join(named, 'open.jsonl'), path.join(named, 'hard.jsonl'));
    expect(await attempt('hard.jsonl')).toEqual(READ);
  });
});

describe.skipIf(isWindows)('a file that becomes another one', () => {
  test('after the check, by the time it is read: the connector fails', async () => {
    const stateFile = path.join(base, 'state.json');
    const file = path.join(named, 'turns.jsonl');
    writeFileSync(file, OPEN);
    const first = newRegistry([named], stateFile).registry;
    await first.create('C', { 'connector.class': FILE, file: 'turns.jsonl', format: 'json', 'kafka.topic': 't' });
    await first.close();
    rmSync(file);
    symlinkSync(path.join(outside, 'secret.jsonl'), file);
    const { registry, broker } = newRegistry([named], stateFile);
    await registry.restore();
    expect(registry.describe('C').status.connector).toMatchObject({
      state: 'FAILED',
      trace: expect.stringMatching(/no such file/),
    });
    expect(recordsOf(await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 20))).toEqual([]);
  });

  test('between the check and the opening: it is closed again', () => {
    const turn = path.join(base, 'swap/turn');
    mkdirSync(turn, { recursive: true });
    writeFileSync(path.join(turn, 'secret.jsonl'), OPEN);
    beforeOpen.run = () => {
      renameSync(turn, `${turn}-away`);
      symlinkSync(outside, turn);
    };
    cleanUps.push(() => {
      beforeOpen.run = () => undefined;
    });
    expect(openInFolders('turn/secret.jsonl', { named: [path.join(base, 'swap')] })).toBeUndefined();
    expect(readFileSync(path.join(turn, 'secret.jsonl'), 'utf8')).toBe(SECRET);
  });

  test('nothing that was refused stays open', async () => {
    const count = () => readdirSync('/proc/self/fd').length;
    if (process.platform !== 'linux') return;
    const before = count();
    for (let i = 0; i < 50; i++) openInFolders(i % 2 ? 'inner' : 'leak.jsonl', { named: [named] });
    expect(count()).toBe(before);
  });
});

describe('ksql serve', () => {
  async function ask(options: readonly string[], file: string): Promise<string> {
    const main = path.join(import.meta.dirname, '../../engine/cli/main.ts');
    const args = [main, 'serve', '--listen', '127.0.0.1:0', '--token', 'T', ...options];
    const server = spawn(process.execPath, args, { cwd: named, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let url = '';
      for await (const line of createInterface(server.stdout)) {
        url = /listening on (\S+)/.exec(line)?.[1] ?? '';
        if (url !== '') break;
      }
      const ksql = `CREATE SOURCE CONNECTOR c WITH ('connector.class' = '${FILE}', 'file' = '${file}', 'format' = 'json', 'kafka.topic' = 't');`;
      const response = await fetch(`${url}/ksql`, {
        method: 'POST',
        headers: { authorization: 'Bearer T', 'content-type': 'application/json' },
        body: JSON.stringify({ ksql }),
      });
      return await response.text();
    } finally {
      server.kill();
      await once(server, 'exit');
    }
  }

  test('reads no file where no folder is named, not even of the current folder', async () => {
    expect(await ask([], 'open.jsonl')).toMatch(/there is no such file\. No folder is named .*--files DIR/);
  });

  test('reads of the named ones, and not beside them', async () => {
    const options = ['--files', path.join(named, 'inner'), '--files', named];
    expect(await ask(options, 'open.jsonl')).toContain('connector_info');
    expect(await ask(options, '../outside/secret.jsonl')).toMatch(/there is no such file/);
  });
});
