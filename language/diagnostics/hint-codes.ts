import type { DiagnosticEntry } from './diagnostic-entry.ts';

/** What is right, and may not be what was meant. */
export const HINT_CODES = {
  'latest-misses-rows': {
    severity: 'hint',
    title: 'A push query that begins after the rows that are there',
    meaning: 'The script writes rows into the source, and the query reads from the end of its topic.',
    reason:
      "A new query begins at `auto.offset.reset`, which is `latest` unless it is set. With `SET 'auto.offset.reset' = 'earliest';` it reads what is there already.",
    example: "INSERT INTO orders (id, note) VALUES (1, 'first');\nSELECT * FROM orders EMIT CHANGES;",
    corrected:
      "SET 'auto.offset.reset' = 'earliest';\nINSERT INTO orders (id, note) VALUES (1, 'first');\nSELECT * FROM orders EMIT CHANGES;",
  },
  'unbounded-state': {
    severity: 'hint',
    title: 'State that grows with every new group',
    meaning: 'The query keeps one row for each group, for as long as it runs.',
    reason: 'Without a window no group ever ends. Give it a window where groups are of their time: days, sessions.',
    example: 'CREATE TABLE totals AS SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer EMIT CHANGES;',
    corrected:
      'CREATE TABLE totals AS SELECT customer, SUM(amount) AS total FROM orders WINDOW TUMBLING (SIZE 1 DAY) GROUP BY customer EMIT CHANGES;',
  },
  'final-waits': {
    severity: 'hint',
    title: 'Final results wait for newer rows',
    meaning: 'With EMIT FINAL a window is given out once, when it is over.',
    reason:
      'It is over when a row comes whose time is past its end and its grace period, in the same partition: where rows cease, the last windows stay with the query. EMIT CHANGES gives every change at once.',
    example:
      'CREATE TABLE n AS SELECT customer, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY customer EMIT FINAL;',
    corrected:
      'CREATE TABLE n AS SELECT customer, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY customer EMIT CHANGES;',
  },
  'filter-deletes': {
    severity: 'hint',
    title: 'A row that no longer matches is deleted',
    meaning: 'The condition looks at columns of a table that are no key, and those change.',
    reason:
      'Whenever a row stops matching, the result gets a delete for its key, also for keys that never matched. A condition on the key cannot change.',
    example: "CREATE TABLE local AS SELECT * FROM customers WHERE city = 'Bonn' EMIT CHANGES;",
    corrected: 'CREATE TABLE local AS SELECT * FROM customers WHERE id < 100 EMIT CHANGES;',
  },
  'full-scan': {
    severity: 'hint',
    title: 'A pull query that reads the whole table',
    meaning: 'The condition does not say which keys are wanted.',
    reason: 'Every row of the table is read for each answer. By its key a row is found at once.',
    example: 'SELECT * FROM spending WHERE total > 100;',
    corrected: 'SELECT * FROM spending WHERE customer = 100;',
  },
  'join-repartition': {
    severity: 'hint',
    title: 'A join by something that is not the key',
    meaning: 'One side of the join is spread anew, by what it is joined on.',
    reason:
      'Its rows go through a topic of their own first, which costs time and space, and their order across keys is lost. A stream that has that key already is joined as it is.',
    example:
      'SELECT o.id, p.method FROM orders o JOIN payments p WITHIN 1 HOUR GRACE PERIOD 1 HOUR ON o.customer = p.id EMIT CHANGES;',
    corrected:
      'SELECT o.id, p.method FROM orders o JOIN payments p WITHIN 1 HOUR GRACE PERIOD 1 HOUR ON o.id = p.id EMIT CHANGES;',
  },
  'text-order': {
    severity: 'hint',
    title: 'Numbers that are compared as texts',
    meaning: 'Both sides of the comparison are texts, and one looks like a number.',
    reason: "Texts are ordered letter by letter: '9' comes after '10'. Cast the other side to a number.",
    example: "SELECT * FROM orders WHERE note < '10' EMIT CHANGES;",
    corrected: 'SELECT * FROM orders WHERE CAST(note AS INT) < 10 EMIT CHANGES;',
  },
  'unused-source': {
    severity: 'hint',
    title: 'A source that nothing reads',
    meaning: 'The script, or its project, has queries, and none of its statements names this source.',
    reason: 'It may be left from before. What other programs read stays as it is, of course.',
    example:
      "CREATE STREAM unused (a INT) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON', PARTITIONS = 1);\nSELECT id FROM payments EMIT CHANGES;",
    corrected: 'SELECT id FROM payments EMIT CHANGES;',
  },
  'unused-column': {
    severity: 'hint',
    title: 'A column that nothing reads',
    meaning: 'The statements that read the source name other columns of it only.',
    reason: 'What is not declared need not be read from the records.',
    example:
      "CREATE STREAM visits (id INT KEY, page STRING, seen BIGINT) WITH (KAFKA_TOPIC = 'v', VALUE_FORMAT = 'JSON', PARTITIONS = 1);\nSELECT id, page FROM visits EMIT CHANGES;",
    corrected:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC = 'v', VALUE_FORMAT = 'JSON', PARTITIONS = 1);\nSELECT id, page FROM visits EMIT CHANGES;",
  },
  'ignore-comment': {
    severity: 'warning',
    title: 'A comment that is to hide a message, and does not',
    meaning: '`-- ksql-ignore CODE: reason` names a code that there is, and says why.',
    reason: 'Whoever reads the script later has to know what is hidden, and why that is right.',
    example: '-- ksql-ignore unbounded-state\nSELECT id FROM payments EMIT CHANGES;',
    corrected: '-- ksql-ignore unbounded-state: there are few customers\nSELECT id FROM payments EMIT CHANGES;',
  },
} as const satisfies Readonly<Record<string, DiagnosticEntry>>;
