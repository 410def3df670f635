import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineError } from '../../../engine/api/errors.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute(`
    CREATE STREAM s (id INT KEY, a INT, b STRING, arr ARRAY<INT>, st STRUCT<x INT>) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE STREAM s2 (id INT KEY, a INT) WITH (KAFKA_TOPIC='s2', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE SOURCE STREAM src (id INT KEY, a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
    CREATE TABLE t AS SELECT id, COUNT(*) AS n FROM s GROUP BY id;`);
});
afterAll(() => engine.close());

const refusal = (answer: Promise<unknown>): Promise<EngineError> =>
  answer.then(
    () => Promise.reject(new Error('not refused')),
    (error: EngineError) => error,
  );

const BUILD = 'Failed to prepare statement: ';
const SANITIZE = 'Exception while preparing statement: ';

describe('what is found while a statement is prepared comes first, with the statement as it was sent', () => {
  test.each([
    ["CREATE STREAM x (a INT, a INT) WITH (KAFKA_TOPIC='s', NOPE=1);", `${BUILD}Duplicate column names: \`A\``],
    ['CREATE STREAM x (a INT PRIMARY KEY, b NOPE) WITH (NOPE=1);', `${BUILD}Cannot resolve unknown type: NOPE`],
    [
      'CREATE STREAM x WITH (NOPE=1) AS SELECT zz.a FROM nope LIMIT 1;',
      `${BUILD}'ZZ' is not a valid stream/table name`,
    ],
    [
      'CREATE STREAM x WITH (NOPE=1) AS SELECT a FROM nope LIMIT 1;',
      `${BUILD}CREATE STREAM AS SELECT statements don't`,
    ],
    [
      'CREATE STREAM x WITH (NOPE=1) AS SELECT a FROM nope;',
      `${BUILD}Invalid config variable(s) in the WITH clause: NOPE`,
    ],
    ['CREATE STREAM x AS SELECT nope FROM nope;', `${SANITIZE}NOPE does not exist.`],
    ['CREATE STREAM x AS SELECT CAST(nope AS NOPE) FROM nope;', `${BUILD}Cannot resolve unknown type: NOPE`],
    ['CREATE STREAM x AS SELECT 9223372036854775808 FROM s;', `${BUILD}line 1:27: Invalid numeric literal`],
    ["CREATE STREAM x AS SELECT nope LIKE 'x' ESCAPE 'xx' FROM s;", `${BUILD}Expected single character escape`],
    [
      'CREATE STREAM x AS SELECT TRANSFORM(nope, (p, p) => p) FROM s;',
      `${BUILD}Lambda arguments have duplicates: [P, P]`,
    ],
    [
      'CREATE STREAM x AS SELECT TRANSFORM(nope, a => a) FROM s;',
      `${SANITIZE}Lambda function argument can't be a column`,
    ],
    [
      'CREATE STREAM x AS SELECT TRANSFORM(nope, p => REDUCE(arr, 0, (p, q) => p)) FROM s;',
      `${SANITIZE}Reusing lambda`,
    ],
    [
      "CREATE STREAM x AS SELECT MAP('k':=nope, 'k':=2) FROM s;",
      `${BUILD}Multiple entries with same key: 'k'=2 and 'k'=NOPE`,
    ],
    [
      'CREATE TABLE x AS SELECT nope FROM s WINDOW TUMBLING (SIZE 1.5 SECONDS) GROUP BY a;',
      `${BUILD}For input string: "1.5"`,
    ],
    ['CREATE TABLE x AS SELECT nope, COUNT(*) FROM s GROUP BY a, a;', `${BUILD}Duplicate GROUP BY expression: A`],
    ['CREATE STREAM x AS SELECT nope FROM s PARTITION BY a, a;', `${BUILD}Duplicate PARTITION BY expression: A`],
    [
      'CREATE STREAM x AS SELECT nope, a FROM s JOIN s2 WITHIN 1 HOUR ON s.id = s2.id;',
      `${SANITIZE}Line: 1, Col: 33: Column 'A' is ambiguous. Could be S.A or S2.A.`,
    ],
    ['INSERT INTO nope SELECT a FROM nope2;', `${SANITIZE}NOPE2 does not exist.`],
    ['INSERT INTO nope SELECT nope FROM s;', `${SANITIZE}Source NOPE does not exist.`],
    ['INSERT INTO t SELECT nope FROM s;', `${SANITIZE}INSERT INTO can only be used to insert into a stream.`],
    ['INSERT INTO s2 WITH (NOPE=1) SELECT nope FROM nope;', `${BUILD}Invalid config variable(s)`],
    ['ALTER STREAM nope ADD COLUMN x NOPE;', `${BUILD}Cannot resolve unknown type: NOPE`],
    ['CREATE TYPE x AS STRUCT<a DECIMAL(2, 9)>;', `${BUILD}DECIMAL precision must be >= scale`],
    ['EXPLAIN SELECT zz.a FROM nope;', `${BUILD}'ZZ' is not a valid stream/table name`],
    ['PRINT nope LIMIT 1.5;', `${BUILD}Value must be integer for command: LIMIT`],
    ['SELECT zz.a FROM s;', `${BUILD}'ZZ' is not a valid stream/table name`],
  ])('%s', async (statement, message) => {
    const error = await refusal(engine.execute(statement));
    expect(error.toBody()).toMatchObject({ '@type': 'statement_error', error_code: 40001, statementText: statement });
    expect(error.message.slice(0, message.length)).toBe(message);
  });

  test('the values of an INSERT are not told', async () => {
    const error = await refusal(engine.execute('INSERT INTO s (a, b) VALUES (zz.secret, 1);'));
    expect(error.statementText).toBe("INSERT INTO `S` (`A`, `B`) VALUES ('[value]', '[value]');");
    expect(error.message).toBe(`${BUILD}'ZZ' is not a valid stream/table name or alias.`);
  });

  test.each([
    ['DROP STREAM `x y`;', 'x y', 13],
    ['DESCRIBE "x y";', 'x y', 10],
    ['INSERT INTO `x y` VALUES (1);', 'x y', 13],
    ['INSERT INTO s SELECT zz.a FROM nope `x y`;', 'x y', 37],
  ])('%s: a name that no source can have is all that is told', async (statement, name, column) => {
    const error = await refusal(engine.execute(statement));
    expect(error.statementText).toBe(name);
    expect(error.message).toBe(
      `Illegal argument at Line: 1, Col: ${column}. Source names may only contain alphanumeric values, '_' or '-'. Got: '${name}'`,
    );
  });

  test('endpoints that do not carry a statement out prepare it first', async () => {
    for (const endpoint of ['query', 'query-stream', 'websocket'] as const) {
      const error = await refusal(engine.ask('DROP STREAM `x y`;', { endpoint }));
      expect(error).toMatchObject({ code: 40001, statementText: 'x y', duringAnalysis: false });
    }
    expect(await refusal(engine.ask('DROP STREAM nope;', { endpoint: 'query' }))).toMatchObject({ code: 40000 });
  });
});

