import { describe, expect, test } from 'vitest';
import { explain } from '../../../language/text/diagnostic.ts';
import { analyze, applyFix, brief, marked } from './script-fixture.ts';

/**
 * A text with the place of the only diagnostic marked, its code, and the text after its first quick fix, if it has one.
 */
const CASES: readonly (readonly [text: string, diagnostic: string, fixed?: string])[] = [
  [
    'CREATE STREAM o AS SELECT s.item, «qty» FROM shipments s JOIN orders o2 WITHIN 1 HOUR ON s.item = o2.item;',
    'error ambiguous-column',
    'CREATE STREAM o AS SELECT s.item, s.qty FROM shipments s JOIN orders o2 WITHIN 1 HOUR ON s.item = o2.item;',
  ],
  [
    'CREATE STREAM o AS SELECT id, «pge» FROM clicks;',
    'error unknown-column',
    'CREATE STREAM o AS SELECT id, page FROM clicks;',
  ],
  [
    'CREATE STREAM o AS SELECT «page» FROM clicks;',
    'error key-missing',
    'CREATE STREAM o AS SELECT id, page FROM clicks;',
  ],
  [
    'CREATE «STREAM» o AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;',
    'error result-kind',
    'CREATE TABLE o AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;',
  ],
  [
    'CREATE «TABLE» o AS SELECT item, qty FROM orders;',
    'error result-kind',
    'CREATE STREAM o AS SELECT item, qty FROM orders;',
  ],
  [
    'CREATE STREAM o AS SELECT id, TIMESTAMPADD(«HOUR», 2, seen) AS later FROM clicks;',
    'warning singular-unit',
    'CREATE STREAM o AS SELECT id, TIMESTAMPADD(HOURS, 2, seen) AS later FROM clicks;',
  ],
  [
    "CREATE STREAM «seen» WITH (KAFKA_TOPIC='t', VALUE_FORMAT='AVRO'); SELECT url, visits + 1 FROM seen EMIT CHANGES;",
    'information columns-from-registry',
  ],
  ['SELECT name FROM «users»;', 'error not-queryable', 'SELECT name FROM users EMIT CHANGES;'],
  ['SELECT item, COUNT(*) FROM orders GROUP BY «item» LIMIT 3;', 'error pull-clause'],
  [
    "CREATE TABLE «t» (id INT, name STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
    'error missing-primary-key',
    "CREATE TABLE t (id INT PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
  ],
  [
    "CREATE STREAM t (id INT «PRIMARY KEY», name STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
    'error key-keyword',
    "CREATE STREAM t (id INT KEY, name STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
  ],
  ["CREATE STREAM t (id INT) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT=«'XML'»);", 'error unknown-format'],
  ["CREATE STREAM t (id INT) WITH (KAFKA_TOPIC='t', «COLOUR»='red', VALUE_FORMAT='JSON');", 'error unknown-property'],
  [
    "CREATE STREAM t (id INT) WITH («KAFKA_TOPC»='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
    'error unknown-property',
    "CREATE STREAM t (id INT) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
  ],
  [
    "CREATE STREAM t (id INT) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT=«'JSN'»);",
    'error unknown-format',
    "CREATE STREAM t (id INT) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
  ],
  ["SET 'auto.offset.reset' = «'earlist'»;", 'error property-value', "SET 'auto.offset.reset' = 'earliest';"],
  [
    'SELECT * FROM clicks c JOIN shipments s WITHIN 1 HOUR ON «c.page = s.qty» EMIT CHANGES;',
    'error join-key-types',
    'SELECT * FROM clicks c JOIN shipments s WITHIN 1 HOUR ON c.page = CAST(s.qty AS STRING) EMIT CHANGES;',
  ],
  [
    'SELECT * FROM shipments s LEFT JOIN users u ON «s.qty = u.uid» EMIT CHANGES;',
    'error join-key-types',
    'SELECT * FROM shipments s LEFT JOIN users u ON CAST(s.qty AS STRING) = u.uid EMIT CHANGES;',
  ],
  [
    "SELECT id FROM clicks WHERE page IN ('a' «'b'») EMIT CHANGES;",
    'error syntax-missing-comma',
    "SELECT id FROM clicks WHERE page IN ('a', 'b') EMIT CHANGES;",
  ],
  [
    'CREATE STREAM o AS SELECT * FROM clicks JOIN users ON «c.user_id» = u.uid;',
    'error unknown-qualifier',
    'CREATE STREAM o AS SELECT * FROM clicks C JOIN users U ON c.user_id = u.uid;',
  ],
  ['SELECT page FROM «clicsk» EMIT CHANGES;', 'warning unknown-source', 'SELECT page FROM clicks EMIT CHANGES;'],
  ['DROP STREAM «users»;', 'error source-kind'],
  ["SET «'auto.ofset.reset'»='earliest';", 'error unknown-property', "SET 'auto.offset.reset'='earliest';"],
  ["SET 'auto.offset.reset'=«'first'»;", 'error property-value'],
  ["INSERT INTO users (uid, «nme») VALUES ('a', 'b');", 'error unknown-column'],
  ["INSERT INTO orders (item, qty) VALUES ('a', «'b'»);", 'error value-type'],
  ['INSERT INTO «users» SELECT item AS uid, item AS name FROM orders PARTITION BY item;', 'error insert-into-table'],
  [
    "SELECT «TIMESTAMPTOSTRING»(ROWTIME, 'HH:mm') AS t FROM clicks EMIT CHANGES;",
    'hint deprecated-function',
    "SELECT FORMAT_TIMESTAMP(FROM_UNIXTIME(ROWTIME), 'HH:mm') AS t FROM clicks EMIT CHANGES;",
  ],
  ['CREATE TABLE o AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item EMIT «FINAL»;', 'error emit-final'],
];

