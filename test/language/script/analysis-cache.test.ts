import fc from 'fast-check';
import { expect, test } from 'vitest';
import { schemaToString } from '../../../language/types/schema.ts';
import { analyze } from './script-fixture.ts';

/** Statements that make, change, read and remove the same few sources, so that their order decides what they mean. */
const STATEMENTS = [
  "CREATE STREAM a (id INT KEY, x INT) WITH (KAFKA_TOPIC='a', PARTITIONS=1, VALUE_FORMAT='JSON');",
  "CREATE STREAM a (id INT KEY, x STRING, y INT) WITH (KAFKA_TOPIC='a', PARTITIONS=1, VALUE_FORMAT='JSON');",
  "CREATE TABLE a (id INT PRIMARY KEY, x INT) WITH (KAFKA_TOPIC='a', PARTITIONS=1, VALUE_FORMAT='JSON');",
  'CREATE STREAM b AS SELECT id, x + 1 AS x FROM a;',
  'CREATE TABLE c AS SELECT x, COUNT(*) AS n FROM a GROUP BY x;',
  'ALTER STREAM a ADD COLUMN z t;',
  'SELECT * FROM c;',
  'SELECT z FROM a EMIT CHANGES;',
  'INSERT INTO b SELECT id, x FROM a;',
  'DROP STREAM b;',
  'DROP STREAM a;',
  'CREATE TYPE t AS STRUCT<p INT, q STRING>;',
  'CREATE TYPE t AS INT;',
  'DROP TYPE t;',
  "SET 'ksql.dialect'='2018';",
  "SET 'ksql.dialect'='latest';",
];

/** What an analysis found, without the places. */
function outcome(text: string) {
  const { diagnostics, metastore, statements } = analyze(text);
  return {
    diagnostics: diagnostics.map(({ code, message, statement }) => ({ code, message, statement })),
    sources: [...metastore.sources.values()].map(
      ({ name, kind, schema }) => `${kind} ${name} ${schemaToString(schema)}`,
    ),
    kinds: statements.map((statement) => statement?.kind),
  };
}

let unique = 0;

/** The same script in a text that was never analysed. */
const unseen = (statements: readonly string[]): string =>
  statements.map((statement) => statement.replace(' ', `/*${unique++}*/ `)).join('\n');

test('remembered meanings are those that a fresh analysis finds', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STATEMENTS), { maxLength: 12 }), (statements) => {
      expect(outcome(statements.join('\n'))).toEqual(outcome(unseen(statements)));
    }),
    { numRuns: 300 },
  );
});

test('diagnostics move with their statement', () => {
  const statement = 'SELECT nope FROM clicks EMIT CHANGES;';
  const placeAfter = (before: string) => {
    const text = before + statement;
    const [diagnostic] = analyze(text).diagnostics;
    return text.slice(diagnostic!.range.start, diagnostic!.range.end);
  };
  expect(placeAfter('')).toBe('nope');
  expect(placeAfter('SHOW TOPICS;\n\n')).toBe('nope');
});
