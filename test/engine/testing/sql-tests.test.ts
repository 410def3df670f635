import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { test as runTestCommand } from '../../../engine/cli/test-command.ts';
import { runSqlTests } from '../../../engine/testing/sql-tests.ts';
import { runTriple } from '../../../engine/testing/triple.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-sql-tests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** What becomes of each test of a file in the test dialect. */
const outcomes = (text: string, file = path.join(folder, 'tests/t.sql')) =>
  Promise.all(runSqlTests(file, text).map(async ({ name, run }) => ({ name, ...(await run()) })));

const FOO = "CREATE STREAM foo (id INT KEY, col1 INT) WITH (kafka_topic='foo', value_format='JSON');\n";
const BAR = `${FOO}CREATE STREAM bar AS SELECT * FROM foo;\n`;

async function outcome(statements: string) {
  const [only] = await outcomes(`--@test: t\n${statements}`);
  return only;
}

describe('RUN SCRIPT', () => {
  test('runs the statements of a file beside the test, and of those that it runs', async () => {
    write('tests/foo.sql', FOO);
    write('tests/scripts/bar.sql', "RUN SCRIPT '../foo.sql';\nCREATE STREAM bar AS SELECT * FROM foo;");
    const rows = 'INSERT INTO foo (id, col1) VALUES (1, 2);\nASSERT VALUES bar (id, col1) VALUES (1, 2);';
    expect(await outcome(`RUN SCRIPT 'scripts/bar.sql';\n${rows}`)).toMatchObject({ verdict: 'passed' });
    write('resources.sql', BAR);
    expect(await outcome(`RUN SCRIPT '/resources.sql';\n${rows}`)).toMatchObject({ verdict: 'passed' });
  });

  test('says which line of the script fails, and keeps what the script sets', async () => {
    write('tests/wrong.sql', `${FOO}\nCREATE STREAM bar AS SELECT nothing FROM foo;`);
    expect(await outcome("RUN SCRIPT 'wrong.sql';")).toMatchObject({
      verdict: 'failed',
      message: expect.stringMatching(/^wrong\.sql:3: .*NOTHING/s),
      line: 2,
    });
    write('tests/set.sql', "SET 'ksql.persistence.default.format.value' = 'AVRO';");
    const made = "RUN SCRIPT 'set.sql';\nCREATE STREAM foo (id INT KEY, a INT, b INT) WITH (kafka_topic='foo');\n";
    const as = (format: string) =>
      `ASSERT STREAM foo (id INT KEY, a INT, b INT) WITH (kafka_topic='foo', value_format='${format}');`;
    expect(await outcome(made + as('AVRO'))).toMatchObject({ verdict: 'passed' });
    expect(await outcome(made + as('JSON'))).toMatchObject({ verdict: 'failed' });
  });

  test('one that is not there, or that runs itself, fails', async () => {
    expect(await outcome("RUN SCRIPT 'nowhere.sql';")).toMatchObject({
      message: 'Failed to read file: nowhere.sql. There is no such file.',
    });
    write('tests/again.sql', "RUN SCRIPT 'again.sql';");
    expect(await outcome("RUN SCRIPT 'again.sql';")).toMatchObject({
      message: expect.stringContaining('The script again.sql runs itself.'),
    });
  });
});

