import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import { withoutIgnored } from '../../../language/hints/ignored.ts';
import { scriptHints } from '../../../language/hints/script-hints.ts';
import { UseCounts } from '../../../language/hints/use-counts.ts';
import { analyzeScript, parseScript } from '../../../language/index.ts';
import { EMPTY_METASTORE } from '../../../language/metastore/metastore.ts';

const SOURCES = `CREATE STREAM orders (id INT KEY, customer INT, note STRING) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON', PARTITIONS=1);
CREATE TABLE customers (id INT PRIMARY KEY, city STRING) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON', PARTITIONS=1);
`;

/** The codes of what is said of a script behind the sources, each with the text that it stands at. */
function hintsOf(script: string, namedElsewhere: readonly string[] = []): readonly string[] {
  const parsed = parseScript(SOURCES + script, { dialect: 'latest' });
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: true } as const;
  const analysis = analyzeScript(parsed, EMPTY_METASTORE, settings);
  const isNamedElsewhere = (name: string) => namedElsewhere.includes(name);
  const hints = scriptHints(parsed, analysis, { functions: FUNCTIONS, isNamedElsewhere, uses: new UseCounts() });
  return withoutIgnored(parsed, [...analysis.diagnostics, ...hints])
    .toSorted((a, b) => a.range.start - b.range.start)
    .map(({ code, range, tags }) => `${code} at ${parsed.text.slice(range.start, range.end)}${tags ? ` ${tags}` : ''}`);
}

const UNUSED = ['unused-source at customers unnecessary'];

test.each([
  [
    'a source and a column that nothing reads are dimmed',
    'SELECT id, note FROM orders EMIT CHANGES;',
    ['unused-column at customer unnecessary', ...UNUSED],
  ],
  ['all columns are read by *', 'SELECT * FROM orders EMIT CHANGES;', UNUSED],
  [
    'a broken query may read anything',
    'SELECT nothing FROM orders EMIT CHANGES;',
    [...UNUSED, 'unknown-column at nothing'],
  ],
  ['without a query nothing is unused', '', []],
  [
    'a join by another column than the key of a stream',
    'SELECT o.id, o.note, city FROM orders o JOIN customers c ON o.customer = c.id EMIT CHANGES;',
    ['join-repartition at o.customer = c.id'],
  ],
  [
    'groups without an end',
    'CREATE TABLE t AS SELECT customer, COUNT(note) AS n FROM orders GROUP BY customer EMIT CHANGES;',
    [...UNUSED, 'unbounded-state at customer'],
  ],
  [
    'one group is not many',
    "CREATE TABLE t AS SELECT 'all' AS k, COUNT(*) AS n FROM orders GROUP BY 'all' EMIT CHANGES;",
    ['unused-column', 'unused-column', 'unused-source'],
  ],
])('%s', (_title, script, expected) => {
  const found = hintsOf(script);
  expect(found.map((each, i) => (expected[i]?.includes(' at ') === false ? each.split(' at ')[0] : each))).toEqual(
    expected,
  );
});

test('what another file of the project names is not unused', () => {
  expect(hintsOf('SELECT * FROM orders EMIT CHANGES;', ['CUSTOMERS'])).toEqual([]);
});

const QUERY = 'CREATE TABLE t AS SELECT customer, COUNT(note) AS n FROM orders GROUP BY customer EMIT CHANGES;';

test.each([
  ['above a statement', `-- ksql-ignore unbounded-state: few customers\n${QUERY}`, UNUSED],
  ['at the end of the line', `${QUERY} -- ksql-ignore unbounded-state: few customers`, UNUSED],
  [
    'above a line of a statement',
    `CREATE TABLE t AS SELECT customer, COUNT(note) AS n FROM orders\n  -- ksql-ignore unbounded-state: few customers\n  -- and no more\n  GROUP BY customer\n  EMIT CHANGES;`,
    UNUSED,
  ],
  ['only its own code', `-- ksql-ignore full-scan: why not\n${QUERY}`, [...UNUSED, 'unbounded-state at customer']],
  [
    'only its own statement',
    `-- ksql-ignore unbounded-state: few\nSELECT * FROM orders EMIT CHANGES;\n${QUERY}`,
    [...UNUSED, 'unbounded-state at customer'],
  ],
  [
    'not without a reason',
    `-- ksql-ignore unbounded-state\n${QUERY}`,
    [...UNUSED, 'ignore-comment at -- ksql-ignore unbounded-state', 'unbounded-state at customer'],
  ],
  [
    'not for a code that there is none of',
    `-- ksql-ignore no-such: x\n${QUERY}`,
    [...UNUSED, 'ignore-comment at -- ksql-ignore no-such: x', 'unbounded-state at customer'],
  ],
  ['not in a text', "SELECT id, customer, '-- ksql-ignore x' AS note2, note FROM orders EMIT CHANGES;", UNUSED],
  [
    'never what a server refuses',
    '-- ksql-ignore unknown-column: why not\nSELECT nothing FROM orders EMIT CHANGES;',
    [...UNUSED, 'unknown-column at nothing'],
  ],
])('a comment hides %s', (_title, script, expected) => {
  expect(hintsOf(script)).toEqual(expected);
});