describe('a diagnostic stands where the fault is', () => {
  test.each(CASES)('%s', (...[source, expected, fixed]) => {
    const { text, start, end } = marked(source!);
    const { diagnostics } = analyze(text);
    const place = text.slice(start, end);
    expect(diagnostics.map((diagnostic) => brief(diagnostic, text))).toEqual([`${expected}: ${place}`]);
    if (fixed !== undefined) expect(applyFix(text, diagnostics[0]!.fixes[0]!)).toBe(fixed);
  });
});

test('each select item is looked at by itself', () => {
  const text = 'CREATE STREAM o AS SELECT id, nope, UCASE(id), page FROM clicks WHERE zip = 3;';
  const { diagnostics } = analyze(text);
  expect(diagnostics.map((diagnostic) => brief(diagnostic, text))).toEqual([
    'error unknown-column: zip',
    'error unknown-column: nope',
    'error function-arguments: UCASE(id)',
  ]);
});

describe('what is not known without a connection', () => {
  test('is a warning, and has no consequences', () => {
    const text =
      'CREATE STREAM a AS SELECT * FROM elsewhere;\nCREATE STREAM b AS SELECT x, y FROM a WHERE z > 1;\nINSERT INTO b SELECT * FROM a;';
    const { diagnostics, metastore } = analyze(text);
    expect(diagnostics.map((diagnostic) => brief(diagnostic, text))).toEqual(['warning unknown-source: elsewhere']);
    expect(metastore.sources.get('B')).toMatchObject({ kind: 'STREAM', incomplete: true });
  });

  test('is an error with a connection', () => {
    expect(analyze('SELECT * FROM elsewhere EMIT CHANGES;', { offline: false }).diagnostics).toMatchObject([
      { severity: 'error', code: 'unknown-source' },
    ]);
  });

  test('columns that a registry holds are left open', () => {
    const text =
      "CREATE STREAM a WITH (KAFKA_TOPIC='a', VALUE_FORMAT='AVRO');\nCREATE TABLE n AS SELECT k, COUNT(*) AS n FROM a GROUP BY k;";
    expect(analyze(text).diagnostics.map(({ code, statement }) => ({ code, statement }))).toEqual([
      { code: 'columns-from-registry', statement: 0 },
    ]);
  });
});

describe('a broken statement', () => {
  test('does not make what follows wrong', () => {
    const text =
      "CREATE TABLE t (id INT, name STRING) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');\nCREATE TABLE n AS SELECT name, COUNT(*) AS n FROM t GROUP BY name;";
    expect(analyze(text).diagnostics.map(({ code, statement }) => ({ code, statement }))).toEqual([
      { code: 'missing-primary-key', statement: 0 },
    ]);
  });

  test('leaves its name free', () => {
    const text = 'CREATE STREAM o AS SELECT nope FROM clicks;\nCREATE STREAM o AS SELECT * FROM clicks;';
    expect(analyze(text).diagnostics.map(({ statement }) => statement)).toEqual([0]);
  });
});

test('DEFINE and SET take effect in order', () => {
  const text =
    "DEFINE t = 'clicks';\nCREATE STREAM o AS SELECT * FROM ${t};\nUNDEFINE t;\nCREATE STREAM p AS SELECT * FROM ${t};";
  const { diagnostics, metastore } = analyze(text);
  expect(diagnostics.map(({ code, statement }) => ({ code, statement }))).toEqual([
    { code: 'undefined-variable', statement: 3 },
  ]);
  expect(metastore.sources.get('O')?.readsFrom).toEqual(['CLICKS']);
});

test('every test of a test script begins with nothing', () => {
  const block = "CREATE STREAM fresh (k INT KEY) WITH (KAFKA_TOPIC = 'fresh', VALUE_FORMAT = 'JSON', PARTITIONS = 1);";
  const text = `--@test: one\n${block}\n--@test: two\n${block}\n`;
  expect(analyze(text).diagnostics).toEqual([]);
});

test.each([
  [
    "CREATE STREAM t (id INT) WITH (KAFKA_TOPC='t', VALUE_FORMAT='JSON');",
    'Invalid config variable(s) in the WITH clause: KAFKA_TOPC',
    'There is no property KAFKA_TOPC. Did you mean KAFKA_TOPIC?',
  ],
  [
    "CREATE STREAM t (id INT) WITH (KAFKA_TOPIC='t', QUERY_ID='q', VALUE_FORMAT='JSON');",
    'Invalid config variable(s) in the WITH clause: QUERY_ID',
    'QUERY_ID cannot be set in this statement.',
  ],
  [
    'SELECT INITCAP(qty) FROM orders EMIT CHANGES;',
    "Function 'initcap' does not accept parameters (INTEGER).\nValid alternatives are:\nINITCAP(VARCHAR input)\nFor detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;",
    'INITCAP does not take (INTEGER). It takes:\nINITCAP(VARCHAR input)',
  ],
])('people read something else than clients of the REST API: %s', (text, message, explanation) => {
  const [diagnostic] = analyze(text).diagnostics;
  expect(diagnostic?.message).toBe(message);
  expect(explain(diagnostic!)).toBe(explanation);
});