describe('ASSERT STREAM and TABLE, in the words of ksqlDB', () => {
  const assertion = (columns: string, properties: string, kind = 'STREAM') =>
    `ASSERT ${kind} bar (${columns}) WITH (${properties});`;
  const RIGHT = 'id INT KEY, col1 INT';
  const WITH = "kafka_topic='BAR', value_format='JSON'";

  test.each([
    ['the schema', BAR, assertion('id INT KEY, col1 VARCHAR', WITH), 'schema'],
    ['the key', BAR, assertion('id INT, col1 INT', WITH), 'schema'],
    ['the kind', BAR, assertion('id INT PRIMARY KEY, col1 INT', WITH, 'TABLE'), 'type'],
    ['the topic', BAR, assertion(RIGHT, "kafka_topic='BAZ', value_format='JSON'"), 'kafka topic'],
    ['the key format', BAR, assertion(RIGHT, `${WITH}, key_format='AVRO'`), 'key format'],
    ['the value format', BAR, assertion(RIGHT, "kafka_topic='BAR', value_format='AVRO'"), 'value format'],
    ['both formats', BAR, assertion(RIGHT, "kafka_topic='BAR', format='KAFKA'"), 'value format'],
    [
      'a delimiter',
      `${FOO}CREATE STREAM bar WITH (value_format='DELIMITED', value_delimiter='|') AS SELECT * FROM foo;`,
      assertion(RIGHT, "kafka_topic='BAR', value_format='DELIMITED'"),
      'value format properties',
    ],
    ['wrapping', BAR, assertion(RIGHT, `${WITH}, wrap_single_value=false`), 'value serde features'],
    [
      'wrapping that is not expected',
      `${FOO}CREATE STREAM bar WITH (wrap_single_value=true) AS SELECT * FROM foo;`,
      assertion(RIGHT, WITH),
      'value serde features',
    ],
    [
      'the timestamp',
      "CREATE STREAM bar (id INT KEY, a BIGINT, b BIGINT) WITH (kafka_topic='BAR', value_format='JSON', timestamp='a');",
      assertion('id INT KEY, a BIGINT, b BIGINT', `${WITH}, timestamp='b'`),
      'timestamp column',
    ],
    [
      'the format of the timestamp',
      `CREATE STREAM bar (id INT KEY, a VARCHAR) WITH (${WITH}, timestamp='a', timestamp_format='yyyy');`,
      assertion('id INT KEY, a VARCHAR', `${WITH}, timestamp='a', timestamp_format='MM'`),
      'timestamp format',
    ],
  ])('%s differs', async (_what, made, asserted, property) => {
    expect(await outcome(`${made}\n${asserted}`)).toMatchObject({
      verdict: 'failed',
      message: expect.stringMatching(
        new RegExp(`^Expected ${property} does not match actual for source BAR\\.\\n\\tExpected: .+\\n\\tActual: .+$`),
      ),
    });
  });

  test.each([
    [BAR, assertion(RIGHT, WITH)],
    [
      `${FOO}CREATE STREAM bar WITH (wrap_single_value=false) AS SELECT * FROM foo;`,
      assertion(RIGHT, `${WITH}, wrap_single_value=false`),
    ],
    [
      `CREATE STREAM bar (id INT KEY, col1 INT) WITH (${WITH}, wrap_single_value=true);`,
      assertion(RIGHT, `${WITH}, wrap_single_value=true`),
    ],
    [`${BAR}`.replaceAll('JSON', 'KAFKA'), assertion(RIGHT, "kafka_topic='BAR', format='KAFKA'")],
  ])('%#: what is as asserted passes', async (made, asserted) => {
    expect(await outcome(`${made}\n${asserted}`)).toMatchObject({ verdict: 'passed', message: null });
  });
});

describe('expected failures', () => {
  const expecting = (message: string, statements: string) => outcome(`--@expected.message: ${message}\n${statements}`);

  test.each([
    ['Exception while preparing statement: FOO does not exist.', 'CREATE STREAM bar AS SELECT * FROM foo;'],
    [
      'Expected record does not match actual',
      `${BAR}INSERT INTO foo VALUES (1, 1); ASSERT VALUES bar (id) VALUES (2);`,
    ],
    [
      'Expected another record, but all records have already been read:',
      `${BAR}ASSERT VALUES bar (id, col1) VALUES (1, 1);`,
    ],
    [
      'Unexpected value columns specified in ASSERT NULL VALUES.',
      `${BAR}INSERT INTO foo VALUES (1, 1); ASSERT NULL VALUES bar (id, col1) KEY (1, 1);`,
    ],
    ['Expected record does not match actual', `${BAR}INSERT INTO foo VALUES (1, 1); ASSERT VALUES bar VALUES (1, 2);`],
    ['number columns and values to match: 2, 1', `${BAR}INSERT INTO foo VALUES (1, 1); ASSERT VALUES bar VALUES (1);`],
    ['The following streams and/or tables read from this source', `${BAR}DROP STREAM foo;`],
  ])('%s', async (message, statements) => {
    expect(await expecting(message, statements)).toMatchObject({ verdict: 'passed', message: null });
  });

  test('other words, or none, fail', async () => {
    expect(await expecting('Something else', 'CREATE STREAM bar AS SELECT * FROM foo;')).toMatchObject({
      verdict: 'failed',
      message: expect.stringMatching(/^Expected exception with message "Something else" but got: .*FOO does not exist/),
    });
    expect(await expecting('Something', FOO)).toMatchObject({
      verdict: 'failed',
      message: 'Did not get expected exception of type <any> with message Something',
    });
  });
});

test('SET holds for the statements after it, UNSET ends it', async () => {
  const create = (name: string) => `CREATE STREAM ${name} (id INT KEY, a INT, b INT) WITH (kafka_topic='t');`;
  const text = `SET 'ksql.persistence.default.format.value' = 'JSON';
${create('one')}
UNSET 'ksql.persistence.default.format.value';
${create('two')}`;
  expect(await outcome(`--@expected.message: VALUE_FORMAT\n${text}`)).toMatchObject({ verdict: 'passed' });
  expect(await outcome(text)).toMatchObject({ verdict: 'failed', line: 5 });
});

test('without columns every one is compared', async () => {
  const rows = 'INSERT INTO foo VALUES (1, 2);\nASSERT VALUES bar VALUES (1, 2);';
  expect(await outcome(`${BAR}${rows}`)).toMatchObject({ verdict: 'passed', message: null });
});