test('columns are echoed before it is looked at whether they can stand together', async () => {
  for (const columns of ['ROWTIME BIGINT', "A BYTES HEADER('x'), B BYTES HEADER('x')"]) {
    const error = await refusal(
      engine.execute(`create stream x (${columns.toLowerCase()}) with (kafka_topic='s', value_format='JSON');`),
    );
    const properties = "(CLEANUP_POLICY='delete', KAFKA_TOPIC='s', KEY_FORMAT='KAFKA', VALUE_FORMAT='JSON')";
    expect(error.statementText).toBe(`CREATE STREAM X (${columns}) WITH ${properties};`);
  }
});

test('whether rows may be inserted into a source is asked once the query is a right one', async () => {
  const wrong = await refusal(engine.execute('INSERT INTO src SELECT a FROM s;'));
  expect(wrong).toMatchObject({ code: 40001 });
  expect(wrong.message).toContain('Key missing from projection');
  const right = await refusal(engine.execute('INSERT INTO src SELECT id, a FROM s;'));
  expect(right.toBody()).toMatchObject({ '@type': 'generic_error', error_code: 40000 });
});

describe('an error in an expression that is planned is told with the expression', () => {
  const push = ' EMIT CHANGES;';
  test.each([
    // A condition is told as a whole, whatever is wrong in it.
    [`SELECT id FROM s WHERE a = 1 AND LEN(a) = 1${push}`, '((A = 1) AND (LEN(A) = 1))'],
    [`SELECT id FROM s x WHERE x.a + b = 1${push}`, '((A + B) = 1)'],
    ['SELECT id FROM s WHERE NOPE(a);', 'NOPE(A)'],
    [`SELECT a, COUNT(*) FROM s GROUP BY a HAVING LEN(a) = 1${push}`, '(LEN(A) = 1)'],
    [`SELECT s.a FROM s JOIN s2 WITHIN 1 HOUR ON s.id = s2.id WHERE LEN(arr[1]) = 1${push}`, '(LEN(S_ARR[1]) = 1)'],
    // Elsewhere it is the part that does not fit, or what does not compile.
    [`SELECT 1 + (s.a + b) FROM s${push}`, '(A + B)'],
    [`SELECT s.a + b FROM s JOIN s2 WITHIN 1 HOUR ON s.id = s2.id${push}`, '(S_A + S_B)'],
    [`SELECT UCASE(CAST(a LIKE b AS STRING)) FROM s${push}`, 'UCASE(CAST((A LIKE B) AS STRING))'],
    ['SELECT -b FROM s;', '-B'],
    [`SELECT COUNT(*) FROM s GROUP BY arr[b]${push}`, 'ARR[B]'],
    [`SELECT id, a FROM s PARTITION BY COUNT(*)${push}`, 'COUNT(*)'],
  ])('%s', async (statement, text) => {
    expect((await refusal(engine.ask(statement))).toBody()).toMatchObject({ error_code: 40001, statementText: text });
  });

  test.each([
    [`SELECT LEN(a) FROM s${push}`],
    [`SELECT a, LEN(a), b LIKE 1, COUNT(*) FROM s GROUP BY a${push}`],
    [`SELECT a, COUNT(*) FROM s GROUP BY a HAVING b LIKE 1${push}`],
    ['SELECT SUM(b) FROM s;'],
    ['SELECT b LIKE 1 FROM t WHERE id = 1;'],
  ])('%s: the statement is told', async (statement) => {
    expect((await refusal(engine.ask(statement))).toBody()).toMatchObject({
      error_code: 40001,
      statementText: statement,
    });
  });

  test.each([
    [`SELECT a->x FROM s${push}`],
    [`SELECT b[1] FROM s${push}`],
    [`SELECT NULL FROM s${push}`],
    [`SELECT id FROM s WHERE NULL${push}`],
    ['SELECT id FROM s WHERE (NULL);'],
    [`SELECT a IN (NULL) FROM s${push}`],
    // What is wrong in the select list of a pull query on a stream is found when it is taken for a right one.
    ['SELECT st->nope FROM s;'],
    ['SELECT LEN(a) FROM s;'],
  ])('%s: ksqlDB takes it for a fault of its own, here it is still said what is wrong', async (statement) => {
    const error = await refusal(engine.ask(statement));
    expect(error.toBody()).toMatchObject({ '@type': 'generic_error', error_code: 50000 });
    expect(error.message).not.toContain('internal error');
  });

  test('names are looked at before types, and windows after both', async () => {
    const columns = await refusal(engine.ask(`SELECT LEN(a), nope FROM s WHERE a LIKE 1${push}`));
    expect(columns.message).toContain("SELECT column 'NOPE' cannot be resolved");
    const window = 'WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 2 HOURS)';
    const types = await refusal(engine.ask(`SELECT a, COUNT(*) FROM s ${window} WHERE LEN(a) = 1 GROUP BY a${push}`));
    expect(types.message).toContain("Function 'len' does not accept parameters (INTEGER)");
  });
});
