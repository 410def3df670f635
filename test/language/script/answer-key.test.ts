import { expect, test } from 'vitest';
import { analyzeScript, EMPTY_METASTORE, parseScript } from '../../../language/index.ts';
import { answerKey } from '../../../language/script/answer-key.ts';

const settings = { dialect: 'latest', properties: new Map(), variables: new Map() } as const;
const { metastore } = analyzeScript(
  parseScript(
    `CREATE STREAM s (id INT KEY, v STRING) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
     CREATE TABLE t (id INT PRIMARY KEY, v STRING) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
     CREATE TABLE u (id INT PRIMARY KEY, x INT) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
     CREATE TABLE w AS SELECT id, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY id;`,
    { dialect: 'latest' },
  ),
  EMPTY_METASTORE,
  settings,
);

test.each([
  ['a stream', 'SELECT * FROM s EMIT CHANGES;', 'stream', [0]],
  ['a stream without its key', 'SELECT v FROM s EMIT CHANGES;', undefined, undefined],
  ['a stream by another key', 'SELECT id, v FROM s PARTITION BY v EMIT CHANGES;', 'stream', [1]],
  ['a table', 'SELECT * FROM t EMIT CHANGES;', 'table', [0]],
  ['a table under another name', 'SELECT v, id AS k FROM t EMIT CHANGES;', 'table', [1]],
  ['a table without its key', 'SELECT v FROM t EMIT CHANGES;', undefined, undefined],
  ['a join of tables', 'SELECT x, t.id, v FROM t JOIN u ON t.id = u.id EMIT CHANGES;', 'table', [1]],
  ['an aggregate', 'SELECT v, COUNT(*) AS n FROM s GROUP BY v EMIT CHANGES;', 'table', [0]],
  ['an aggregate of an expression', 'SELECT COUNT(*), UCASE(v) FROM s GROUP BY UCASE(v) EMIT CHANGES;', 'table', [1]],
  [
    'a windowed aggregate',
    'SELECT v, WINDOWSTART AS w, COUNT(*) FROM s WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY v EMIT CHANGES;',
    'table',
    [0, 1],
  ],
  [
    'a windowed aggregate without its window',
    'SELECT v, COUNT(*) FROM s WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY v EMIT CHANGES;',
    undefined,
    undefined,
  ],
  ['a windowed table', 'SELECT * FROM w EMIT CHANGES;', 'table', [0, 1]],
  ['a window made into text', 'SELECT id, FROM_UNIXTIME(WINDOWSTART) AS h FROM w EMIT CHANGES;', 'table', [0, 1]],
  ['a query that cannot be understood', 'SELECT nothing FROM t EMIT CHANGES;', undefined, undefined],
  ['a source that is not known', 'SELECT * FROM elsewhere EMIT CHANGES;', undefined, undefined],
])('the key of %s', (_title, query, kind, columns) => {
  expect(answerKey(query, metastore, settings)).toEqual(kind && { kind, columns });
});
