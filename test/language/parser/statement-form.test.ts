import { expect, test } from 'vitest';
import { STATEMENT_DOCS } from '../../../language/documentation/statement-docs.ts';
import { parseScript } from '../../../language/index.ts';
import { statementFormIn, statementFormOf } from '../../../language/parser/statement-form.ts';

const MORE = [
  'SELECT emit FROM a;',
  'SELECT a.emit, b AS emit FROM a WHERE emit = 1 EMIT FINAL;',
  'select x from a emit changes limit 3;',
  "INSERT INTO b WITH (QUERY_ID = 'q') SELECT * FROM a EMIT CHANGES;",
  'CREATE OR REPLACE TABLE b WITH (PARTITIONS = 1) AS SELECT * FROM a;',
  "CREATE STREAM b (`SELECT` INT, `FROM` INT) WITH (KAFKA_TOPIC = 'as select', VALUE_FORMAT = 'JSON');",
  'INSERT INTO b (`SELECT`) VALUES (1);',
];

test('a statement is the same whether its tree is read or its words', () => {
  const parsed = [...STATEMENT_DOCS.map(({ example }) => example), ...MORE].flatMap(
    (text) => parseScript(text, { dialect: 'latest', testStatements: true }).statements,
  );
  const read = parsed.flatMap(({ node, text }) => (node === undefined ? [] : [[text, statementFormOf(node)]]));
  expect(read.length).toBeGreaterThan(40);
  expect(read.map(([text]) => [text, statementFormIn(text!)])).toEqual(read);
});

test.each([
  ['SELECT x FROM a EMIT', 'push'],
  ['SELECT x FROM a EMIT CHA', 'push'],
  ['SELECT x, FROM a', 'pull'],
  ['CREATE TABLE b AS SELECT', 'create-as'],
  ['INSERT INTO b SELECT', 'insert-select'],
])('%s, which is being written, is %s already', (text, form) => {
  expect(statementFormIn(text)).toBe(form);
});
