import type { DiagnosticEntry } from './diagnostic-entry.ts';

/** Joins. */
export const JOIN_CODES = {
  'join-condition': {
    severity: 'error',
    title: 'A condition on which nothing can be joined',
    meaning: 'ON has to compare, with = alone, something of the one source with something of the other.',
    reason: 'Partners are found by key. What else has to hold belongs in WHERE.',
    example:
      'SELECT o.id FROM orders o JOIN payments p WITHIN 1 HOUR ON o.id = p.id AND o.amount = p.paid EMIT CHANGES;',
    corrected:
      'SELECT o.id FROM orders o JOIN payments p WITHIN 1 HOUR ON o.id = p.id WHERE o.amount = p.paid EMIT CHANGES;',
  },
  'join-key-types': {
    severity: 'error',
    title: 'A condition of a join with two types',
    meaning: 'The two sides of ON have different types.',
    reason: 'Keys are found by their bytes, which are different for 1 and "1". CAST one side.',
    example: 'SELECT o.id FROM orders o JOIN customers c ON o.note = c.id EMIT CHANGES;',
    corrected: 'SELECT o.id FROM orders o JOIN customers c ON CAST(o.note AS INT) = c.id EMIT CHANGES;',
  },
  'join-without-within': {
    severity: 'error',
    title: 'Two streams joined without WITHIN',
    meaning: 'A join of streams does not say how far apart partners may be.',
    reason: 'Rows would have to be kept for ever.',
    example: 'SELECT o.id, p.paid FROM orders o JOIN payments p ON o.id = p.id EMIT CHANGES;',
    corrected: 'SELECT o.id, p.paid FROM orders o JOIN payments p WITHIN 1 HOUR ON o.id = p.id EMIT CHANGES;',
  },
  'join-with-within': {
    severity: 'error',
    title: 'WITHIN in a join with a table',
    meaning: 'One side is a table, and the join has a WITHIN.',
    reason: 'A table holds the row that counts now, however old it is.',
    example: 'SELECT o.id, c.name FROM orders o JOIN customers c WITHIN 1 HOUR ON o.customer = c.id EMIT CHANGES;',
    corrected: 'SELECT o.id, c.name FROM orders o JOIN customers c ON o.customer = c.id EMIT CHANGES;',
  },
  'join-partitions': {
    severity: 'error',
    title: 'Two sources with different numbers of partitions',
    meaning: 'The topics of the two sources have different numbers of partitions.',
    reason: 'Partners are looked for in the partition of the same number. Write one into a topic with as many.',
    example:
      "CREATE STREAM refunds (id INT KEY, amount DOUBLE) WITH (KAFKA_TOPIC='refunds', VALUE_FORMAT='JSON', PARTITIONS=4);\n" +
      'SELECT o.id, r.amount FROM orders o JOIN refunds r WITHIN 1 HOUR ON o.id = r.id EMIT CHANGES;',
    corrected:
      "CREATE STREAM refunds (id INT KEY, amount DOUBLE) WITH (KAFKA_TOPIC='refunds', VALUE_FORMAT='JSON', PARTITIONS=1);\n" +
      'SELECT o.id, r.amount FROM orders o JOIN refunds r WITHIN 1 HOUR ON o.id = r.id EMIT CHANGES;',
  },
  'join-windows': {
    severity: 'error',
    title: 'A windowed source joined to one with other windows, or none',
    meaning: 'Both sides have to be windowed, both by sessions or neither.',
    reason: 'The window is part of the key, so partners have to have one alike.',
    example: 'SELECT c.name, m.n FROM customers c JOIN per_minute m ON c.id = m.customer EMIT CHANGES;',
    corrected: 'SELECT c.name, s.total FROM customers c JOIN spending s ON c.id = s.customer EMIT CHANGES;',
  },
  'self-join': {
    severity: 'error',
    title: 'A source joined to itself',
    meaning: 'The same source stands in FROM twice.',
    reason: 'ksqlDB has no self joins. Make a copy of it with CREATE AS.',
    example: 'SELECT a.id FROM orders a JOIN orders b WITHIN 1 HOUR ON a.id = b.id EMIT CHANGES;',
    corrected:
      'CREATE STREAM again AS SELECT * FROM orders EMIT CHANGES;\n' +
      'SELECT a.id FROM orders a JOIN again b WITHIN 1 HOUR ON a.id = b.id EMIT CHANGES;',
  },
  'unsupported-join': {
    severity: 'error',
    title: 'A join that does not exist',
    meaning: 'These kinds of sources cannot be joined in this order, by this kind of join, or on this column.',
    reason: 'A table is joined to a stream from the right, on its primary key, by an inner or left join.',
    example: 'SELECT c.name FROM customers c JOIN orders o ON c.id = o.customer EMIT CHANGES;',
    corrected: 'SELECT c.name FROM orders o JOIN customers c ON o.customer = c.id EMIT CHANGES;',
  },
} as const satisfies Readonly<Record<string, DiagnosticEntry>>;
