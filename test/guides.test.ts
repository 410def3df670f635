/**
 * What the guides tell to type is typed: each command of a block marked `sh` runs, and the blocks marked `ksql` of a
 * guide run as the script that they are together. `<!-- not run: why -->` over a block says of it why not.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI, endOf, type Served, serveKsql, Workplace } from './support/ksql-command.ts';

const root = path.join(import.meta.dirname, '..');
/** Written by `npm run generate` from tables whose examples run as tests of their own. */
const GENERATED = ['docs/functions.md', 'docs/statements.md'];
const guides = ['README.md', ...globSync('docs/*.md', { cwd: root }).toSorted()].filter(
  (file) => !GENERATED.includes(file),
);

/** Commands that need what this test has not, and why. Their options are looked up all the same. */
const NOT_RUN: readonly (readonly [command: RegExp, why: string])[] = [
  [/^npm /, 'they are the suites and builds of the checkout'],
  [/--bootstrap-server/, 'needs a Kafka cluster'],
  [/^ksql sandbox start|^docker /, 'needs a container engine'],
  [/^kcat /, "needs kcat, librdkafka's own tool"],
  [/https:\/\/engine\.example|--tls-cert/, 'needs a certificate'],
  [/^ksql lsp/, 'an editor speaks to it'],
];
/** Commands that serve until they are ended, with what they say once they do. */
const SERVING = /^(\w+=\S+ )?ksql serve/;

interface Block {
  readonly language: string;
  readonly text: string;
  /** Why it is not run, where the guide says so. */
  readonly why: string | undefined;
}

function blocksOf(file: string): Block[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const fence = /(?:<!-- not run: (.+?) -->\n+)?^( *)```(\w*)\n([\s\S]*?)^ *```/gm;
  return [...text.matchAll(fence)].map(([, why, indent = '', language = '', body = '']) => ({
    language,
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    why,
  }));
}

const commandsOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

const shell = guides.flatMap((file) =>
  blocksOf(file)
    .filter(({ language, why }) => language === 'sh' && why === undefined)
    .flatMap(({ text }) => commandsOf(text).map((command) => [file, command] as const)),
);
const whyNot = (command: string) => NOT_RUN.find(([pattern]) => pattern.test(command))?.[1];

