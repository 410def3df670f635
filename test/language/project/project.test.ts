import { describe, expect, test } from 'vitest';
import { CODES_BY_TOPIC } from '../../../language/diagnostics/diagnostic-codes.ts';
import { EMPTY_METASTORE } from '../../../language/index.ts';
import { deploymentOrder } from '../../../language/project/deployment-order.ts';
import { Workspace } from '../../../language/project/workspace.ts';
import { schemaToString } from '../../../language/types/schema.ts';

const WITH = "WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1)";
const ORDERS = `CREATE STREAM orders (id INT KEY, item STRING, place address) ${WITH};`;

function workspaceOf(files: Readonly<Record<string, string>>) {
  const workspace = new Workspace(
    { metastore: EMPTY_METASTORE, offline: true, dialect: 'latest', properties: new Map(), variables: new Map() },
    ['/w/'],
  );
  for (const [path, text] of Object.entries(files)) workspace.setFile(`/w/${path}`, text);
  const script = (path: string) => workspace.projectOf(`/w/${path}`).project.script(`/w/${path}`)!;
  return {
    workspace,
    script,
    edit: (path: string, text: string) => workspace.setFile(`/w/${path}`, text),
    problems: (path: string) =>
      script(path)
        .diagnostics.filter(({ code }) => !CODES_BY_TOPIC.get('Hints')!.includes(code))
        .map(({ code, severity, related }) =>
          [severity, code, ...(related ?? []).map(({ file }) => file?.slice(3))].join(' '),
        ),
    schemaOf: (path: string, source: string) => {
      const found = script(path).analysis.metastore.sources.get(source);
      return found && schemaToString(found.schema);
    },
  };
}

test('the files of a project are those of the newest texts, in an order that no text changes', () => {
  const { workspace, edit } = workspaceOf({ 'b.ksql': ORDERS, 'a.ksql': 'SHOW TOPICS;' });
  const texts = () => workspace.projectOf('/w/a.ksql').project.files.map(({ path, text }) => [path, text]);
  expect(texts().map(([path]) => path)).toEqual(['/w/a.ksql', '/w/b.ksql']);
  edit('a.ksql', 'SHOW TABLES;');
  expect(texts()).toEqual([
    ['/w/a.ksql', 'SHOW TABLES;'],
    ['/w/b.ksql', ORDERS],
  ]);
});

test('a table that another file makes has its query, also where a server is connected that does not have it yet', () => {
  const { workspace, problems } = workspaceOf({
    'a.ksql': `${ORDERS.replace(', place address', '')}\nCREATE TABLE t AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;`,
    'b.ksql': "SELECT * FROM t WHERE item = 'a';",
  });
  workspace.setSettings({ ...workspace.settings, offline: false });
  expect(problems('b.ksql')).toEqual([]);
});

describe('a file uses what others make', () => {
  const FILES = {
    'totals.ksql': 'CREATE TABLE totals AS SELECT item, COUNT(*) AS n FROM big GROUP BY item;',
    'big.ksql': 'CREATE STREAM big AS SELECT * FROM orders WHERE id > 10;',
    'sources/orders.ksql': ORDERS,
    'sources/types.ksql': 'CREATE TYPE address AS STRUCT<city STRING>;',
  };

  test('through several of them, in whatever order they are named', () => {
    const { problems, schemaOf } = workspaceOf(FILES);
    for (const path of Object.keys(FILES)) expect(problems(path), path).toEqual([]);
    expect(schemaOf('totals.ksql', 'TOTALS')).toBe('`ITEM` STRING KEY, `N` BIGINT');
    expect(schemaOf('big.ksql', 'BIG')).toBe('`ID` INTEGER KEY, `ITEM` STRING, `PLACE` STRUCT<`CITY` STRING>');
  });

  test('a change shows where it matters, and only there', () => {
    const { workspace, script, edit, problems, schemaOf } = workspaceOf({
      ...FILES,
      'other.ksql': 'SELECT id FROM orders EMIT CHANGES;',
    });
    const { project } = workspace.projectOf('/w/big.ksql');
    const totals = script('totals.ksql');
    const before = project.version;
    edit('other.ksql', 'SELECT id, item FROM orders EMIT CHANGES;');
    expect(project.version).toBe(before);
    expect(script('totals.ksql')).toBe(totals);
    // What orders is stays the same, so what is made of it is the same object.
    const big = script('totals.ksql').base.sources.get('BIG');
    edit('sources/orders.ksql', ORDERS.replace('(id', '(\n  id'));
    expect(script('totals.ksql').base.sources.get('BIG')).toBe(big);
    edit('sources/orders.ksql', ORDERS.replace('item STRING', 'item INT'));
    expect(schemaOf('totals.ksql', 'TOTALS')).toBe('`ITEM` INTEGER KEY, `N` BIGINT');
    edit('sources/orders.ksql', ORDERS.replace('item STRING', 'thing STRING'));
    expect(problems('totals.ksql')).toContain('error unknown-column');
    workspace.removeFile('/w/sources/orders.ksql');
    expect(problems('big.ksql')).toEqual(['warning unknown-source']);
    edit('sources/orders.ksql', ORDERS);
    expect(problems('big.ksql')).toEqual([]);
  });

  test('as it is at the end of the file that makes it', () => {
    const { edit, problems } = workspaceOf({
      'a.ksql': `CREATE STREAM s (a INT) ${WITH};\nALTER STREAM s ADD COLUMN b INT;`,
      'b.ksql': 'SELECT a, b FROM s EMIT CHANGES;',
    });
    expect(problems('b.ksql')).toEqual([]);
    edit('a.ksql', `CREATE STREAM s (a INT) ${WITH};\nDROP STREAM s;`);
    expect(problems('b.ksql')).toEqual(['warning unknown-source']);
  });

  test('with the SET and DEFINE of the file that makes it', () => {
    const { schemaOf, edit } = workspaceOf({
      'a.ksql': `DEFINE column = 'b';\nCREATE STREAM s (\${column} INT) ${WITH};`,
      'b.ksql': 'CREATE STREAM t AS SELECT * FROM s;',
    });
    expect(schemaOf('b.ksql', 'T')).toBe('`B` INTEGER');
    edit('a.ksql', `DEFINE column = 'c';\nCREATE STREAM s (\${column} INT) ${WITH};`);
    expect(schemaOf('b.ksql', 'T')).toBe('`C` INTEGER');
  });

  test('OR REPLACE in another file comes on top of it', () => {
    const { problems } = workspaceOf({
      'a.ksql': `CREATE STREAM s (a INT) ${WITH};`,
      'b.ksql': `CREATE OR REPLACE STREAM s (a INT, b INT) ${WITH};\nSELECT b FROM s EMIT CHANGES;`,
    });
    expect(problems('a.ksql')).toEqual([]);
    expect(problems('b.ksql')).toEqual([]);
  });

  test('tests stand alone', () => {
    const { problems } = workspaceOf({
      'a.ksql': `CREATE STREAM s (a INT) ${WITH};`,
      't.ksql': `--@test: one\nCREATE STREAM s (a INT) ${WITH};\nASSERT VALUES s (a) VALUES (1);`,
    });
    expect(problems('a.ksql')).toEqual([]);
    expect(problems('t.ksql')).toEqual([]);
  });
});

