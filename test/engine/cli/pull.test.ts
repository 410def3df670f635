import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, serveKsql, Workplace } from '../../support/ksql-command.ts';

const place = new Workplace();
let served: Served;
const STATEMENTS = `CREATE TYPE place AS STRUCT<city STRING, \`zip\` INT>;
CREATE STREAM orders (id INT KEY, item STRING, home place, tags MAP<STRING, ARRAY<INT>>, h BYTES HEADER('x'))
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 4);
CREATE STREAM lines (a INT, b STRING) WITH (KAFKA_TOPIC='lines', VALUE_FORMAT='DELIMITED', VALUE_DELIMITER='TAB', PARTITIONS=1);
CREATE TABLE counts AS SELECT item, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY item;
`;
const QUERIES = `SELECT item, n, HALF(n), WINDOWSTART FROM counts EMIT CHANGES;
SELECT home->\`zip\`, h, nothing FROM orders EMIT CHANGES;
SELECT * FROM nowhere EMIT CHANGES;
SELECT n FROM counts WHERE item = 'a';
TERMINATE ctas_counts_0;
`;
const pull = (...args: readonly string[]) => place.run(['pull', 'project', '--server', served.url, ...args]);

beforeAll(async () => {
  place.write(
    'functions/half.ts',
    `export const HALF = { summary: 'Half of it.', parameters: { of: 'BIGINT' }, returns: 'DOUBLE', evaluate: (of) => of / 2 };`,
  );
  place.write('project/queries.ksql', QUERIES);
  served = await serveKsql(['--listen', '127.0.0.1:0', '--no-token', '--functions', 'functions'], place.folder);
  const made = await place.run(['run', place.write('make.ksql', STATEMENTS), '--server', served.url]);
  expect(made).toMatchObject({ code: 0, stderr: '' });
}, 60_000);
afterAll(() => {
  served.child.kill();
  place.remove();
});

describe('a lock', () => {
  const lockFile = () => path.join(place.folder, 'project/ksql.lock.json');

  test('has what the server has, and is the same when it is pulled again', async () => {
    expect(await pull()).toMatchObject({
      code: 0,
      stderr: '',
      stdout: `${path.join('project', 'ksql.lock.json')}: 4 sources, 1 type, 4 topics, 1 function\n`,
    });
    const text = readFileSync(lockFile(), 'utf8');
    const { sources, types, topics, functions } = JSON.parse(text);
    expect(sources['LINES']).toMatchObject({ valueFormat: 'DELIMITED', delimiter: '\t', partitions: 1 });
    expect(sources['COUNTS']).toMatchObject({ kind: 'TABLE', windowType: 'TUMBLING', windowSizeMs: 60_000 });
    expect(sources['ORDERS'].columns.at(-1)).toEqual({ name: 'H', type: 'BYTES', namespace: 'header', headerKey: 'x' });
    expect(types).toEqual({ PLACE: 'STRUCT<CITY STRING, `zip` INTEGER>' });
    expect(topics['orders']).toEqual({ partitions: 4, replicas: 1 });
    expect(functions['HALF']).toMatchObject({ kind: 'scalar', file: 'half.ts' });
    await pull();
    expect(readFileSync(lockFile(), 'utf8')).toBe(text);
  });

  test('stands for the server: what it has not is an error, of a folder and of a file in it', async () => {
    for (const named of ['project', 'project/queries.ksql']) {
      const { code, stdout } = await place.run(['check', named]);
      expect(code).toBe(1);
      expect(stdout.match(/^\S+ (error|warning) .*$/gm)).toEqual([
        `${path.join('project', 'queries.ksql')}:2:24: error unknown-column: SELECT column 'NOTHING' cannot be resolved.`,
        `${path.join('project', 'queries.ksql')}:3:15: error unknown-source: NOWHERE does not exist.`,
      ]);
    }
  });

  test('what the files of the project make themselves goes before it', async () => {
    place.write(
      'project/own.ksql',
      "CREATE STREAM orders (nothing INT) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    const { stdout } = await place.run(['check', 'project/queries.ksql']);
    rmSync(path.join(place.folder, 'project/own.ksql'));
    expect(stdout).not.toContain('NOTHING');
    expect(stdout).toContain("'HOME'");
  });

  test('is compared with the server, for CI', async () => {
    expect(await pull('--check')).toMatchObject({ code: 0, stdout: '' });
    const text = readFileSync(lockFile(), 'utf8');
    writeFileSync(lockFile(), text.replace('"type": "BYTES"', '"type": "STRING"'));
    expect(await pull('--check')).toMatchObject({
      code: 1,
      stdout: "The column ORDERS.H is BYTES HEADER('x'), and was STRING HEADER('x').\n",
    });
    writeFileSync(lockFile(), `<<<<<<< HEAD\n${text}`);
    expect(await pull('--check')).toMatchObject({ code: 2, stderr: expect.stringContaining('ksql pull') });
    const { stderr } = await place.run(['check', 'project']);
    expect(stderr).toContain(`${path.join('project', 'ksql.lock.json')}: `);
    writeFileSync(lockFile(), text);
  });

  test.each([
    ['no server', ['pull'], 2, /Say what to pull from/],
    ['no folder', ['pull', 'nowhere', '--server', 'http://127.0.0.1:1'], 2, /nowhere is no folder/],
    ['nobody there', ['pull', '--server', 'http://127.0.0.1:1'], 1, /cannot be reached/],
    ['no lock', ['pull', 'functions', '--check', '--server'], 2, /to compare with/],
  ])('with %s says so', async (_title, args, code, stderr) => {
    const given = args.at(-1) === '--server' ? [...args, served.url] : args;
    expect(await place.run(given)).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(stderr) });
  });
});