describe('the commands of the guides', () => {
  const work = new Workplace();
  let served: Served;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const ksql = work.write('bin/ksql', `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
    chmodSync(ksql, 0o755);
    cpSync(path.join(root, 'examples'), path.join(work.folder, 'examples'), { recursive: true });
    const script =
      "CREATE STREAM orders (id INT KEY, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);\n";
    const queries = `${script}\nINSERT INTO orders (id, units)\nVALUES (1, 3);\n\nSELECT * FROM orders EMIT CHANGES LIMIT 1;\n`;
    work.write('orders.ksql', `SET 'auto.offset.reset' = 'earliest';\n${queries}`);
    work.write('script.ksql', 'SHOW STREAMS;\n');
    work.write('totals.ksql', `${script}SELECT id, SUM(units) AS units FROM orders GROUP BY id EMIT CHANGES;\n`);
    const record = { topic: 'orders', partition: 0, timestamp: 1767225600000, key: '1', value: '{"UNITS":3}' };
    work.write('orders.jsonl', `{"topic":"orders","partitions":1}\n${JSON.stringify(record)}\n`);
    work.write('data/orders.csv', 'id,units\n1,3\n');
    work.write('users', 'ann:secret\n');
    for (const folder of ['queries', 'tests'])
      cpSync(path.join(root, 'examples/poor-ratings.test.ksql'), path.join(work.folder, folder, 'poor.test.ksql'));
    cpSync(path.join(root, 'examples/orders.ksqlnb'), path.join(work.folder, 'sales.ksqlnb'));
    served = await serveKsql(['--listen', '127.0.0.1:0', '--no-token'], work.folder);
    environment = {
      ...process.env,
      PATH: `${path.join(work.folder, 'bin')}${path.delimiter}${process.env['PATH']}`,
      XDG_STATE_HOME: work.folder,
      NO_COLOR: '1',
    };
    const setUp = `${script}CREATE STREAM payments (id INT KEY) WITH (KAFKA_TOPIC = 'payments', VALUE_FORMAT = 'JSON', PARTITIONS = 1);\nINSERT INTO orders (id, units) VALUES (1, 3);\nINSERT INTO payments (id) VALUES (1);\n`;
    work.write('set-up.ksql', setUp);
    const ready = await endOf(inShell(`ksql run set-up.ksql --server ${served.url}`));
    expect(ready).toMatchObject({ code: 0 });
  }, 120_000);

  afterAll(() => {
    served.child.kill();
    work.remove();
  });

  function inShell(command: string): ChildProcess {
    return spawn('sh', ['-c', command], { cwd: work.folder, env: environment, stdio: 'pipe', detached: true });
  }

  /** The server of the guides is that of this test; a port that is taken need not be free. */
  const here = (command: string) =>
    command
      .replaceAll('http://localhost:8088', served.url)
      .replaceAll('--server URL', `--server ${served.url}`)
      .replace(/^(.*\bksql serve\b)(?!.*--listen)/, '$1 --listen 127.0.0.1:0');

  test.each(shell.filter(([, command]) => whyNot(command) === undefined))(
    '%s: %s',
    async (_, command) => {
      const child = inShell(here(command));
      if (!SERVING.test(command)) {
        const { code, stdout, stderr } = await endOf(child);
        return expect(code, `${stdout}\n${stderr}`).toBe(0);
      }
      let said = '';
      for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (said += chunk));
      await expect.poll(() => said, { timeout: 60_000 }).toMatch(/listening on/);
      // The shell and what it has started.
      const ended = new Promise((resolve) => child.once('close', resolve));
      process.kill(-child.pid!);
      await ended;
    },
    120_000,
  );

  test.each(shell.filter(([, command]) => whyNot(command) !== undefined && command.startsWith('ksql')))(
    '%s: %s has options that there are',
    (_, command) => {
      const [, name = ''] = /^ksql (\w+)/.exec(command) ?? [];
      const { stdout } = spawnSync(process.execPath, [CLI, name, '--help'].filter(Boolean), { encoding: 'utf8' });
      for (const [option] of command.matchAll(/--[\w-]+/g)) expect(stdout).toContain(option);
    },
    60_000,
  );
});

describe('the statements of a guide are a script that runs', () => {
  const work = new Workplace();
  afterAll(() => work.remove());

  const scripts = guides.flatMap((file) => {
    const blocks = blocksOf(file).filter(({ language, why }) => language === 'ksql' && why === undefined);
    return blocks.length === 0 ? [] : [[file, blocks.map(({ text }) => text).join('\n')] as const];
  });

  test.each(scripts)(
    '%s',
    async (file, text) => {
      const script = work.write(`${path.basename(file, '.md')}.ksql`, text);
      const command = text.includes('--@test:') ? ['test', script] : ['run', script, '--until-end'];
      const { code, stdout, stderr } = await work.run(command);
      expect(code, `${stdout}\n${stderr}`).toBe(0);
    },
    120_000,
  );
});

test('a block that is a part of a file stands in it', () => {
  const parts = guides
    .flatMap((file) => blocksOf(file))
    .flatMap(({ text, why }) => {
      const [, file] = /^a part of (\S+)$/.exec(why ?? '') ?? [];
      return file === undefined ? [] : [[file, text] as const];
    });
  expect(parts).not.toEqual([]);
  for (const [file, text] of parts) {
    const statements = text.slice(text.search(/^\w/m));
    expect(readFileSync(path.join(root, file), 'utf8')).toContain(statements);
  }
});

test('every block says what it is, and why it is not run where it is not', () => {
  for (const file of guides)
    for (const { language, why } of blocksOf(file))
      if (why === undefined) expect(language, `a block in ${file}`).not.toBe('');
});
