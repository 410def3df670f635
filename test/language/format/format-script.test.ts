import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatScript, parseScript } from '../../../language/index.ts';
import { tokenize } from '../../../language/text/tokens.ts';
import { EXAMPLES, recordedStatements } from './recorded-statements.ts';

const options = { dialect: 'latest', testStatements: true } as const;
const format = (text: string) => formatScript(text, options);

/** The syntax trees of a script, without places; broken statements as their text. */
const treesOf = (text: string) =>
  parseScript(text, options).statements.map(({ node, text: own }) =>
    node === undefined
      ? own
      : JSON.stringify(node, (key, value) => (key.startsWith('$') && key !== '$type' ? undefined : value)),
  );

const commentsOf = (text: string) =>
  [...text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|(--[^\r\n]*|\/\*[\s\S]*?\*\/)/g)].flatMap(
    ([, comment]) => (comment === undefined ? [] : [comment.trimEnd()]),
  );

function expectFormatted(text: string): void {
  const formatted = format(text);
  expect(treesOf(formatted)).toEqual(treesOf(text));
  expect(commentsOf(formatted)).toEqual(commentsOf(text));
  expect(format(formatted)).toBe(formatted);
}

describe('formatting', () => {
  test.each<[title: string, written: string, expected: string]>([
    [
      'keywords and built-in types',
      'create stream S (a int key, B varchar);',
      'CREATE STREAM S (a INT KEY, B VARCHAR);',
    ],
    ['words that serve as names', 'select key, date as "type" from map;', 'SELECT key, date AS "type" FROM map;'],
    ['a short statement stays on its line', 'select  * from a ;', 'SELECT * FROM a;'],
    ['a broken query has a line for each clause', 'select *\nfrom a where b=1;', 'SELECT *\nFROM a\nWHERE b = 1;'],
    [
      'a query inside a statement is indented',
      'create table t as select a,count(*) as n from b window tumbling (size 1 hour) group by a emit changes;',
      'CREATE TABLE t AS\n  SELECT a, count(*) AS n\n  FROM b\n  WINDOW TUMBLING (SIZE 1 HOUR)\n  GROUP BY a\n  EMIT CHANGES;',
    ],
    [
      'a list that is broken stays broken, one entry a line',
      'SELECT a,\n  b, f(c , d)\nFROM e;',
      'SELECT a,\n       b,\n       f(c, d)\nFROM e;',
    ],
    ['also below SELECT', 'SELECT\na, b FROM c;', 'SELECT\n  a,\n  b\nFROM c;'],
    [
      'columns and properties',
      "create stream s (a int,\n b int) with (kafka_topic='s', `x`=1);",
      "CREATE STREAM s (\n  a INT,\n  b INT\n) WITH (KAFKA_TOPIC = 's', `x` = 1);",
    ],
    ['WITH on a line of its own', 'CREATE STREAM s (a INT)\nWITH (b=1);', 'CREATE STREAM s (a INT)\n  WITH (B = 1);'],
    [
      'equals signs below each other',
      "CREATE SOURCE CONNECTOR c WITH (\n 'a'   = '1',\n 'bcd' = '2'\n);",
      "CREATE SOURCE CONNECTOR c WITH (\n  'a'   = '1',\n  'bcd' = '2'\n);",
    ],
    [
      'conditions that do not fit',
      `SELECT * FROM a WHERE ${'b'.repeat(50)} = 1 and ${'c'.repeat(50)} = 2;`,
      `SELECT *\nFROM a\nWHERE ${'b'.repeat(50)} = 1\n  AND ${'c'.repeat(50)} = 2;`,
    ],
    [
      'CASE',
      'SELECT case when a=1 then 2\nelse 3 end as b FROM c;',
      'SELECT CASE\n         WHEN a = 1 THEN 2\n         ELSE 3\n       END AS b\nFROM c;',
    ],
    [
      'operators, lambdas, subscripts, types',
      'select -a - -b, transform(c,(x,y)=>x+y), d[ 1 ]->e, cast(f as array<map<string,int>>) from g;',
      'SELECT -a - -b, transform(c, (x, y) => x + y), d[1]->e, CAST(f AS ARRAY<MAP<STRING, INT>>)\nFROM g;',
    ],
    [
      'comments stay where they are',
      '-- top\n\n\n  -- second\nselect a -- first\n , b /* last */ from c -- source\n; -- end',
      '-- top\n\n-- second\nSELECT a, -- first\n       b /* last */\nFROM c; -- source\n-- end\n',
    ],
    [
      'a broken statement stays as it is',
      'show  streams; select  a, from b;show  tables;',
      'SHOW STREAMS;\nselect  a, from b;\nSHOW TABLES;',
    ],
    ['variables and strings', "select  '${a}  b', ${c} from ${d};", "SELECT '${a}  b', ${c} FROM ${d};"],
    ['line ends of Windows', 'SELECT *\r\nFROM a;\r\nshow tables;', 'SELECT *\r\nFROM a;\r\nSHOW TABLES;\r\n'],
    ['an empty script', ' \n\n', ''],
  ])('%s', (_title, written, expected) => {
    const newline = expected.includes('\r\n') ? '\r\n' : '\n';
    expect(format(written)).toBe(expected === '' ? '' : expected.trimEnd() + newline);
    expectFormatted(written);
  });

  test.each(EXAMPLES)('the example %s is formatted', (_name, text) => {
    expect(format(text)).toBe(text);
  });

  test('changes neither meaning nor comments of any recorded statement, and nothing the second time', () => {
    for (const text of recordedStatements()) expectFormatted(text);
  }, 120_000);

  test('blanks, line breaks, comments and the case of keywords anywhere change no meaning', () => {
    const pieces = EXAMPLES.flatMap(([, text]) =>
      parseScript(text, options).statements.map((statement) => statement.text),
    );
    const blank = fc.constantFrom(
      ' ',
      '\n',
      '\n\n',
      '  ',
      ' -- c\n',
      ' /* c */ ',
      '\n-- own\n',
      '\n/* a\n b */\n',
      '\t',
    );
    const noise = fc.array(fc.tuple(fc.nat({ max: 40 }), blank), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...pieces), noise), { minLength: 1, maxLength: 3 }), (statements) =>
        expectFormatted(statements.map(([text, blanks]) => withBlanks(text, blanks)).join('')),
      ),
      { numRuns: 300 },
    );
  });
});

/** Puts blanks and comments between the tokens of a text. */
function withBlanks(text: string, blanks: readonly (readonly [number, string])[]): string {
  const ends = tokenize(text).map(({ end }) => end);
  let result = text;
  for (const [token, blank] of [...blanks].sort((a, b) => b[0] - a[0])) {
    const at = ends[token];
    if (at !== undefined) result = result.slice(0, at) + blank + result.slice(at);
  }
  return result;
}
