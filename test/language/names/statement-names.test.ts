import { describe, expect, test } from 'vitest';
import { analyzeScript, EMPTY_METASTORE, parseScript } from '../../../language/index.ts';
import type { Named } from '../../../language/names/name.ts';
import { statementNames } from '../../../language/names/statement-names.ts';

const SOURCES = `CREATE TYPE address AS STRUCT<city STRING>;
CREATE STREAM orders (id INT KEY, item STRING, qty INT, place address, tags ARRAY<STRING>, made STRUCT<\`by\` STRUCT<name STRING>>)
  WITH (KAFKA_TOPIC = 'o', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE TABLE items (id STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
`;

/** The names in the last statement of a script that makes some sources first. */
function namesIn(text: string, before = '') {
  const script = SOURCES + before + text;
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: true } as const;
  const parsed = parseScript(script, settings);
  const statement = parsed.statements.at(-1)!;
  const { uses, outputs } = statementNames(
    statement,
    analyzeScript(parsed, EMPTY_METASTORE, settings),
    new Set(['UCASE']),
  );
  return {
    uses: uses.map(({ named, range, defines, form }) => {
      const written = statement.text.slice(range.start, range.end);
      return `${written} ${defines ? 'defines' : 'is'} ${wordsFor(named)}${form === 'name' ? '' : ` (${form})`}`;
    }),
    outputs: outputs.map(({ named, item, by, from }) => {
      const written = statement.text.slice(item.start, item.end);
      return `${written} gives ${wordsFor(named)} by ${by}${from === undefined ? '' : ` from ${wordsFor(from)}`}`;
    }),
  };
}

function wordsFor(named: Named): string {
  switch (named.kind) {
    case 'column':
      return `column ${named.source}.${named.name}`;
    case 'alias':
      return `alias of ${named.source}`;
    case 'field': {
      const within = named.within;
      const owner = within === undefined ? '?' : within.kind === 'type' ? within.name : wordsFor(within);
      return `field ${[owner, ...named.path, named.name].join('->')}`;
    }
    default:
      return `${named.kind} ${named.name}`;
  }
}

