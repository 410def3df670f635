import { describe, expect, test } from 'vitest';
import { parseScript } from '../../../language/index.ts';
import { tokenize } from '../../../language/text/tokens.ts';

const QUERIES = [
  'SELECT a, b FROM s WHERE a > 3 EMIT CHANGES;',
  'SELECT a + 1 AS x, UCASE(t) AS y FROM s WHERE a = 1 AND NOT b EMIT CHANGES;',
  "SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 5 MINUTES) WHERE t LIKE 'a%' GROUP BY k HAVING COUNT(*) > 3 EMIT CHANGES;",
  'SELECT a.x, b.y FROM a LEFT JOIN b WITHIN (1 HOUR, 2 HOURS) ON a.id = b.id WHERE a.x IS NOT NULL EMIT CHANGES;',
  "SELECT CASE WHEN a = 1 THEN 'one' ELSE 'many' END AS c, p->city, n[1] FROM s PARTITION BY a EMIT CHANGES;",
  'SELECT ARRAY[1, 2], MAP(1 := 2), TRANSFORM(n, x => x + 1) AS d FROM s WHERE a BETWEEN 1 AND 3 EMIT CHANGES;',
];

/** The query with one token left out, written twice, exchanged with the next, or replaced. */
function mutationsOf(query: string): string[] {
  const tokens = tokenize(query).slice(1, -1);
  return tokens.flatMap(({ start, end }, i) => {
    if (i % 2 === 1) return [];
    const own = query.slice(start, end);
    const next = tokens[i + 1];
    const swapped =
      next && query.slice(0, start) + query.slice(next.start, next.end) + query.slice(end, next.start) + own;
    return [
      query.slice(0, start) + query.slice(end),
      `${query.slice(0, end)} ${own}${query.slice(end)}`,
      `${query.slice(0, start)}=>${query.slice(end)}`,
      ...(next === undefined ? [] : [`${swapped}${query.slice(next.end)}`]),
    ];
  });
}

/** Where the error of a statement stands, from the beginning of the query. */
function placeOf(prefix: string, query: string): number | undefined {
  const [error] = parseScript(prefix + query, { dialect: 'latest' }).diagnostics;
  return error && error.range.start - prefix.length;
}

const MUTATIONS = QUERIES.flatMap(mutationsOf)
  .map((query) => ({ query, place: placeOf('', query) }))
  .filter(({ place }) => place !== undefined);

describe('an error in a query stands where it does in the query alone', () => {
  test.each([
    'CREATE STREAM x AS ',
    'CREATE OR REPLACE TABLE x AS ',
    "CREATE STREAM IF NOT EXISTS x WITH (KAFKA_TOPIC='x', VALUE_FORMAT='JSON') AS ",
    'INSERT INTO x ',
    'EXPLAIN CREATE STREAM x AS ',
  ])(
    'behind %s',
    (prefix) => {
      const moved = MUTATIONS.filter(({ query, place }) => placeOf(prefix, query) !== place);
      expect(MUTATIONS.length).toBeGreaterThan(100);
      // What a repair finds first depends on the words before the query.
      expect(moved.length).toBeLessThanOrEqual(MUTATIONS.length * 0.05);
      expect(moved.filter(({ query }) => placeOf(prefix, query)! < 0)).toEqual([]);
    },
    60_000,
  );
});
