import type { DiagnosticEntry } from './diagnostic-entry.ts';

/** Queries: what they select, grouping, windows, PARTITION BY. */
export const QUERY_CODES = {
  'not-grouped': {
    severity: 'error',
    title: 'A column that is neither grouped nor aggregated',
    meaning: 'The select list has a column that GROUP BY does not name.',
    reason: 'A group has many values of it. Group by it as well, or take one, as LATEST_BY_OFFSET does.',
    example: 'SELECT customer, note, COUNT(*) FROM orders GROUP BY customer EMIT CHANGES;',
    corrected: 'SELECT customer, LATEST_BY_OFFSET(note), COUNT(*) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'having-not-grouped': {
    severity: 'error',
    title: 'A column in HAVING that is neither grouped nor aggregated',
    meaning: 'HAVING has a column that GROUP BY does not name.',
    reason: 'HAVING looks at groups. WHERE looks at single rows, before they are grouped.',
    example: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer HAVING amount > 10 EMIT CHANGES;',
    corrected: 'SELECT customer, COUNT(*) FROM orders WHERE amount > 10 GROUP BY customer EMIT CHANGES;',
  },
  'group-by-without-aggregate': {
    severity: 'error',
    title: 'GROUP BY without an aggregate',
    meaning: 'Nothing is computed over the groups.',
    reason: 'A group without an aggregate has nothing that could change.',
    example: 'SELECT customer FROM orders GROUP BY customer EMIT CHANGES;',
    corrected: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'aggregate-without-group-by': {
    severity: 'error',
    title: 'An aggregate without GROUP BY',
    meaning: 'The query that is to run for good aggregates all rows.',
    reason: 'The table needs a key. Group by a constant to have one row.',
    example: 'CREATE TABLE total AS SELECT SUM(amount) AS total FROM orders EMIT CHANGES;',
    corrected:
      'CREATE TABLE total AS SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'aggregate-in-group-by': {
    severity: 'error',
    title: 'An aggregate in GROUP BY',
    meaning: 'An expression of GROUP BY calls an aggregate.',
    reason: 'Groups are made before anything is computed over them.',
    example: 'SELECT COUNT(*) FROM orders GROUP BY SUM(amount) EMIT CHANGES;',
    corrected: 'SELECT COUNT(*) FROM orders GROUP BY amount EMIT CHANGES;',
  },
  'duplicate-group-by': {
    severity: 'error',
    title: 'An expression twice in GROUP BY',
    meaning: 'GROUP BY names the same expression more than once.',
    reason: 'Each is a column of the key, and columns are different.',
    example: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer, customer EMIT CHANGES;',
    corrected: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'nested-aggregate': {
    severity: 'error',
    title: 'An aggregate within another',
    meaning: 'The argument of an aggregate, or of a table function, calls an aggregate.',
    reason: 'Rows are grouped once. Make the inner result a table, and aggregate that.',
    example: 'SELECT customer, SUM(COUNT(*)) FROM orders GROUP BY customer EMIT CHANGES;',
    corrected: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'aggregate-in-lambda': {
    severity: 'error',
    title: 'An aggregate in a lambda',
    meaning: 'What stands behind an arrow calls an aggregate.',
    reason: 'A lambda sees the members of one value, and an aggregate many rows.',
    example: 'SELECT customer, TRANSFORM(ARRAY[1], x => SUM(amount)) FROM orders GROUP BY customer EMIT CHANGES;',
    corrected: 'SELECT customer, TRANSFORM(ARRAY[SUM(amount)], x => x * 2) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'aggregate-literal': {
    severity: 'error',
    title: 'An argument of an aggregate that has to be a constant',
    meaning: 'The argument says how the aggregate works, and is an expression.',
    reason: 'It is needed before the first row.',
    example: 'SELECT TOPK(amount, id) FROM orders GROUP BY customer EMIT CHANGES;',
    corrected: 'SELECT TOPK(amount, 3) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'aggregate-on-table': {
    severity: 'error',
    title: 'An aggregate that a table cannot take back',
    meaning: 'The source is a table, whose rows change, and the aggregate cannot forget the value that was.',
    reason: 'COUNT and SUM can subtract; MAX would need all values that were. Aggregate the stream behind the table.',
    example: 'SELECT city, MAX(id) FROM customers GROUP BY city EMIT CHANGES;',
    corrected: 'SELECT city, COUNT(*) FROM customers GROUP BY city EMIT CHANGES;',
  },
  'aggregate-state': {
    severity: 'error',
    title: "An aggregate whose state the source's format cannot hold",
    meaning: 'What the aggregate keeps is written in the value format of the source, which has no such type.',
    reason: 'ksqlDB keeps state in that format: read the source into another one first.',
    example:
      "CREATE STREAM lines (id INT KEY, city STRING, amount INT) WITH (KAFKA_TOPIC='lines', VALUE_FORMAT='DELIMITED');\n" +
      'CREATE TABLE average AS SELECT city, AVG(amount) AS a FROM lines GROUP BY city EMIT CHANGES;',
    corrected:
      "CREATE STREAM lines (id INT KEY, city STRING, amount INT) WITH (KAFKA_TOPIC='lines', VALUE_FORMAT='DELIMITED');\n" +
      "CREATE STREAM lines_json WITH (VALUE_FORMAT='JSON') AS SELECT * FROM lines EMIT CHANGES;\n" +
      'CREATE TABLE average AS SELECT city, AVG(amount) AS a FROM lines_json GROUP BY city EMIT CHANGES;',
  },
  'table-function': {
    severity: 'error',
    title: 'A table function where it cannot be',
    meaning: 'A table function stands with an aggregate, over a table, or in PARTITION BY.',
    reason: 'It makes many rows of one, which only a stream without groups can take.',
    example: "SELECT id, EXPLODE(SPLIT(name, ' ')) FROM customers EMIT CHANGES;",
    corrected: 'SELECT id, EXPLODE(items) FROM orders EMIT CHANGES;',
  },
  'nested-table-function': {
    severity: 'error',
    title: 'A table function within another, or within an aggregate',
    meaning: 'The argument of a table function, or of an aggregate, calls a table function.',
    reason: 'Rows are multiplied once. Make the inner result a stream, and go on from that.',
    example: 'SELECT EXPLODE(ARRAY[EXPLODE(items)]) FROM orders EMIT CHANGES;',
    corrected: 'SELECT EXPLODE(items) FROM orders EMIT CHANGES;',
  },
  'table-function-in-case': {
    severity: 'error',
    title: 'A table function in CASE',
    meaning: 'A branch of a CASE calls a table function.',
    reason: 'How many rows there are would depend on the branch.',
    example: 'SELECT CASE WHEN amount > 0 THEN EXPLODE(items) END FROM orders EMIT CHANGES;',
    corrected: 'SELECT EXPLODE(CASE WHEN amount > 0 THEN items END) FROM orders EMIT CHANGES;',
  },
  'key-missing': {
    severity: 'error',
    title: 'A result without its key',
    meaning: 'The select list leaves out the key of the result.',
    reason: 'Rows of a stream or table are found by key, so CREATE AS has to select it.',
    example: 'CREATE STREAM notes AS SELECT note FROM orders EMIT CHANGES;',
    corrected: 'CREATE STREAM notes AS SELECT id, note FROM orders EMIT CHANGES;',
  },
  'key-selected-twice': {
    severity: 'error',
    title: 'A key that is selected twice',
    meaning: 'The select list has the key of the result more than once.',
    reason: 'A key is one column. AS_VALUE copies it into the value.',
    example: 'CREATE STREAM copies AS SELECT id, id AS copy, note FROM orders EMIT CHANGES;',
    corrected: 'CREATE STREAM copies AS SELECT id, AS_VALUE(id) AS copy, note FROM orders EMIT CHANGES;',
  },
  'no-value-columns': {
    severity: 'error',
    title: 'A result that is nothing but a key',
    meaning: 'The select list has no column besides the key.',
    reason: 'A record needs a value. AS_VALUE copies the key into it.',
    example: 'CREATE STREAM ids AS SELECT id FROM orders EMIT CHANGES;',
    corrected: 'CREATE STREAM ids AS SELECT id, AS_VALUE(id) AS copy FROM orders EMIT CHANGES;',
  },
  'result-kind': {
    severity: 'error',
    title: 'A stream where a table comes out, or the other way round',
    meaning: 'What the query gives is not what CREATE, or the target of INSERT, says.',
    reason: 'Groups give a table. Rows of a stream stay a stream.',
    example: 'CREATE STREAM counts AS SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer EMIT CHANGES;',
    corrected: 'CREATE TABLE counts AS SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'limit-in-create': {
    severity: 'error',
    stage: 'as-sent',
    title: 'LIMIT in CREATE AS',
    meaning: 'The query that is to run for good has a LIMIT.',
    reason: 'It has no end at which a count could be reached.',
    example: 'CREATE STREAM few AS SELECT * FROM orders EMIT CHANGES LIMIT 3;',
    corrected: 'CREATE STREAM few AS SELECT * FROM orders EMIT CHANGES;',
  },
  'group-and-partition': {
    severity: 'error',
    title: 'GROUP BY and PARTITION BY together',
    meaning: 'The query has both clauses.',
    reason: 'Both say what the key is.',
    example: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer PARTITION BY customer EMIT CHANGES;',
    corrected: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer EMIT CHANGES;',
  },
  'duplicate-partition-by': {
    severity: 'error',
    title: 'An expression twice in PARTITION BY',
    meaning: 'PARTITION BY names the same expression more than once.',
    reason: 'Each is a column of the key, and columns are different.',
    example: 'SELECT * FROM orders PARTITION BY customer, customer EMIT CHANGES;',
    corrected: 'SELECT * FROM orders PARTITION BY customer EMIT CHANGES;',
  },
  'partition-by-null': {
    severity: 'error',
    title: 'NULL among others in PARTITION BY',
    meaning: 'PARTITION BY has NULL and something else.',
    reason: 'NULL says that there is no key.',
    example: 'SELECT * FROM orders PARTITION BY customer, NULL EMIT CHANGES;',
    corrected: 'SELECT * FROM orders PARTITION BY customer EMIT CHANGES;',
  },
  'partition-table': {
    severity: 'error',
    title: 'PARTITION BY over a table',
    meaning: 'The source is a table, or a join of tables.',
    reason: 'Two rows of a table could get the same key, and one would overwrite the other.',
    example: 'SELECT * FROM customers PARTITION BY city EMIT CHANGES;',
    corrected: 'SELECT * FROM orders PARTITION BY customer EMIT CHANGES;',
  },
  'star-of-repartitioned': {
    severity: 'error',
    title: 'All columns of one source of a join with PARTITION BY',
    meaning: 'The select list has source.* in a join with PARTITION BY.',
    reason: 'PARTITION BY is applied to the row of the join, whose columns are no longer those of a source.',
    example:
      'SELECT orders.* FROM orders JOIN payments WITHIN 1 HOUR ON orders.id = payments.id PARTITION BY customer EMIT CHANGES;',
    corrected:
      'SELECT * FROM orders JOIN payments WITHIN 1 HOUR ON orders.id = payments.id PARTITION BY customer EMIT CHANGES;',
  },
  'window-without-group-by': {
    severity: 'error',
    title: 'A window without GROUP BY',
    meaning: 'WINDOW says over which time groups go, and there are none.',
    reason: 'Windows are part of the key of a group.',
    example: 'SELECT id FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) EMIT CHANGES;',
    corrected: 'SELECT customer, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY customer EMIT CHANGES;',
  },
  'window-on-table': {
    severity: 'error',
    title: 'A window over a table',
    meaning: 'The source is a table.',
    reason: 'A table holds what is true now; only the rows of a stream belong to a time.',
    example: 'SELECT city, COUNT(*) FROM customers WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY city EMIT CHANGES;',
    corrected: 'SELECT city, COUNT(*) FROM customers GROUP BY city EMIT CHANGES;',
  },
  'window-size': {
    severity: 'error',
    title: 'A window without an extent',
    meaning: 'The size of the window is zero or negative.',
    reason: 'No row would be in it.',
    example: 'SELECT customer, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 0 SECONDS) GROUP BY customer EMIT CHANGES;',
    corrected: 'SELECT customer, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY customer EMIT CHANGES;',
  },
  'invalid-window': {
    severity: 'error',
    title: 'Times of a window that do not go together',
    meaning: 'The advance, gap, grace period, retention or WITHIN is one that no window can have.',
    reason: 'Windows follow each other within their size, and are kept until their grace period is over.',
    example:
      'SELECT customer, COUNT(*) FROM orders WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 2 MINUTES) GROUP BY customer EMIT CHANGES;',
    corrected:
      'SELECT customer, COUNT(*) FROM orders WINDOW HOPPING (SIZE 2 MINUTES, ADVANCE BY 1 MINUTE) GROUP BY customer EMIT CHANGES;',
  },
  'invalid-duration': {
    severity: 'error',
    title: 'A duration that is no whole number',
    meaning: 'The number before the unit has a fraction, or is beyond BIGINT.',
    reason: 'Durations are counted: write 30 SECONDS for half a minute.',
    example: 'SELECT customer, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 0.5 MINUTES) GROUP BY customer EMIT CHANGES;',
    corrected:
      'SELECT customer, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 30 SECONDS) GROUP BY customer EMIT CHANGES;',
  },
  'window-bounds': {
    severity: 'error',
    title: 'A bound of the window in an aggregate',
    meaning: 'WINDOWSTART or WINDOWEND is an argument of an aggregate, or stands in GROUP BY.',
    reason: 'The bounds are known once the groups are made. They can be selected beside the aggregate.',
    example:
      'SELECT customer, MAX(WINDOWSTART) FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY customer EMIT CHANGES;',
    corrected:
      'SELECT customer, WINDOWSTART, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY customer EMIT CHANGES;',
  },
  'emit-final': {
    severity: 'error',
    title: 'EMIT FINAL without a window',
    meaning: 'Only the results of windows become final.',
    reason: 'A group without a window can change as long as there are rows; or `ksql.suppress.enabled` is false.',
    example: 'SELECT customer, COUNT(*) FROM orders GROUP BY customer EMIT FINAL;',
    corrected: 'SELECT customer, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY customer EMIT FINAL;',
  },
  'windowed-table': {
    severity: 'error',
    title: 'A query for good over a windowed table',
    meaning: 'The source of CREATE AS is a table with windows.',
    reason: 'ksqlDB runs no persistent queries over them. Push and pull queries read them.',
    example: 'CREATE TABLE many AS SELECT * FROM per_minute WHERE n > 10 EMIT CHANGES;',
    corrected: 'SELECT * FROM per_minute WHERE n > 10 EMIT CHANGES;',
  },
  'windowed-group-by-key': {
    severity: 'error',
    title: 'A windowed source, grouped by its own key',
    meaning: 'GROUP BY names the key that the source has, and the source is windowed.',
    reason: 'The key would have to lose its window without being made anew, which ksqlDB cannot.',
    example:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');\n" +
      'SELECT id, COUNT(*) FROM visits GROUP BY id EMIT CHANGES;',
    corrected:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');\n" +
      'SELECT page, COUNT(*) FROM visits GROUP BY page EMIT CHANGES;',
  },
  'windowed-key-format': {
    severity: 'error',
    title: 'Groups of a windowed source whose key needs another format',
    meaning: 'The grouping expressions make a key that the key format of the source cannot write.',
    reason: 'A windowed key keeps its format. Give the source a key format that can write them.',
    example:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');\n" +
      'SELECT id, page, COUNT(*) FROM visits GROUP BY id, page EMIT CHANGES;',
    corrected:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', FORMAT='JSON', WINDOW_TYPE='SESSION');\n" +
      'SELECT id, page, COUNT(*) FROM visits GROUP BY id, page EMIT CHANGES;',
  },
  'windowed-repartition': {
    severity: 'error',
    title: 'A windowed source that would have to be spread anew',
    meaning: 'PARTITION BY, or a condition of a join, needs another key than the windowed source has.',
    reason: 'ksqlDB cannot give windowed rows another key.',
    example:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');\n" +
      'SELECT * FROM visits PARTITION BY page EMIT CHANGES;',
    corrected:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');\n" +
      'SELECT * FROM visits EMIT CHANGES;',
  },
  'kafka-value-format': {
    severity: 'error',
    title: 'The KAFKA format where values are kept or spread anew',
    meaning: 'A source with VALUE_FORMAT KAFKA is grouped or joined.',
    reason:
      'The format has no columns by name, so nothing can be kept in it. Read the source into another format first.',
    example:
      "CREATE STREAM raw (id INT KEY, amount INT) WITH (KAFKA_TOPIC='raw', FORMAT='KAFKA');\n" +
      'SELECT amount, COUNT(*) FROM raw GROUP BY amount EMIT CHANGES;',
    corrected:
      "CREATE STREAM raw (id INT KEY, amount INT) WITH (KAFKA_TOPIC='raw', FORMAT='KAFKA');\n" +
      "CREATE STREAM amounts WITH (VALUE_FORMAT='JSON') AS SELECT * FROM raw EMIT CHANGES;\n" +
      'SELECT amount, COUNT(*) FROM amounts GROUP BY amount EMIT CHANGES;',
  },
} as const satisfies Readonly<Record<string, DiagnosticEntry>>;