test('definitions in a circle, and doubled ones, are told with the others of them', () => {
  const { problems, edit } = workspaceOf({
    'a.ksql': 'CREATE STREAM a AS SELECT * FROM b;',
    'b.ksql': 'CREATE STREAM b AS SELECT * FROM c;',
    'c.ksql': 'CREATE STREAM c AS SELECT * FROM a;',
    'x.ksql': `CREATE STREAM x (a INT) ${WITH};`,
    'y/x.ksql': `CREATE STREAM x (a INT) ${WITH};`,
  });
  expect(problems('b.ksql')).toEqual(['error circular-definition c.ksql a.ksql']);
  expect(problems('a.ksql')).toEqual(['error circular-definition b.ksql c.ksql']);
  expect(problems('y/x.ksql')).toEqual(['information doubled-definition x.ksql']);
  edit('c.ksql', `CREATE STREAM c (a INT) ${WITH};`);
  expect(problems('a.ksql')).toEqual([]);
  edit('ksql.json', '{"rules": {"doubled-definition": "hint"}}');
  expect(problems('x.ksql')).toEqual(['hint doubled-definition y/x.ksql']);
  edit('ksql.json', '{"files": ["*.ksql"]}');
  expect(problems('x.ksql')).toEqual([]);
  edit('ksql.json', '{}');
  expect(problems('x.ksql')).toEqual(['error doubled-definition y/x.ksql']);
});

test('a chain of hundreds of statements is followed to its end', () => {
  const links = Array.from({ length: 600 }, (_, i) => `CREATE STREAM s${i + 1} AS SELECT * FROM s${i};`);
  const { problems } = workspaceOf({
    'a.ksql': `CREATE STREAM s0 (a INT) ${WITH};\n${links.join('\n')}`,
    'b.ksql': 'SELECT a FROM s600 EMIT CHANGES;',
  });
  expect(problems('b.ksql')).toEqual([]);
});

test('files can run in the order of what they need; where each needs the other, as they stand', () => {
  const orderOf = (files: Readonly<Record<string, string>>) => {
    const { project } = workspaceOf(files).workspace.projectOf('/w/a.ksql');
    return deploymentOrder(project).map(({ path }) => path.slice(3));
  };
  expect(
    orderOf({
      'a.ksql': 'CREATE TABLE totals AS SELECT item, COUNT(*) AS n FROM big GROUP BY item;',
      'big.ksql': 'CREATE STREAM big AS SELECT * FROM orders;',
      'insert.ksql': 'INSERT INTO orders SELECT * FROM orders;',
      'orders.ksql': ORDERS,
      'types.ksql': 'CREATE TYPE address AS STRUCT<city STRING>;',
    }),
  ).toEqual(['types.ksql', 'orders.ksql', 'big.ksql', 'a.ksql', 'insert.ksql']);
  const circle = { 'a.ksql': 'CREATE STREAM a AS SELECT * FROM b;', 'b.ksql': 'CREATE STREAM b AS SELECT * FROM a;' };
  expect(orderOf(circle)).toEqual(['b.ksql', 'a.ksql']);
  expect(orderOf({ ...circle, 'ksql.json': '{"order": ["b.ksql"]}' })).toEqual(['a.ksql', 'b.ksql']);
});
