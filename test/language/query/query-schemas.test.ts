import { describe, expect, test } from 'vitest';
import { analyze, resultSchema } from '../script/script-fixture.ts';

describe('columns of a result', () => {
  test.each([
    ['keys come first', 'CREATE STREAM o AS SELECT page, id FROM clicks;', '`ID` BIGINT KEY, `PAGE` STRING'],
    [
      'an alias renames a key',
      'CREATE STREAM o AS SELECT id AS k, page AS p FROM clicks;',
      '`K` BIGINT KEY, `P` STRING',
    ],
    [
      'unnamed expressions are numbered',
      'CREATE STREAM o AS SELECT id, UCASE(page), LEN(page) FROM clicks;',
      '`ID` BIGINT KEY, `KSQL_COL_0` STRING, `KSQL_COL_1` INTEGER',
    ],
    [
      'a field takes its own name, then a number',
      'CREATE STREAM o AS SELECT id, geo->city, geo->city AS home, geo->city FROM clicks;',
      '`ID` BIGINT KEY, `CITY` STRING, `HOME` STRING, `CITY_1` STRING',
    ],
    [
      'a star over a struct gives its fields',
      'CREATE STREAM o AS SELECT id, geo->* FROM clicks;',
      '`ID` BIGINT KEY, `CITY` STRING, `ZIP` INTEGER',
    ],
    [
      'after PARTITION BY the old key is the last value',
      'CREATE STREAM o AS SELECT * FROM shipments PARTITION BY item;',
      '`ITEM` STRING KEY, `QTY` INTEGER, `ID` BIGINT',
    ],
    [
      'PARTITION BY NULL leaves no key',
      'CREATE STREAM o AS SELECT * FROM shipments PARTITION BY NULL;',
      '`ITEM` STRING, `QTY` INTEGER, `ID` BIGINT',
    ],
    [
      'grouping expressions are the key',
      'CREATE TABLE o AS SELECT COUNT(*) AS n, qty % 2 AS odd FROM orders GROUP BY qty % 2;',
      '`ODD` INTEGER KEY, `N` BIGINT',
    ],
    [
      'the window of an aggregation can be selected',
      'CREATE TABLE o AS SELECT item, COUNT(*) AS n, WINDOWSTART AS ws FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY item;',
      '`ITEM` STRING KEY, `N` BIGINT, `WS` BIGINT',
    ],
    [
      'columns of a join carry the alias where a star gives them',
      'CREATE STREAM o AS SELECT * FROM clicks c JOIN users u ON c.user_id = u.uid;',
      '`C_USER_ID` STRING KEY, `C_ID` BIGINT, `C_PAGE` STRING, `C_SEEN` TIMESTAMP, `C_TAGS` ARRAY<STRING>, ' +
        '`C_GEO` STRUCT<`CITY` STRING, `ZIP` INTEGER>, `U_UID` STRING, `U_NAME` STRING, `U_REGION` STRING',
    ],
    [
      'a star over a join with PARTITION BY gives all that its rows hold',
      'CREATE STREAM o AS SELECT * FROM shipments a JOIN returned b WITHIN 1 HOUR ON a.id = b.id PARTITION BY a.item;',
      '`A_ITEM` STRING KEY, `A_QTY` INTEGER, `A_ROWTIME` BIGINT, `A_ROWPARTITION` INTEGER, `A_ROWOFFSET` BIGINT, ' +
        '`A_ID` BIGINT, `B_N` INTEGER, `B_ROWTIME` BIGINT, `B_ROWPARTITION` INTEGER, `B_ROWOFFSET` BIGINT, `B_ID` BIGINT',
    ],
    [
      'the other key of a join is a new key, and the first one is a value then',
      'CREATE STREAM o AS SELECT a.id, b.id, n FROM shipments a JOIN returned b WITHIN 1 HOUR ON a.id = b.id PARTITION BY b.id;',
      '`B_ID` BIGINT KEY, `A_ID` BIGINT, `N` INTEGER',
    ],
    [
      'the first join column that is selected is the key',
      'CREATE STREAM o AS SELECT name, uid FROM clicks c JOIN users u ON c.user_id = u.uid;',
      '`UID` STRING KEY, `NAME` STRING',
    ],
    [
      'a full join has a key of its own',
      'CREATE STREAM o AS SELECT * FROM shipments s FULL JOIN clicks c WITHIN 1 HOUR ON s.id = c.id;',
      '`ROWKEY` BIGINT KEY, `S_ID` BIGINT, `S_ITEM` STRING, `S_QTY` INTEGER, `C_ID` BIGINT, `C_PAGE` STRING, ' +
        '`C_USER_ID` STRING, `C_SEEN` TIMESTAMP, `C_TAGS` ARRAY<STRING>, `C_GEO` STRUCT<`CITY` STRING, `ZIP` INTEGER>',
    ],
    [
      'a foreign-key join keeps the key of its left table',
      'CREATE TABLE o AS SELECT uid, name, label FROM users u JOIN regions r ON u.region = r.rid;',
      '`UID` STRING KEY, `NAME` STRING, `LABEL` STRING',
    ],
    [
      'a push query answers in the order of the projection',
      'SELECT page, id FROM clicks EMIT CHANGES;',
      '`PAGE` STRING, `ID` BIGINT KEY',
    ],
  ])('%s', (_, text, schema) => expect(resultSchema(text)).toBe(schema));
});

