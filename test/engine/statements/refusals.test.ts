import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineError } from '../../../engine/api/errors.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute(
    "CREATE STREAM s (id INT KEY, n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
});
afterEach(() => engine.close());

const refused = (answer: Promise<unknown>): Promise<EngineError> =>
  answer.then(
    () => Promise.reject(new Error('not refused')),
    (error: EngineError) => error,
  );

describe('DROP … DELETE TOPIC', () => {
  test('without a source is refused without the statement', async () => {
    const error = await refused(engine.execute('DROP STREAM nope DELETE TOPIC;'));
    expect(error.toBody()).toMatchObject({ '@type': 'generic_error', error_code: 40000 });
  });

  test('is echoed as it is once the topic is deleted', async () => {
    await engine.execute('CREATE STREAM c AS SELECT * FROM s;');
    const error = await refused(engine.execute('drop stream s delete topic;'));
    expect(error.statementText).toBe('DROP STREAM S;');
    const [entity] = await engine.execute('drop stream if exists c delete topic;');
    expect(entity).toMatchObject({ statementText: 'DROP STREAM IF EXISTS C;' });
  });
});

test('a source whose columns are inferred is echoed with them', async () => {
  await engine.execute("CREATE STREAM a (k INT KEY, v INT) WITH (KAFKA_TOPIC='a', FORMAT='JSON_SR', PARTITIONS=1);");
  const error = await refused(engine.execute("CREATE STREAM s WITH (KAFKA_TOPIC='a', FORMAT='JSON_SR');"));
  expect(error.statementText).toContain('CREATE STREAM S (ROWKEY INTEGER KEY, V INTEGER) WITH');
});

test('where the server is at fault, the whole request is echoed, without secrets and without what was done', async () => {
  const error = await refused(
    engine.execute(`INSERT INTO s VALUES (1, 2); SHOW TYPES;
      create sink connector if not exists c with ("connector.class" = 'X', 'tasks.max'=1);`),
  );
  expect(error.toBody()).toMatchObject({
    '@type': 'statement_error',
    error_code: 50000,
    statementText: `INSERT INTO \`S\` VALUES ('[value]', '[value]');
SHOW TYPES;
CREATE SINK CONNECTOR IF NOT EXISTS c WITH ("connector.class"='X', 'tasks.max'='[string]');`,
    entities: [],
  });
});

test('a window that Kafka Streams refuses is an error of the server', async () => {
  const query = 'SELECT id, COUNT(*) AS c FROM s WINDOW SESSION (0 SECONDS) GROUP BY id';
  const created = await refused(engine.execute(`CREATE TABLE w AS ${query};`));
  expect(created.toBody()).toMatchObject({ error_code: 50000, statementText: `CREATE TABLE w AS ${query};` });
  const asked = await refused(engine.ask(`${query} EMIT CHANGES;`));
  expect(asked.toBody()).toMatchObject({ '@type': 'generic_error', error_code: 50000 });
});

test('a source that its format cannot write is refused with the statement', async () => {
  const error = await refused(
    engine.execute("CREATE STREAM f (id INT KEY, m ARRAY<INT>) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='DELIMITED');"),
  );
  expect(error.toBody()).toMatchObject({ error_code: 40001 });
  expect(error.statementText).toContain('CREATE STREAM F (ID INTEGER KEY, M ARRAY<INTEGER>) WITH');
});

test('INSERT INTO a table is refused while the statement is prepared', async () => {
  await engine.execute("CREATE TABLE t (id INT PRIMARY KEY) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');");
  const error = await refused(engine.execute('INSERT INTO t SELECT * FROM s;'));
  expect(error.toBody()).toMatchObject({ '@type': 'statement_error', error_code: 40001 });
});

test('an ambiguous column is found before anything is injected', async () => {
  await engine.execute("CREATE STREAM t (id INT KEY, n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');");
  const statement = 'CREATE STREAM j AS SELECT n FROM s JOIN t WITHIN 1 HOUR ON s.id = t.id;';
  expect((await refused(engine.execute(statement))).statementText).toBe(statement);
});

test('types that do not fit together are reported with the expression, unless a table is looked up', async () => {
  const onStream = await refused(engine.ask("SELECT n + 'x' FROM s;"));
  expect(onStream.statementText).toBe("(N + 'x')");
  await engine.execute('CREATE TABLE c AS SELECT id, COUNT(*) AS n FROM s GROUP BY id;');
  const onTable = await refused(engine.ask("SELECT n + 'x' FROM c;"));
  expect(onTable.statementText).toBe("SELECT n + 'x' FROM c;");
});

test('a pull query on a stream selects more than a star, one on a table does not', async () => {
  await engine.execute('CREATE TABLE c AS SELECT id, COUNT(*) AS n FROM s GROUP BY id;');
  const answer = await engine.ask('SELECT *, ROWTIME FROM s;');
  expect(answer.kind).toBe('pull-stream');
  await answer.close();
  await refused(engine.ask('SELECT c.*, ROWTIME FROM c;'));
});

test.each(['PRINT s LIMIT 1.5;', 'SELECT * FROM s EMIT CHANGES LIMIT 1.5;', 'SELECT * FROM s LIMIT 3000000000;'])(
  '%s is found while the statement is prepared',
  async (statement) => {
    const error = await refused(engine.ask(statement));
    expect(error).toMatchObject({ code: 40001, duringAnalysis: false });
  },
);

test('EXPLAIN of a push query lists the key of what is projected, then all columns', async () => {
  await engine.execute("CREATE STREAM t (id INT KEY, n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');");
  const fields = async (query: string) => {
    const [entity] = await engine.execute(`EXPLAIN ${query}`);
    if (entity?.['@type'] !== 'queryDescription') throw new Error('not described');
    return entity.queryDescription.fields.map(({ name, type }) => (type === undefined ? name : `${name} ${type}`));
  };
  expect(await fields('SELECT * FROM s JOIN t WITHIN 1 HOUR ON s.id = t.id EMIT CHANGES;')).toEqual([
    'S_ID KEY',
    'S_ID',
    'S_N',
    'T_ID',
    'T_N',
  ]);
  expect(await fields('SELECT n + 1 AS k, id FROM s PARTITION BY n + 1 EMIT CHANGES;')).toEqual(['K KEY', 'K', 'ID']);
});

test('DROP names the INSERT INTO queries of a source before what is made of it', async () => {
  await engine.execute(
    "CREATE STREAM sink (id INT KEY, n INT) WITH (KAFKA_TOPIC='sink', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
  await engine.execute(
    'CREATE STREAM b AS SELECT * FROM s; CREATE STREAM a AS SELECT * FROM s; INSERT INTO sink SELECT * FROM s;',
  );
  const [query] = engine.queries.all().filter(({ id }) => id.startsWith('INSERTQUERY'));
  expect((await refused(engine.execute('DROP STREAM s;'))).message).toBe(
    `Cannot drop S.\nThe following queries read from this source: [${query!.id}].\nThe following queries write into this source: [].\nYou need to terminate them before dropping S.`,
  );
  await engine.execute(`TERMINATE ${query!.id};`);
  expect((await refused(engine.execute('DROP STREAM s;'))).message).toContain('read from this source: [A, B].');
});

test('ASSERT TOPIC says what was expected as it was written', async () => {
  const error = await refused(engine.execute("ASSERT TOPIC s WITH (PARTITIONS='many') TIMEOUT 0 SECONDS;"));
  expect(error.message).toBe('Mismatched configuration for topic s: For config partitions, expected many got 1');
});
