import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expectingOutput, hasTerminals, startKsql, startOnTerminal, Workplace } from '../../support/ksql-command.ts';

const root = path.join(import.meta.dirname, '../../..');
const place = new Workplace();
afterAll(() => place.remove());

const ORDERS = `CREATE STREAM orders (id INT KEY, item STRING, price DECIMAL(6, 2))
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders VALUES (1, 'apple', 2.50);
INSERT INTO orders VALUES (2, 'pear', 1.00);
INSERT INTO orders VALUES (3, 'apple', 3.00);
`;
const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('check', () => {
  test('says nothing of a right script, and exits with 0', async () => {
    const file = place.write(
      'right.ksql',
      `SET 'auto.offset.reset' = 'earliest';\n${ORDERS}SELECT * FROM orders EMIT CHANGES;`,
    );
    expect(await place.run(['check', file])).toMatchObject({ code: 0, stdout: '' });
  });

  test('marks what is wrong, with a code and a fix, and exits with 1', async () => {
    const file = place.write('wrong.ksql', `${ORDERS}SELECT itm FROM orders EMIT CHANGES;`);
    const { code, stdout } = await place.run(['check', file]);
    expect(code).toBe(1);
    expect(stdout).toContain('wrong.ksql:6:8: error unknown-column: ');
    expect(stdout).toContain('SELECT itm FROM orders EMIT CHANGES;\n       ^^^');
  });

  test('a folder is a project, and so is what a ksql.json above a file declares', async () => {
    const config = place.write(
      'project/ksql.json',
      '{"variables": {"least": 3}, "rules": {"unknown-source": "error"}}',
    );
    place.write('project/sources/orders.ksql', ORDERS);
    const file = place.write('project/big.ksql', 'SELECT item FROM orders WHERE id > ${least} EMIT CHANGES;');
    expect(await place.run(['check', path.dirname(config)])).toMatchObject({ code: 0, stdout: '' });
    expect(await place.run(['check', file])).toMatchObject({ code: 0, stdout: '' });
    place.write('project/again.ksql', `${ORDERS}SELECT a FROM nowhere;`);
    const { code, stdout } = await place.run(['check', path.dirname(config)]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'again.ksql:1:15: error doubled-definition: Another file of this project makes a source named ORDERS',
    );
    expect(stdout).toMatch(/ {2}\S*orders\.ksql: ORDERS is made here, too\./);
    expect(stdout).toContain('again.ksql:6:15: error unknown-source: NOWHERE does not exist.');
  });

  test('as JSON counts lines and columns from 1, offsets and statements from 0', async () => {
    const file = place.write('json.ksql', `${ORDERS}SELECT itm FROM orders EMIT CHANGES;`);
    const { stdout } = await place.run(['check', file, '--format', 'json']);
    const [checked] = JSON.parse(stdout).files;
    const offset = `${ORDERS}SELECT `.length;
    expect(checked).toMatchObject({ file, statements: 5 });
    expect(checked.diagnostics).toHaveLength(1);
    expect(checked.diagnostics[0]).toMatchObject({
      code: 'unknown-column',
      severity: 'error',
      statement: 4,
      start: { line: 6, column: 8, offset },
      end: { line: 6, column: 11, offset: offset + 3 },
      fixes: [{ edits: [{ start: { offset }, end: { offset: offset + 3 }, text: 'item' }] }],
    });
  });

  test('explains a code, and says which one is meant by a misspelt one', async () => {
    const { code, stdout } = await place.run(['check', '--explain', 'join-partitions']);
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(path.join(root, 'docs/diagnostics/join-partitions.md'), 'utf8'));
    expect(await place.run(['check', '--explain', 'join-partition'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean join-partitions?'),
    });
    expect(await place.run(['check'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('what only a server knows is no error', async () => {
    const file = place.write('elsewhere.ksql', 'SELECT * FROM elsewhere EMIT CHANGES;');
    const { code, stdout } = await place.run(['check', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('warning unknown-source');
  });

  test.each([
    ['a file that is not there', ['check', 'nowhere.ksql']],
    ['an option that is none', ['check', '--colour', 'right.ksql']],
    ['a command that is none', ['chek', 'right.ksql']],
    ['no file at all', ['check']],
  ])('%s is wrong usage', async (_title, args) => {
    const { code, stdout, stderr } = await place.run(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
  });
});

describe('run', () => {
  test('begins each script with what its project says: variables, settings and functions', async () => {
    place.write(
      'declared/ksql.json',
      '{"variables": {"least": 2}, "properties": {"auto.offset.reset": "earliest"}, "functions": ["own", "more"]}',
    );
    const declared = (name: string, by: number) =>
      `export const ${name} = { summary: 'So many.', parameters: { of: 'INT' }, returns: 'INT', evaluate: (of) => of * ${by} };`;
    place.write('declared/own/twice.js', declared('TWICE', 2));
    place.write('declared/more/thrice.js', `${declared('THRICE', 3)}\n${declared('TWICE', 9)}`);
    const query = 'SELECT TWICE(id) AS two, THRICE(id) AS three FROM orders WHERE id >= ${least} EMIT CHANGES LIMIT 2;';
    const file = place.write('declared/all.ksql', `${ORDERS}${query}`);
    const { code, stdout, stderr } = await place.run(['run', file, '--output', 'json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/more: TWICE is declared in another folder, too, which counts\./);
    const rows = jsonLines(stdout).flatMap(({ row }) => (row === undefined ? [] : [row]));
    expect(rows).toEqual([
      { TWO: 4, THREE: 6 },
      { TWO: 6, THREE: 9 },
    ]);
    expect(await place.run(['check', file])).toMatchObject({ code: 0, stdout: '' });
  });

  const PUSH = `SET 'auto.offset.reset' = 'earliest';
CREATE TABLE totals AS SELECT item, SUM(price) AS total FROM orders GROUP BY item;
SELECT * FROM totals EMIT CHANGES;
`;

  test('a folder, each file after those that make what it needs', async () => {
    place.write('deploy/a.ksql', 'CREATE TABLE sums AS SELECT item, SUM(price) AS total FROM orders GROUP BY item;');
    const file = place.write('deploy/sources/orders.ksql', ORDERS);
    const folder = path.dirname(path.dirname(file));
    const { code, stdout } = await place.run(['run', folder, '--until-end', '--output', 'json']);
    expect(code).toBe(0);
    const commands = jsonLines(stdout).flatMap(({ response }) => response?.commandId ?? []);
    expect(commands).toEqual(['stream/`ORDERS`/create', 'table/`SUMS`/create']);
  });

  test('to the end, as one JSON object a line', async () => {
    const file = place.write('run.ksql', ORDERS + PUSH);
    const { code, stdout } = await place.run(['run', file, '--until-end', '--output', 'json']);
    expect(code).toBe(0);
    expect(jsonLines(stdout)[0]).toMatchObject({ statement: 0, response: { '@type': 'currentStatus' } });
    // How many changes come before the last of a key depends on when the table is read; a DECIMAL keeps its scale.
    const rows = stdout.split('\n').filter((line) => line.includes('"row"'));
    expect(rows).toContain('{"statement":6,"row":{"ITEM":"pear","TOTAL":1.00}}');
    expect(rows.at(-1)).toBe('{"statement":6,"row":{"ITEM":"apple","TOTAL":5.50}}');
  });

  test('PRINT ends where the topic ends, and all that is said is JSON', async () => {
    const text = `${ORDERS}PRINT orders FROM BEGINNING;
CREATE STREAM empty (id INT KEY) WITH (KAFKA_TOPIC = 'empty', VALUE_FORMAT = 'JSON', PARTITIONS = 2);
PRINT empty;
PRINT orders LIMIT 9;
CREATE STREAM IF NOT EXISTS empty (id INT KEY) WITH (KAFKA_TOPIC = 'empty', VALUE_FORMAT = 'JSON');
SHOW CONNECTORS;
EXPLAIN SELECT * FROM orders EMIT CHANGES;
SELEC 1;`;
    const { code, stdout } = await place.run([
      'run',
      place.write('print.ksql', text),
      '--until-end',
      '--output',
      'json',
    ]);
    expect(code).toBe(1);
    const said = jsonLines(stdout);
    const rows = (statement: number) => said.filter((line) => line.statement === statement && 'row' in line);
    expect(rows(4).map(({ row }) => [row.key, row.value, row.partition])).toEqual([
      ['1', '{"ITEM":"apple","PRICE":2.50}', 0],
      ['2', '{"ITEM":"pear","PRICE":1.00}', 0],
      ['3', '{"ITEM":"apple","PRICE":3.00}', 0],
    ]);
    expect(said).toContainEqual({ statement: 4, notice: 'Value format: JSON or KAFKA_STRING' });
    expect(rows(6)).toEqual([]);
    expect(rows(7)).toHaveLength(3);
    expect(said.filter(({ statement }) => statement > 7)).toMatchObject([
      { statement: 8, response: { '@type': 'warning_entity' } },
      { statement: 9, response: { '@type': 'connector_list' } },
      { statement: 10, response: { '@type': 'queryDescription' } },
      { statement: 11, error: {} },
    ]);
  });

  test('PRINT ends when nothing comes for a while', async () => {
    const file = place.write('idle.ksql', `${ORDERS}PRINT orders FROM BEGINNING;\nSHOW TYPES;`);
    const { code, stdout } = await place.run(['run', file, '--idle-timeout', '1', '--output', 'json']);
    expect(code).toBe(0);
    const said = jsonLines(stdout);
    expect(said.filter((line) => line.statement === 4 && 'row' in line)).toHaveLength(3);
    expect(said.at(-1)).toMatchObject({ statement: 5, response: { '@type': 'type_list' } });
  });

  test('as CSV and as a table without colours', async () => {
    const file = place.write('forms.ksql', `${ORDERS}SELECT item, price FROM orders WHERE price > 1;`);
    const csv = await place.run(['run', file, '--until-end', '--output', 'csv']);
    expect(csv.stdout).toContain('ITEM,PRICE\napple,2.50\napple,3.00\n');
    const table = await place.run(['run', file, '--until-end']);
    expect(table.stdout).toMatch(/ITEM +PRICE/);
    expect(table.stdout).not.toContain('\u001b');
  });

  test('the first error stops it, with its place', async () => {
    const file = place.write('stops.ksql', `${ORDERS}DROP STREAM nothing;\nSELECT * FROM orders EMIT CHANGES LIMIT 1;`);
    const asJson = await place.run(['run', file, '--output', 'json']);
    expect(asJson.code).toBe(1);
    expect(jsonLines(asJson.stdout).at(-1)).toMatchObject({ statement: 4, error: {} });
    const asTable = await place.run(['run', file]);
    expect(asTable.code).toBe(1);
    expect(asTable.stderr).toContain('stops.ksql:6:13');
  });
});

describe('test', () => {
  test('reports verdicts', async () => {
    const script = (rows: string) => `--@test: prices
CREATE STREAM orders (id INT KEY, price INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON');
CREATE STREAM dear AS SELECT * FROM orders WHERE price > 2;
INSERT INTO orders (id, price, rowtime) VALUES (1, 2, 0);
INSERT INTO orders (id, price, rowtime) VALUES (2, 3, 0);
ASSERT VALUES dear (id, price, rowtime) VALUES (${rows}, 0);
`;
    const report = path.join(place.folder, 'report.json');
    const passing = await place.run(['test', place.write('pass.ksql', script('2, 3')), '--report', report]);
    expect(passing).toMatchObject({ code: 0 });
    expect(passing.stdout).toMatch(/1 passed, 0 failed, 0 skipped\n$/);
    expect(JSON.parse(readFileSync(report, 'utf8')).cases).toMatchObject([{ kind: 'test', verdict: 'passed' }]);
    const failing = await place.run(['test', place.write('fail.ksql', script('1, 2')), '--report', report]);
    expect(failing).toMatchObject({ code: 1 });
    const [verdict] = JSON.parse(readFileSync(report, 'utf8')).cases;
    expect(verdict).toMatchObject({
      verdict: 'failed',
      expected: 'ID: 1\nPRICE: 2\nROWTIME: 0',
      actual: 'ID: 2\nPRICE: 3\nROWTIME: 0',
    });
    expect(failing.stdout).toMatch(/0 passed, 1 failed, 0 skipped\n$/);
  });
});

describe('serve', () => {
  test('says where it listens, answers with a token, and ends when told to', async () => {
    const child = startKsql(['serve', '--listen', '127.0.0.1:0', '--token', 'sesame'], place.folder);
    const url = await new Promise<string>((resolve) => {
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        const found = /^listening on (http:\/\/\S+)$/m.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    const file = place.write('remote.ksql', `${ORDERS}SELECT item FROM orders LIMIT 1;`);
    const refused = await place.run(['run', file, '--server', url]);
    expect(refused).toMatchObject({ code: 1 });
    const ran = await place.run(['--token', 'sesame', 'run', file, '--server', url, '--output', 'json']);
    expect(ran).toMatchObject({ code: 0 });
    expect(jsonLines(ran.stdout).at(-1)).toEqual({ statement: 4, row: { ITEM: 'apple' } });
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('prompt', () => {
  test('reads statements from a pipe', async () => {
    const { code, stdout } = await place.run(
      [],
      `${ORDERS}SELECT item\n  FROM orders LIMIT 1;\nhelp drop stream\nexit\n`,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('apple');
    expect(stdout).toContain('DROP STREAM');
    expect(stdout).not.toContain('\u001b');
  });

  test.skipIf(!hasTerminals)('on a terminal completes, and forgets a line or ends a query with Ctrl+C', async () => {
    const child = startOnTerminal([], place.folder);
    const shown = expectingOutput(child);
    const type = (text: string) => child.stdin!.write(text);
    await shown('ksql> ');
    type('SELECT ucas\t');
    await shown('ucase');
    type('\u0003');
    await shown('ksql> ');
    type("CREATE STREAM visits (page STRING) WITH (KAFKA_TOPIC = 'v', VALUE_FORMAT = 'JSON', PARTITIONS = 1);\r");
    await shown('Stream created');
    await shown('ksql> ');
    type("INSERT INTO visits VALUES ('home');\r");
    await shown('ksql> ');
    type("SET 'auto.offset.reset' = 'earliest';\r");
    await shown('ksql> ');
    // The table's name is learnt from the server, and goes on in the letters in which it was begun.
    type('SELECT * FROM visi\t');
    await shown('visits');
    type(' EMIT CHANGES;\r');
    await shown('home');
    type('\u0003');
    await shown('1 row, stopped');
    await shown('ksql> ');
    const ended = new Promise((resolve) => child.once('close', resolve));
    type('exit\r');
    expect(await ended).toBe(0);
  });
});
