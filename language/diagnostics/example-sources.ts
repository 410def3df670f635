/** What the examples of diagnostics read, in the order in which one is made of another. */
const EXAMPLE_SOURCES: ReadonlyMap<string, string> = new Map([
  [
    'orders',
    `CREATE STREAM orders (
  id INT KEY, customer INT, amount DOUBLE, note STRING, placed TIMESTAMP,
  items ARRAY<STRING>, labels MAP<STRING, STRING>, address STRUCT<street STRING, city STRING>
) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  ],
  [
    'payments',
    `CREATE STREAM payments (id INT KEY, method STRING, paid DOUBLE)
  WITH (KAFKA_TOPIC='payments', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  ],
  [
    'customers',
    `CREATE TABLE customers (id INT PRIMARY KEY, name STRING, city STRING)
  WITH (KAFKA_TOPIC='customers', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  ],
  [
    'spending',
    `CREATE TABLE spending AS
  SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer EMIT CHANGES;`,
  ],
  [
    'per_minute',
    `CREATE TABLE per_minute AS
  SELECT customer, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY customer EMIT CHANGES;`,
  ],
]);

/** A script with the statements before it that make the sources which it, or they, name. */
export function withExampleSources(script: string): string {
  let complete = script;
  for (const [name, statement] of [...EXAMPLE_SOURCES].reverse())
    if (new RegExp(`\\b${name}\\b`).test(complete)) complete = `${statement}\n\n${complete}`;
  return complete;
}
