import { expect, test } from 'vitest';
import { ProjectFile } from '../../language/project/project-file.ts';
import { neededStatements } from '../../server/features/needed-statements.ts';

const MAIN = `CREATE TABLE totals AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;
CREATE STREAM orders (id INT KEY, item STRING, place address) WITH (KAFKA_TOPIC = 'o', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE STREAM unrelated (orders INT) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
`;
const TYPES = 'CREATE TYPE address AS STRUCT<city STRING>;\nCREATE STREAM orders (x INT);\n';

function needsOf(text: string, present?: { readonly sources: readonly string[]; readonly types: readonly string[] }) {
  const files = [MAIN, TYPES].map((script, i) => new ProjectFile(`file:///${i}.ksql`, script));
  const named = (names: readonly string[]) => new Map(names.map((name) => [name, undefined]));
  const there = present && { sources: named(present.sources), types: named(present.types) };
  return neededStatements(text, files, there).map(({ uri, name }) => `${uri.at(-6)} ${name}`);
}

test.each([
  // A statement's own file comes first; what another needs comes before it, wherever it stands.
  ['SELECT * FROM totals EMIT CHANGES;', ['1 ADDRESS', '0 ORDERS', '0 TOTALS']],
  ["INSERT INTO orders VALUES (1, 'a');", ['1 ADDRESS', '0 ORDERS']],
  [
    'SELECT o.item FROM unrelated u JOIN orders o WITHIN 1 HOUR ON u.x = o.id;',
    ['1 ADDRESS', '0 ORDERS', '0 UNRELATED'],
  ],
  ['DESCRIBE unrelated;', ['0 UNRELATED']],
  ['SELECT orders FROM nobody_makes_it EMIT CHANGES;', []],
  [MAIN.split('\n')[0]!, ['1 ADDRESS', '0 ORDERS']],
])('%s', (text, expected) => {
  expect(needsOf(text)).toEqual(expected);
});

test('what the server has is not needed', () => {
  expect(needsOf('SELECT * FROM totals EMIT CHANGES;', { sources: ['ORDERS'], types: [] })).toEqual(['0 TOTALS']);
  expect(needsOf('SELECT * FROM totals EMIT CHANGES;', { sources: [], types: ['ADDRESS'] })).toEqual([
    '0 ORDERS',
    '0 TOTALS',
  ]);
  expect(needsOf('SELECT * FROM totals EMIT CHANGES;', { sources: ['TOTALS'], types: [] })).toEqual([]);
});