test('records are asserted in their order, over how many partitions they may be spread', async () => {
  const ids = [1, 2, 3, 4, 5, 6];
  const made = BAR.replace("kafka_topic='foo'", "kafka_topic='foo', partitions=4");
  const rows = ids.map((id) => `INSERT INTO foo VALUES (${id}, 0);`).join('\n');
  const asserted = ids.map((id) => `ASSERT VALUES bar (id) VALUES (${id});`).join('\n');
  expect(await outcome(`${made}${rows}\n${asserted}`)).toMatchObject({ verdict: 'passed', message: null });
});

describe('a failed assertion on records tells all rows of its source', () => {
  const INSERTS = [1, 2, 3].map((id) => `INSERT INTO foo VALUES (${id}, ${id});`).join('\n');

  test('that were to come and came, up to the next other statement', async () => {
    const asserted = `ASSERT VALUES bar VALUES (1, 1); ASSERT VALUES bar (id, col1, ROWTIME) VALUES (2, NULL, 5);
      ASSERT NULL VALUES bar (id) KEY (3); ASSERT VALUES foo VALUES (9, 9);`;
    const later = 'INSERT INTO foo VALUES (4, 4); ASSERT VALUES bar VALUES (4, 4);';
    expect(await outcome(`${BAR}${INSERTS}\n${asserted}\n${later}`)).toMatchObject({
      verdict: 'failed',
      rows: {
        source: 'BAR',
        columns: [
          { name: 'ID', type: 'INTEGER', isKey: true },
          { name: 'COL1', type: 'INTEGER', isKey: false },
          { name: 'ROWTIME', type: 'BIGINT', isKey: false },
        ],
        expected: [
          ['1', '1', null],
          ['2', 'null', '5'],
          ['3', 'null', null],
        ],
        actual: [1, 2, 3].map((id) => [String(id), String(id), expect.stringMatching(/^\d+$/)]),
        isPart: false,
      },
    });
  });

  test('around it, where there are many; and none where the next assertion is wrong itself', async () => {
    const ids = Array.from({ length: 250 }, (_, i) => i);
    const inserts = ids.map((id) => `INSERT INTO foo VALUES (${id}, 0);`).join('\n');
    const asserts = ids.map((id) => `ASSERT VALUES foo VALUES (${id}, ${id === 220 ? 1 : 0});`).join('\n');
    const many = await outcome(`${FOO}${inserts}\n${asserts}`);
    expect(many?.rows).toMatchObject({ isPart: true });
    expect(many?.rows?.expected[100]).toEqual(['220', '1']);
    expect(many?.rows?.actual[100]).toEqual(['220', '0']);
    const wrong = await outcome(`${FOO}${INSERTS}\nASSERT VALUES foo VALUES (1, 2); ASSERT VALUES foo VALUES (1);`);
    expect(wrong).toMatchObject({ verdict: 'failed', rows: undefined });
  });
});

describe('nothing to test is no pass', () => {
  test('a test without statements', async () => {
    const found = await outcomes(`--@test: empty\n--@test: full\n${FOO}--@test: last\n-- only words\n`);
    expect(found.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['empty', 'failed'],
      ['full', 'passed'],
      ['last', 'failed'],
    ]);
  });

  test('statements before the first test', async () => {
    expect(await outcomes(`-- words\n${FOO}--@test: t\n${FOO}`)).toMatchObject([
      { verdict: 'failed', message: 'Expected test to start with --@test.', line: 2 },
      { name: 't', verdict: 'passed' },
    ]);
  });

  test('a named file without tests, and a case that expects nothing', async () => {
    const script = write('script.sql', FOO);
    const cases = write(
      'case.json',
      JSON.stringify({
        tests: [
          {
            name: 'silent',
            statements: [
              "CREATE STREAM I (A INT) WITH (kafka_topic='i', value_format='JSON');",
              'CREATE STREAM O AS SELECT * FROM I;',
            ],
            inputs: [{ topic: 'i', value: { A: 1 } }],
            outputs: [],
          },
        ],
      }),
    );
    const report = path.join(folder, 'report.json');
    expect(await runTestCommand([script, cases], { timeout: 30, report })).toBe(1);
    const { default: written } = await import(report, { with: { type: 'json' } });
    expect(written.cases).toMatchObject([
      { file: script, verdict: 'failed', message: 'The file holds no test.' },
      { file: 'case.json', verdict: 'skipped', message: 'The case expects nothing.' },
    ]);
  });

  test('a triple without outputs', async () => {
    const statementsFile = write('s.sql', FOO);
    const outputFile = write('o.json', '{"outputs": []}');
    expect(await runTriple({ statementsFile, outputFile })).toMatchObject({ message: 'Outputs cannot be empty.' });
  });
});
