import type { DiagnosticEntry } from './diagnostic-entry.ts';

/** Queries without EMIT: they look rows up and end. */
export const PULL_CODES = {
  'pull-disabled': {
    severity: 'error',
    title: 'A pull query where they are turned off',
    meaning: 'The server answers no queries without EMIT.',
    reason: 'ksql.pull.queries.enable is false.',
    given: { text: '`ksql.pull.queries.enable` is false.', settings: { 'ksql.pull.queries.enable': 'false' } },
    example: 'SELECT * FROM spending;',
    corrected: 'SELECT * FROM spending EMIT CHANGES;',
  },
  'pull-stream': {
    severity: 'error',
    title: 'A pull query on a stream where they are turned off',
    meaning: 'The server answers queries without EMIT on tables only.',
    reason: 'ksql.query.pull.stream.enabled is false.',
    given: {
      text: '`ksql.query.pull.stream.enabled` is false.',
      settings: { 'ksql.query.pull.stream.enabled': 'false' },
    },
    example: 'SELECT * FROM orders;',
    corrected: 'SELECT * FROM orders EMIT CHANGES;',
  },
  'pull-limit': {
    severity: 'error',
    title: 'LIMIT in a pull query where it is turned off',
    meaning: 'The server takes no LIMIT in queries without EMIT.',
    reason: 'ksql.query.pull.limit.clause.enabled is false.',
    given: {
      text: '`ksql.query.pull.limit.clause.enabled` is false.',
      settings: { 'ksql.query.pull.limit.clause.enabled': 'false' },
    },
    example: 'SELECT * FROM spending LIMIT 3;',
    corrected: 'SELECT * FROM spending;',
  },
  'invalid-limit': {
    severity: 'error',
    title: 'A negative LIMIT',
    meaning: 'The number behind LIMIT is below zero.',
    reason: 'Rows are counted.',
    example: 'SELECT * FROM spending LIMIT -1;',
    corrected: 'SELECT * FROM spending LIMIT 1;',
  },
  'pull-clause': {
    severity: 'error',
    title: 'A clause that a pull query does not have',
    meaning: 'JOIN, WINDOW, GROUP BY, PARTITION BY or HAVING stands in a query without EMIT.',
    reason: 'A pull query looks up rows that a table already has. Make a table that computes them.',
    example: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer;',
    corrected: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'pull-wildcard': {
    severity: 'error',
    title: '* beside other columns in a pull query',
    meaning: 'A query without EMIT selects * and something else.',
    reason: 'ksqlDB takes * in a pull query only by itself.',
    example: 'SELECT *, total * 2 FROM spending;',
    corrected: 'SELECT customer, total, total * 2 FROM spending;',
  },
  'pull-system-column': {
    severity: 'error',
    title: 'A place in the topic in a pull query',
    meaning: 'ROWPARTITION or ROWOFFSET stands in a query without EMIT.',
    reason: 'A row of a table may come of many records.',
    example: 'SELECT customer, ROWOFFSET FROM spending;',
    corrected: 'SELECT customer, ROWTIME FROM spending;',
  },
  'pull-condition': {
    severity: 'error',
    title: 'A condition that a pull query cannot look up by',
    meaning: 'WHERE has something else than comparisons and LIKE, or names no key while scans are off.',
    reason: 'Rows are found by key; a scan compares each row with simple conditions.',
    example: 'SELECT * FROM spending WHERE total IS NULL;',
    corrected: 'SELECT * FROM spending WHERE total > 100;',
  },
  'pull-like': {
    severity: 'error',
    title: 'LIKE beside AND or OR in a pull query',
    meaning: 'A side of AND or OR, in the condition or the select list, is a LIKE.',
    reason: "ksqlDB's interpreter takes LIKE for a text there. A pull query takes it alone.",
    example:
      'CREATE TABLE latest AS SELECT customer, LATEST_BY_OFFSET(note) AS note FROM orders GROUP BY customer EMIT CHANGES;\n' +
      "SELECT note LIKE 'A%' OR note LIKE 'B%' AS found FROM latest;",
    corrected:
      'CREATE TABLE latest AS SELECT customer, LATEST_BY_OFFSET(note) AS note FROM orders GROUP BY customer EMIT CHANGES;\n' +
      "SELECT note LIKE 'A%' AS a, note LIKE 'B%' AS b FROM latest;",
  },
  'pull-key-null': {
    severity: 'error',
    title: 'A lookup of the key NULL',
    meaning: 'The key is compared with NULL.',
    reason: 'No row of a table has it.',
    example: 'SELECT * FROM spending WHERE customer = CAST(NULL AS INT);',
    corrected: 'SELECT * FROM spending WHERE customer = 1;',
  },
  'pull-key-type': {
    severity: 'error',
    title: 'A lookup by a value that the key cannot have',
    meaning: 'The key is compared with a value of another type.',
    reason: 'No row could have that key.',
    example: 'SELECT * FROM spending WHERE customer = 1.5;',
    corrected: 'SELECT * FROM spending WHERE customer = 1;',
  },
  'pull-window-bounds': {
    severity: 'error',
    title: 'Bounds of windows that a pull query cannot look up by',
    meaning: 'WINDOWSTART or WINDOWEND is compared with <>, with no time, or twice the same way.',
    reason: 'Each bound has one lower and one upper limit, or one value.',
    example: 'SELECT * FROM per_minute WHERE WINDOWSTART <> 0;',
    corrected: 'SELECT * FROM per_minute WHERE WINDOWSTART > 0;',
  },
  'not-queryable': {
    severity: 'error',
    title: 'A table that nothing keeps',
    meaning: 'The table is declared over a topic, and no query keeps its rows.',
    reason: 'There is nothing to look up in. CREATE SOURCE TABLE, or a table made by a query, keeps them.',
    example: 'SELECT * FROM customers;',
    corrected: 'CREATE TABLE kept AS SELECT * FROM customers EMIT CHANGES;\nSELECT * FROM kept;',
  },
} as const satisfies Readonly<Record<string, DiagnosticEntry>>;
