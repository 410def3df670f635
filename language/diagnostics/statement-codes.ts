import type { DiagnosticEntry } from './diagnostic-entry.ts';

/** INSERT, ALTER, DROP, CREATE OR REPLACE, queries by id, settings. */
export const STATEMENT_CODES = {
  'insert-disabled': {
    severity: 'error',
    title: 'INSERT of values where it is turned off',
    meaning: 'The server does not write single rows.',
    reason: 'ksql.insert.into.values.enabled is false.',
    given: {
      text: '`ksql.insert.into.values.enabled` is false.',
      settings: { 'ksql.insert.into.values.enabled': 'false' },
    },
    example: "INSERT INTO payments VALUES (1, 'card', 10.0);",
    corrected: 'INSERT INTO payments SELECT id, note AS method, amount AS paid FROM orders EMIT CHANGES;',
  },
  'insert-target': {
    severity: 'error',
    title: 'A source into which nothing can be written',
    meaning: 'The target is windowed, read-only, or has header columns.',
    reason: 'Its records could not be made from a row.',
    example: 'INSERT INTO per_minute (customer, n) VALUES (1, 2);',
    corrected: "INSERT INTO payments (id, method, paid) VALUES (1, 'card', 10.0);",
  },
  'insert-headers': {
    severity: 'error',
    title: 'INSERT into a header column',
    meaning: 'The columns, stated or not, include one that is read from the headers.',
    reason: 'ksqlDB writes no headers: name the other columns.',
    example:
      "CREATE STREAM traced (page STRING, trace BYTES HEADER('trace')) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON', PARTITIONS=1);\n" +
      "INSERT INTO traced (page, trace) VALUES ('home', TO_BYTES('x', 'utf8'));",
    corrected:
      "CREATE STREAM traced (page STRING, trace BYTES HEADER('trace')) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON', PARTITIONS=1);\n" +
      "INSERT INTO traced (page) VALUES ('home');",
  },
  'insert-column': {
    severity: 'error',
    title: 'INSERT into the place of a record',
    meaning: 'ROWPARTITION or ROWOFFSET is among the columns.',
    reason: 'Kafka says where a record stands. ROWTIME can be written.',
    example: 'INSERT INTO payments (id, ROWOFFSET) VALUES (1, 2);',
    corrected: 'INSERT INTO payments (id, ROWTIME) VALUES (1, 2);',
  },
  'insert-into-table': {
    severity: 'error',
    title: 'INSERT of a query into a table',
    meaning: 'The target of INSERT INTO … SELECT is a table.',
    reason: 'Two queries would overwrite the rows of each other.',
    example: 'INSERT INTO customers SELECT id, note AS name, note AS city FROM orders EMIT CHANGES;',
    corrected: 'INSERT INTO payments SELECT id, note AS method, amount AS paid FROM orders EMIT CHANGES;',
  },
  'insert-window': {
    severity: 'error',
    title: 'INSERT of windowed rows into a source without windows',
    meaning: 'The result of the query is windowed and the target is not, or the other way round.',
    reason: 'The window is part of the key.',
    example:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');\n" +
      "CREATE STREAM pages (id INT KEY, page STRING) WITH (KAFKA_TOPIC='pages', VALUE_FORMAT='JSON');\n" +
      'INSERT INTO pages SELECT id, page FROM visits EMIT CHANGES;',
    corrected:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON');\n" +
      "CREATE STREAM pages (id INT KEY, page STRING) WITH (KAFKA_TOPIC='pages', VALUE_FORMAT='JSON');\n" +
      'INSERT INTO pages SELECT id, page FROM visits EMIT CHANGES;',
  },
  'incompatible-schema': {
    severity: 'error',
    title: 'INSERT of columns that are not those of the target',
    meaning: 'Names, types or order of the selected columns differ from those of the target.',
    reason: 'Rows are written as they are selected. A DECIMAL may be widened, nothing else.',
    example: 'INSERT INTO payments SELECT id, note, amount FROM orders EMIT CHANGES;',
    corrected: 'INSERT INTO payments SELECT id, note AS method, amount AS paid FROM orders EMIT CHANGES;',
  },
  'missing-key': {
    severity: 'error',
    title: 'INSERT into a table without its key',
    meaning: 'The primary key is not among the columns.',
    reason: 'A row of a table is found by its key.',
    example: "INSERT INTO customers (name) VALUES ('Ada');",
    corrected: "INSERT INTO customers (id, name) VALUES (1, 'Ada');",
  },
  'value-count': {
    severity: 'error',
    title: 'INSERT with more or fewer values than columns',
    meaning: 'There is not one value for each column.',
    reason: 'Values are given in the order of the columns. Name those that have one.',
    example: "INSERT INTO payments VALUES (1, 'card');",
    corrected: "INSERT INTO payments (id, method) VALUES (1, 'card');",
  },
  'value-type': {
    severity: 'error',
    title: 'INSERT of a value that the column cannot have',
    meaning: 'The value has a type that is not converted to that of the column.',
    reason: 'A text stays a text, and a number has to fit.',
    example: 'INSERT INTO payments (id, method) VALUES (1, 7);',
    corrected: "INSERT INTO payments (id, method) VALUES (1, '7');",
  },
  'column-in-values': {
    severity: 'error',
    title: 'A column among the values of INSERT or ASSERT',
    meaning: 'A value names a column.',
    reason: 'There is no row that it could be taken from. A text needs single quotes.',
    example: 'INSERT INTO payments (id, method) VALUES (1, card);',
    corrected: "INSERT INTO payments (id, method) VALUES (1, 'card');",
  },
  'query-id': {
    severity: 'error',
    title: 'A query id that cannot be',
    meaning: 'The id has other characters than letters, digits and _, begins as ids of ksqlDB do, or is taken.',
    reason: 'Ids are unique, and ksqlDB makes its own.',
    example:
      "INSERT INTO payments WITH (QUERY_ID='csas_pay') SELECT id, note AS method, amount AS paid FROM orders EMIT CHANGES;",
    corrected:
      "INSERT INTO payments WITH (QUERY_ID='pay') SELECT id, note AS method, amount AS paid FROM orders EMIT CHANGES;",
  },
  'alter-create-as': {
    severity: 'error',
    title: 'ALTER of the result of a query',
    meaning: 'The source was made by CREATE AS.',
    reason: 'Its columns are those of its query: CREATE OR REPLACE changes that.',
    example: 'ALTER TABLE spending ADD COLUMN note STRING;',
    corrected: 'ALTER TABLE customers ADD COLUMN note STRING;',
  },
  'alter-source': {
    severity: 'error',
    title: 'ALTER of a read-only source',
    meaning: 'The source was made with CREATE SOURCE.',
    reason: 'It says what somebody else writes. Drop and make it anew.',
    example:
      "CREATE SOURCE TABLE prices (item STRING PRIMARY KEY) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');\n" +
      'ALTER TABLE prices ADD COLUMN price DOUBLE;',
    corrected:
      "CREATE SOURCE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
  },
  'source-kind': {
    severity: 'error',
    title: 'STREAM for a table, or TABLE for a stream',
    meaning: 'DROP or ALTER names the other kind than the source is.',
    reason: 'It guards against dropping the wrong one.',
    example: 'DROP TABLE payments;',
    corrected: 'DROP STREAM payments;',
  },
  'source-in-use': {
    severity: 'error',
    title: 'DROP of a source that others read',
    meaning: 'Queries, or sources made by queries, depend on it.',
    reason: 'They would be left without a source. Terminate and drop them first.',
    example: 'SELECT * FROM spending EMIT CHANGES;\nDROP STREAM orders;',
    corrected: 'DROP TABLE spending;',
  },
  'drop-topic': {
    severity: 'error',
    title: 'DELETE TOPIC where others need the topic',
    meaning: 'The source is read-only, or another source has the same topic.',
    reason: 'The records would be gone for both.',
    example:
      "CREATE STREAM payments_too (id INT KEY) WITH (KAFKA_TOPIC='payments', VALUE_FORMAT='JSON');\n" +
      'SELECT * FROM payments EMIT CHANGES;\nDROP STREAM payments_too DELETE TOPIC;',
    corrected: 'DROP STREAM payments DELETE TOPIC;',
  },
  'replace-source': {
    severity: 'error',
    title: 'CREATE OR REPLACE of a read-only source',
    meaning: 'The source there is, or the new one, is made with CREATE SOURCE.',
    reason: 'ksqlDB cannot replace it. Drop it first.',
    example:
      "CREATE SOURCE TABLE prices (item STRING PRIMARY KEY) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');\n" +
      "CREATE OR REPLACE TABLE prices (item STRING PRIMARY KEY) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE TABLE prices (item STRING PRIMARY KEY) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');\n" +
      "CREATE OR REPLACE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
  },
  'not-upgradeable': {
    severity: 'error',
    title: 'CREATE OR REPLACE of something too different',
    meaning: 'Kind, topic, formats, key and the columns that there are have to stay; only new columns may come behind.',
    reason: 'What was written before has to be readable still.',
    example:
      "SELECT * FROM payments;\nCREATE OR REPLACE STREAM payments (id INT KEY, paid DOUBLE) WITH (KAFKA_TOPIC='payments', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE OR REPLACE STREAM payments (id INT KEY, method STRING, paid DOUBLE, fee DOUBLE) WITH (KAFKA_TOPIC='payments', VALUE_FORMAT='JSON');",
  },
  'query-not-upgradeable': {
    severity: 'error',
    title: 'CREATE OR REPLACE with another kind of query',
    meaning: 'The new query has other steps than the running one: groups, aggregates, windows or joins have changed.',
    reason: 'The state of the running query could not be taken over. Conditions and select lists may change.',
    example:
      'CREATE OR REPLACE TABLE spending AS\n  SELECT customer, MAX(amount) AS total FROM orders GROUP BY customer EMIT CHANGES;',
    corrected:
      'CREATE STREAM large AS SELECT * FROM orders WHERE amount > 10 EMIT CHANGES;\n' +
      'CREATE OR REPLACE STREAM large AS SELECT * FROM orders WHERE amount > 20 EMIT CHANGES;',
  },
  'several-writers': {
    severity: 'error',
    title: 'CREATE OR REPLACE of something that several queries write',
    meaning: 'Besides the query that made it, INSERT INTO … SELECT writes into it.',
    reason: 'ksqlDB can replace one query. Terminate the others.',
    example:
      'CREATE STREAM large AS SELECT * FROM orders WHERE amount > 10 EMIT CHANGES;\n' +
      "INSERT INTO large SELECT * FROM orders WHERE note = 'large' EMIT CHANGES;\n" +
      'CREATE OR REPLACE STREAM large AS SELECT * FROM orders WHERE amount > 20 EMIT CHANGES;',
    corrected:
      'CREATE STREAM large AS SELECT * FROM orders WHERE amount > 10 EMIT CHANGES;\n' +
      'CREATE OR REPLACE STREAM large AS SELECT * FROM orders WHERE amount > 20 EMIT CHANGES;',
  },
  'source-table-query': {
    severity: 'error',
    title: 'TERMINATE, PAUSE or RESUME of the query of a source table',
    meaning: 'The query keeps the rows of a source table.',
    reason: 'It belongs to the table: DROP TABLE ends it.',
    given: {
      text: 'A server is connected, where the query `CST_PRICES_0` keeps the source table `prices`.',
      connected: true,
    },
    example: 'TERMINATE CST_PRICES_0;',
    corrected: 'DROP TABLE IF EXISTS prices;',
  },
  explain: {
    severity: 'error',
    title: 'EXPLAIN of a statement without a query',
    meaning: 'The statement runs no query whose plan could be shown.',
    reason: 'Only SELECT, CREATE AS and INSERT INTO … SELECT have a plan.',
    example: 'EXPLAIN SHOW STREAMS;',
    corrected: 'EXPLAIN SELECT * FROM orders EMIT CHANGES;',
  },
  'assert-schema': {
    severity: 'error',
    title: 'ASSERT SCHEMA without a schema',
    meaning: 'The statement names neither a subject nor an id, or the id is no whole number.',
    reason: 'There is nothing to look for.',
    example: 'ASSERT SCHEMA ID 1.5;',
    corrected: "ASSERT SCHEMA SUBJECT 'orders-value';",
  },
  'property-value': {
    severity: 'error',
    title: 'A setting with a value that it cannot have',
    meaning: 'SET gives the property a value that is no number, no switch, or none of those that are possible.',
    reason: 'The server would refuse every query that runs with it.',
    example: "SET 'auto.offset.reset' = 'first';",
    corrected: "SET 'auto.offset.reset' = 'earliest';",
  },
  'property-denied': {
    severity: 'warning',
    title: 'A setting that is fixed',
    meaning: 'SET names a property that only the configuration of the server can change.',
    reason: 'A server takes the statement, and the setting has no effect.',
    example: "SET 'ksql.service.id' = 'mine';",
    corrected: "SET 'auto.offset.reset' = 'earliest';",
  },
  rejected: {
    severity: 'error',
    title: 'A statement that the engine has refused',
    meaning: 'The statement was sent, and the engine or server has refused it; the message is its own.',
    reason: 'Only what runs the statement could know: a topic, a schema, a connector, what somebody else has made.',
  },
} as const satisfies Readonly<Record<string, DiagnosticEntry>>;