test('a join says which sides have to be written anew under another key', () => {
  const relationOf = (text: string) => {
    const [statement] = analyze(text).statements;
    return statement?.kind === 'create-as' && statement.query.relation.kind === 'join'
      ? statement.query.relation
      : undefined;
  };
  const streams = relationOf(
    'CREATE STREAM o AS SELECT s.id, page FROM shipments s JOIN clicks c WITHIN 1 HOUR GRACE PERIOD 5 MINUTES ON s.id = c.id;',
  );
  expect(streams).toMatchObject({
    join: 'stream-stream',
    repartitionLeft: false,
    repartitionRight: false,
    within: { beforeMs: 3_600_000, afterMs: 3_600_000, graceMs: 300_000 },
  });
  const table = relationOf('CREATE STREAM o AS SELECT uid, page FROM clicks c JOIN users u ON c.user_id = u.uid;');
  expect(table).toMatchObject({ join: 'stream-table', repartitionLeft: true, repartitionRight: false });
});

describe('the dialect of 2018', () => {
  test.each([
    [
      'a table needs no PRIMARY KEY',
      "CREATE TABLE t (id INT, name STRING) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');",
      '`ROWKEY` STRING KEY, `ID` INTEGER, `NAME` STRING',
    ],
    [
      'the key is carried along unselected',
      'CREATE STREAM o AS SELECT page FROM clicks;',
      '`ID` BIGINT KEY, `PAGE` STRING',
    ],
    [
      'so is the key of a join',
      'CREATE STREAM o AS SELECT page, name FROM clicks c LEFT JOIN users u ON c.user_id = u.uid;',
      '`ROWKEY` STRING KEY, `PAGE` STRING, `NAME` STRING',
    ],
  ])('%s', (_, text, schema) => expect(resultSchema(text, '2018')).toBe(schema));

  test('SELECT without EMIT CHANGES is continuous', () => {
    const [statement] = analyze('SELECT page FROM clicks;', { dialect: '2018' }).statements;
    expect(statement).toMatchObject({ kind: 'select', query: { kind: 'push' } });
  });

  test('SET switches to it within a script', () => {
    const text =
      "SET 'ksql.dialect'='2018';\nSELECT name FROM users;\nSET 'ksql.dialect'='latest';\nSELECT name FROM users;";
    const { diagnostics } = analyze(text);
    expect(diagnostics.map(({ code, statement }) => ({ code, statement }))).toEqual([
      { code: 'not-queryable', statement: 3 },
    ]);
  });
});