describe('the names of a statement', () => {
  test('in a join: aliases, columns of either side, fields, functions, what AS names', () => {
    const { uses, outputs } = namesIn(
      'CREATE STREAM priced AS SELECT o.id, UCASE(item) AS what, place->city, i.* FROM orders o LEFT JOIN items i ON o.item = i.id;',
    );
    expect(uses).toEqual([
      'priced defines source PRICED',
      'o is alias of ORDERS',
      'id is column ORDERS.ID',
      'UCASE is function UCASE',
      'item is column ORDERS.ITEM',
      'what defines column PRICED.WHAT',
      'place is column ORDERS.PLACE',
      'city is field column ORDERS.PLACE->CITY',
      'i is alias of ITEMS',
      'orders is source ORDERS',
      'o defines alias of ORDERS',
      'items is source ITEMS',
      'i defines alias of ITEMS',
      'o is alias of ORDERS',
      'item is column ORDERS.ITEM',
      'i is alias of ITEMS',
      'id is column ITEMS.ID',
    ]);
    expect(outputs).toEqual([
      'i.* gives column PRICED.I_ID by star from column ITEMS.ID',
      'o.id gives column PRICED.O_ID by column from column ORDERS.ID',
      'UCASE(item) AS what gives column PRICED.WHAT by alias',
      'place->city gives column PRICED.CITY by rule',
      'i.* gives column PRICED.I_PRICE by star from column ITEMS.PRICE',
    ]);
  });

  test.each<[title: string, text: string, uses: readonly string[]]>([
    [
      'a lambda hides nothing, and knows its parameter',
      'SELECT TRANSFORM(tags, t => UCASE(t) + item) AS x FROM orders EMIT CHANGES;',
      [
        ...['TRANSFORM is function TRANSFORM', 'tags is column ORDERS.TAGS', 't defines parameter T'],
        ...['UCASE is function UCASE', 't is parameter T', 'item is column ORDERS.ITEM', 'x defines result X'],
        'orders is source ORDERS',
      ],
    ],
    [
      'INSERT VALUES',
      'INSERT INTO orders (ROWTIME, id, qty) VALUES (1, 2, 3);',
      [
        ...['orders is source ORDERS', 'ROWTIME is pseudo-column ROWTIME', 'id is column ORDERS.ID'],
        'qty is column ORDERS.QTY',
      ],
    ],
    [
      'INSERT SELECT: AS names a column of the target',
      'INSERT INTO orders SELECT id, item AS item FROM orders;',
      [
        ...['orders is source ORDERS', 'id is column ORDERS.ID', 'item is column ORDERS.ITEM'],
        ...['item is column ORDERS.ITEM', 'orders is source ORDERS'],
      ],
    ],
    [
      'texts of WITH that name a topic and a column, types within types',
      "CREATE STREAM s (ts BIGINT, who ARRAY<address>, x STRUCT<y STRUCT<z INT>>) WITH (KAFKA_TOPIC='t', TIMESTAMP='ts');",
      [
        ...['s defines source S', 'ts defines column S.TS', 'who defines column S.WHO', 'address is type ADDRESS'],
        ...['x defines column S.X', 'y defines field column S.X->Y', 'z defines field column S.X->Y->Z'],
        ...['KAFKA_TOPIC is property KAFKA_TOPIC', 't is topic t (text)', 'TIMESTAMP is property TIMESTAMP'],
        'ts is column S.TS (text)',
      ],
    ],
    [
      'without an alias a qualifier is the source',
      'SELECT orders.qty, made->`by`->name FROM orders EMIT CHANGES;',
      [
        ...['orders is source ORDERS', 'qty is column ORDERS.QTY', 'made is column ORDERS.MADE'],
        ...['`by` is field column ORDERS.MADE->by', 'name is field column ORDERS.MADE->by->NAME'],
        'orders is source ORDERS',
      ],
    ],
    [
      'an error in one item leaves the names of the others',
      'SELECT nothing, qty + item, o.id FROM orders o WHERE qty > 1 EMIT CHANGES;',
      [
        ...['qty is column ORDERS.QTY', 'item is column ORDERS.ITEM', 'o is alias of ORDERS', 'id is column ORDERS.ID'],
        ...['orders is source ORDERS', 'o defines alias of ORDERS', 'qty is column ORDERS.QTY'],
      ],
    ],
    [
      'a broken statement is read word by word',
      'SELECT UCASE(item, o. FROM orders o;',
      [
        ...['UCASE is function UCASE', 'item is column ORDERS.ITEM', 'o is alias of ORDERS'],
        ...['orders is source ORDERS', 'o is alias of ORDERS'],
      ],
    ],
    ['what is described', 'DESCRIBE orders;', ['orders is source ORDERS']],
    ['a type', 'DROP TYPE IF EXISTS address;', ['address is type ADDRESS']],
    ['a topic in a text', "PRINT 'o';", ['o is topic o (text)']],
  ])('%s', (_title, text, uses) => {
    expect(namesIn(text).uses).toEqual(uses);
  });

  test('variables: what they stand for is named, and what stands behind them is found where it is written', () => {
    const { uses, outputs } = namesIn(
      "CREATE STREAM big AS SELECT id, ${what} AS thing, '${what}' AS label FROM ${from} WHERE qty > ${least};",
      "DEFINE what = 'item';DEFINE from = 'orders';DEFINE least = '10';",
    );
    expect(uses).toEqual([
      'big defines source BIG',
      'id is column ORDERS.ID',
      '${what} is column ORDERS.ITEM (value)',
      'what is variable WHAT (variable)',
      'thing defines column BIG.THING',
      'what is variable WHAT (variable)',
      'label defines column BIG.LABEL',
      '${from} is source ORDERS (value)',
      'from is variable FROM (variable)',
      'qty is column ORDERS.QTY',
      'least is variable LEAST (variable)',
    ]);
    expect(outputs).toContain('${what} AS thing gives column BIG.THING by alias from column ORDERS.ITEM');
  });
});
