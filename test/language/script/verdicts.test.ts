import { describe, expect, test } from 'vitest';
import { analyze, resultSchema } from './script-fixture.ts';

/** The codes of what is wrong with a statement. */
const errors = (text: string): readonly string[] =>
  analyze(text)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code }) => code);

const create = (properties: string) =>
  `CREATE STREAM n (k INT KEY, a INT) WITH (KAFKA_TOPIC='n', VALUE_FORMAT='AVRO', ${properties});`;
const windowed = (properties: string) => create(`PARTITIONS=1, WINDOW_TYPE='TUMBLING', ${properties}`);
const join = (within: string) =>
  `CREATE STREAM o AS SELECT c.id, s.qty FROM clicks c JOIN shipments s WITHIN ${within} ON c.id = s.id;`;
const tumbling = (window: string) =>
  `CREATE TABLE o AS SELECT item, COUNT(*) AS n FROM orders WINDOW TUMBLING (${window}) GROUP BY item;`;

describe('numbers of WITH', () => {
  test.each(["PARTITIONS=' 2 '", 'PARTITIONS=1, REPLICAS=-1', 'PARTITIONS=1, RETENTION_MS=-1'])('%s', (properties) => {
    expect(errors(create(properties))).toEqual([]);
  });

  test.each(['PARTITIONS=1e0', 'PARTITIONS=1.0', 'PARTITIONS=3000000000', 'PARTITIONS=1, REPLICAS=1.0'])(
    '%s is not one',
    (properties) => {
      expect(errors(create(properties))).toEqual(['invalid-property-value']);
    },
  );
});

describe('WINDOW_SIZE', () => {
  test.each(["WINDOW_SIZE='1 second'", "WINDOW_SIZE='1 SECONDS '"])('%s', (properties) => {
    expect(errors(windowed(properties))).toEqual([]);
  });

  test.each(['0 SECONDS', '-1 SECONDS', ' 1 SECONDS', '1  SECONDS'])('%s is refused', (size) => {
    expect(errors(windowed(`WINDOW_SIZE='${size}'`))).toEqual(['invalid-property-value']);
  });
});

describe('WITHIN', () => {
  test.each(['0 SECONDS', '(5 SECONDS, -3 SECONDS)', '1 SECOND GRACE PERIOD 0 SECONDS'])('%s', (within) => {
    expect(errors(join(within))).toEqual([]);
  });

  test.each([
    '-1 SECONDS',
    '(-5 SECONDS, 6 SECONDS)',
    '(5 SECONDS, -6 SECONDS)',
    '9223372036854775807 MILLISECONDS',
    '1 SECOND GRACE PERIOD -1 SECONDS',
  ])('%s is refused', (within) => {
    expect(errors(join(within))).toEqual(['invalid-window']);
  });
});

describe('the size of a window', () => {
  test.each([
    ['SIZE 9223372036854775807 DAYS', []],
    ['SIZE 9223372036854775808 SECONDS', ['invalid-duration']],
    ['SIZE 1 MINUTE, GRACE PERIOD 9223372036854775807 MILLISECONDS', ['invalid-window']],
  ])('%s', (window, expected) => {
    expect(errors(tumbling(window))).toEqual(expected);
  });
});

describe('types', () => {
  const column = (type: string) =>
    `CREATE STREAM n (a ${type}) WITH (KAFKA_TOPIC='n', PARTITIONS=1, VALUE_FORMAT='JSON');`;

  test.each([
    ['DECIMAL(2147483647, 0)', []],
    ['DECIMAL(2147483648, 0)', ['invalid-decimal']],
    ['STRUCT<x INT, `x` INT>', []],
    ['ARRAY<STRUCT<x INT, X STRING>>', ['duplicate-field']],
  ])('%s', (type, expected) => {
    expect(errors(column(type))).toEqual(expected);
  });
});

test('the name of an Avro record', () => {
  expect(errors(create("PARTITIONS=1, VALUE_SCHEMA_FULL_NAME='a.b'"))).toEqual([]);
  expect(errors(create("PARTITIONS=1, VALUE_SCHEMA_FULL_NAME='a b'"))).toHaveLength(1);
  const bare = "PARTITIONS=1, VALUE_SCHEMA_FULL_NAME='a b', WRAP_SINGLE_VALUE=FALSE";
  expect(errors(create(bare))).toEqual([]);
});

