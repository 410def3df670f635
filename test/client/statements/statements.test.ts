import { describe, expect, test } from 'vitest';
import {
  previewQuery,
  scriptStatements,
  sessionAt,
  statementAt,
} from '../../../client/statements/script-statements.ts';
import { jsonCases } from '../../../client/testing/json-cases.ts';
import { errorPlace, shortMessage } from '../../../language/text/error-place.ts';

const SCRIPT = `SET 'auto.offset.reset' = 'earliest';
-- a comment; not a statement
SELECT * FROM a EMIT CHANGES;   SELECT * FROM a;

CREATE STREAM b AS SELECT * FROM a;
`;

describe('statements of a script', () => {
  test.each([
    ["SET 'a' = 'b';", 'session'],
    ['SELECT * FROM a EMIT CHANGES;', 'push'],
    ['SELECT * FROM a WHERE id = 1;', 'pull'],
    ["PRINT 'topic' FROM BEGINNING;", 'print'],
    ['create stream b as select * from a;', 'create-as'],
    ['CREATE STREAM b (a INT) WITH (x = 1);', 'other'],
    ['INSERT INTO b SELECT * FROM a;', 'insert-select'],
    ['INSERT INTO b VALUES (1);', 'insert-values'],
    ['-- only a comment\nDROP STREAM b;', 'other'],
  ])('%s is %s', (text, form) => {
    expect(scriptStatements(text).map((statement) => statement.form)).toEqual([form]);
  });

  test.each([
    ['inside a statement', SCRIPT.indexOf('FROM a EMIT'), 'SELECT * FROM a EMIT CHANGES;'],
    ['in a comment above one', SCRIPT.indexOf('comment'), 'SELECT * FROM a EMIT CHANGES;'],
    ['at the end of a line', SCRIPT.indexOf(';\n\nCREATE') + 1, 'SELECT * FROM a;'],
    ['at the end of the file', SCRIPT.length, undefined],
  ])('the cursor %s', (_title, offset, expected) => {
    expect(statementAt(SCRIPT, offset)?.text).toBe(expected);
  });

  test('settings above a statement hold for it, those below do not', () => {
    const script = `SET 'a' = '1'; DEFINE Topic = 'x'; UNSET 'c'; SELECT 1; SET 'b' = '2';`;
    const session = sessionAt(script, script.indexOf('SELECT'), {
      properties: { c: '3', d: '4' },
      variables: { of: 'project' },
    });
    expect(Object.fromEntries(session.properties)).toEqual({ a: '1', d: '4' });
    expect(session.sentVariables()).toEqual({ Topic: 'x', of: 'project' });
  });

  test('a preview runs the query and creates nothing', () => {
    expect(previewQuery('CREATE STREAM b AS SELECT x FROM a;')).toBe('SELECT x FROM a\nEMIT CHANGES;');
    expect(previewQuery('INSERT INTO b SELECT x FROM a EMIT CHANGES;')).toBe('SELECT x FROM a EMIT CHANGES;');
    expect(previewQuery('DROP STREAM b;')).toBeUndefined();
  });
});

describe('the place of an error', () => {
  const statement = 'SELECT userid,\n  name FROM clicks;';
  const at = (message: string) => {
    const { start, end } = errorPlace(message, statement);
    return statement.slice(start, end);
  };
  test.each([
    ["line 2:3: mismatched input 'name'", 'name'],
    ["Column 'USERID' cannot be resolved.", 'userid'],
    ['CLICKS does not exist.', 'clicks'],
    ['Something else went wrong.', 'SELECT'],
  ])('%s', (message, expected) => {
    expect(at(message)).toBe(expected);
  });

  test('the statement is not repeated', () => {
    expect(shortMessage('It failed.\nStatement: SELECT 1;')).toBe('It failed.');
  });
});

describe('cases of a JSON file', () => {
  test('are found where their names stand', () => {
    const text = JSON.stringify({
      comments: [],
      tests: [
        { name: 'one "quoted"', statements: ['…'], topics: [{ name: 'two' }] },
        { name: 'no case', other: true },
        { name: 'two', statements: ['…'] },
      ],
    });
    expect(jsonCases(text).map(({ name }) => name)).toEqual(['one "quoted"', 'two']);
    for (const { start } of jsonCases(text)) expect(text.slice(start)).toMatch(/^"name":/);
    expect(jsonCases('{"tests": [{"name": "x"')).toEqual([]);
    expect(jsonCases('{"scripts": {}}')).toEqual([]);
  });
});