test('a column with a plus sign is no column', () => {
  expect(errors('CREATE STREAM o AS SELECT +id, page FROM clicks;')).toEqual(['key-missing']);
  expect(resultSchema('CREATE STREAM o AS SELECT item, +qty FROM orders;')).toBe('`ITEM` STRING, `KSQL_COL_0` INTEGER');
});

test('NULL is not aggregated', () => {
  const count = (argument: string) =>
    `CREATE TABLE o AS SELECT item, COUNT(${argument}) AS n FROM orders GROUP BY item;`;
  expect(errors(count('NULL'))).toEqual(['untyped-null']);
  expect(errors(count('CAST(NULL AS INT)'))).toEqual([]);
});

describe('syntax', () => {
  test.each([
    "CREATE STREAM o AS SELECT id, MAP('k' := page IS NULL) AS m, STRUCT(a := page = 'x') AS s FROM clicks;",
    tumbling('SIZE 1 MINUTE').replace('TUMBLING', 'w TUMBLING'),
    'DROP STREAM orders; --\n',
  ])('%s', (text) => {
    expect(errors(text)).toEqual([]);
  });

  test.each([
    tumbling('SIZE 1 MINUTE').replace('TUMBLING', 'id TUMBLING'),
    tumbling('SIZE 1 MINUTE').replace('TUMBLING', '`w` TUMBLING'),
    'DROP STREAM orders; --',
    'DROP STREAM orders; /* and then',
  ])('%s is wrong', (text) => {
    expect(errors(text)).toHaveLength(1);
  });
});

describe('joins of windowed streams whose windows differ', () => {
  const joined = (leftFormat: string, rightFormat: string, on: string) =>
    errors(`CREATE STREAM l (k STRING KEY, v STRING)
        WITH (KAFKA_TOPIC='l', PARTITIONS=1, FORMAT='${leftFormat}', WINDOW_TYPE='HOPPING', WINDOW_SIZE='10 SECONDS');
      CREATE STREAM r (k STRING KEY, v STRING)
        WITH (KAFKA_TOPIC='r', PARTITIONS=1, FORMAT='${rightFormat}', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');
      CREATE STREAM o AS SELECT l.k, r.v FROM l JOIN r WITHIN 1 HOUR ON ${on};`);

  test.each(['JSON_SR', 'AVRO', 'PROTOBUF'])('a left key of %s is written anew with its window', (format) => {
    expect(joined(format, format, 'l.k = r.k')).toEqual([]);
    expect(joined(format, 'JSON', 'l.k = r.k')).toEqual([]);
    expect(joined('JSON', format, 'l.k = r.k')).toEqual(['windowed-repartition']);
    expect(joined(format, format, 'l.v = r.k')).toEqual(['windowed-repartition']);
  });

  test.each(['JSON', 'DELIMITED', 'PROTOBUF_NOSR'])('%s has no schema in a registry', (format) => {
    expect(joined(format, format, 'l.k = r.k')).toEqual(['windowed-repartition']);
  });
});

test('a star of one side is refused once a join has another key', () => {
  const select = (items: string) =>
    errors(
      `SELECT ${items} FROM shipments a JOIN returned b WITHIN 1 HOUR ON a.id = b.id PARTITION BY a.item EMIT CHANGES;`,
    );
  expect(select('a.*, b.n')).toEqual(['star-of-repartitioned']);
  expect(select('*, b.n + 1')).toEqual([]);
});

describe('names of types', () => {
  const declare = (type: string) =>
    errors(`CREATE TYPE addr AS STRUCT<a INT>; CREATE TYPE \`low\` AS ARRAY<\`bigint\`>;
      CREATE STREAM o (v ${type}) WITH (KAFKA_TOPIC='o', PARTITIONS=1, VALUE_FORMAT='JSON');`);

  test.each(['`int`', '`Varchar`', 'ARRAY<`int`>', 'LOW', '`low`', '`aDDr`', 'addr'])('%s, in any case', (type) => {
    expect(declare(type)).toEqual([]);
  });

  test('one name in two cases is one type', () => {
    expect(errors('CREATE TYPE addr AS INT; CREATE TYPE `Addr` AS INT;')).toEqual(['type-taken']);
    expect(declare('`nope`')).toEqual(['unknown-type']);
  });
});
