import { describe, expect, test } from 'vitest';
import { parseScript } from '../../../language/index.ts';

/**
 * A statement with the place of the only message marked, its code, and the statement after the quick fix, if there is
 * one.
 */
const MISTAKES: readonly (readonly [marked: string, code: string, fixed?: string])[] = [
  ['SELECT id«,» FROM orders;', 'syntax-trailing-comma', 'SELECT id FROM orders;'],
  ['CREATE STREAM s (a INT«,»);', 'syntax-trailing-comma', 'CREATE STREAM s (a INT);'],
  ['SELECT id item «total» FROM orders;', 'syntax-missing-comma', 'SELECT id item, total FROM orders;'],
  ["INSERT INTO orders VALUES (1, 'a' «2.0»);", 'syntax-missing-comma', "INSERT INTO orders VALUES (1, 'a', 2.0);"],
  ['CREATE STREAM s (a INT «b» INT);', 'syntax-missing-comma', 'CREATE STREAM s (a INT, b INT);'],
  ['SELECT UCASE(item «FROM» orders;', 'syntax-bracket', 'SELECT UCASE(item) FROM orders;'],
  ['SELECT COUNT(*«,» id FROM orders;', 'syntax-bracket', 'SELECT COUNT(*), id FROM orders;'],
  ['SELECT COUNT(*)«)» FROM orders;', 'syntax-bracket', 'SELECT COUNT(*) FROM orders;'],
  ['SELECT ARRAY[1, 2 «FROM» orders;', 'syntax-bracket', 'SELECT ARRAY[1, 2] FROM orders;'],
  ["CREATE STREAM s (a INT «WITH» (FORMAT='JSON');", 'syntax-bracket', "CREATE STREAM s (a INT) WITH (FORMAT='JSON');"],
  ['CREATE STREAM s (a ARRAY<INT«,» b INT);', 'syntax-bracket', 'CREATE STREAM s (a ARRAY<INT>, b INT);'],
  ['SELECT CASE WHEN a THEN 1 «FROM» b;', 'syntax-bracket', 'SELECT CASE WHEN a THEN 1 END FROM b;'],
  [
    "SELECT * FROM a WHERE b = «'c EMIT CHANGES»;",
    'syntax-unclosed-quote',
    "SELECT * FROM a WHERE b = 'c' EMIT CHANGES;",
  ],
  [
    "SELECT * FROM a WHERE b = 'it«'»s' EMIT CHANGES;",
    'syntax-unclosed-quote',
    "SELECT * FROM a WHERE b = 'it''s' EMIT CHANGES;",
  ],
  ['SELECT «`a FROM b»;', 'syntax-unclosed-quote', 'SELECT `a` FROM b;'],
  ['SELECT a «/*» b FROM c;', 'syntax-unclosed-comment'],
  ['«SELCT» * FROM orders;', 'syntax-unknown-statement', 'SELECT * FROM orders;'],
  ['SELECT * «FORM» orders;', 'syntax-misspelt', 'SELECT * FROM orders;'],
  ['SELECT * FROM orders «WEHRE» id = 1;', 'syntax-misspelt', 'SELECT * FROM orders WHERE id = 1;'],
  ['SELECT * FROM orders EMIT «CHANGS»;', 'syntax-misspelt', 'SELECT * FROM orders EMIT CHANGES;'],
  ['CREATE «STREM» s (a INT);', 'syntax-misspelt', 'CREATE STREAM s (a INT);'],
  ['SHOW «STREAM»;', 'syntax-misspelt', 'SHOW STREAMS;'],
  ['SELECT * FROM a WHERE b «==» 1;', 'syntax-foreign', 'SELECT * FROM a WHERE b = 1;'],
  ['SELECT * FROM a WHERE b «&&» c;', 'syntax-foreign', 'SELECT * FROM a WHERE b AND c;'],
  ["SELECT * FROM a WHERE b = «''c''»;", 'syntax-foreign', "SELECT * FROM a WHERE b = 'c';"],
  ['SELECT * FROM a WHERE b = «“c”»;', 'syntax-foreign', "SELECT * FROM a WHERE b = 'c';"],
  ['SELECT STRUCT(a := 1, b «=» 2) FROM c;', 'syntax-foreign', 'SELECT STRUCT(a := 1, b := 2) FROM c;'],
  ['SELECT * FROM a «//» b\n;', 'syntax-foreign', 'SELECT * FROM a -- b\n;'],
  ['CREATE STREAM s (a INT) WITH (FORMAT=«"JSON"»);', 'syntax-quotes', "CREATE STREAM s (a INT) WITH (FORMAT='JSON');"],
  ['CREATE STREAM s (a INT) WITH (FORMAT=«JSON»);', 'syntax-quotes', "CREATE STREAM s (a INT) WITH (FORMAT='JSON');"],
  ["SET «auto.offset.reset» = 'earliest';", 'syntax-quotes', "SET 'auto.offset.reset' = 'earliest';"],
  ["SET «'a'» 'b';", 'syntax-missing-word', "SET 'a' = 'b';"],
  ['«SELECT» FROM orders;', 'syntax-missing-word', 'SELECT * FROM orders;'],
  ['SELECT id FROM orders «GROUP» id;', 'syntax-missing-word', 'SELECT id FROM orders GROUP BY id;'],
  ['CREATE STREAM «s» SELECT * FROM orders;', 'syntax-missing-word', 'CREATE STREAM s AS SELECT * FROM orders;'],
  ['SELECT * FROM a JOIN «b» x = y;', 'syntax-missing-word', 'SELECT * FROM a JOIN b ON x = y;'],
  [
    'SELECT a FROM b WINDOW TUMBLING «(»5 MINUTES) GROUP BY a;',
    'syntax-missing-word',
    'SELECT a FROM b WINDOW TUMBLING (SIZE 5 MINUTES) GROUP BY a;',
  ],
  ['SELECT a FROM b GROUP BY a «WHERE» a = 1;', 'syntax-order', 'SELECT a FROM b WHERE a = 1 GROUP BY a;'],
  [
    'SELECT * FROM a JOIN b ON x = y «WITHIN» 1 HOUR;',
    'syntax-order',
    'SELECT * FROM a JOIN b WITHIN 1 HOUR ON x = y;',
  ],
  ['SELECT a AS «select» FROM b;', 'syntax-reserved-word', 'SELECT a AS `SELECT` FROM b;'],
  ['CREATE STREAM «my-stream» (a INT);', 'syntax-name', 'CREATE STREAM `my-stream` (a INT);'],
  ['SELECT a FROM b «ORDER BY» a;', 'syntax-not-in-ksql'],
  ['SELECT «DISTINCT» a FROM b;', 'syntax-not-in-ksql'],
  ['SELECT a FROM b«,» c;', 'syntax-not-in-ksql'],
  ['SELECT * FROM «(»SELECT * FROM a);', 'syntax-not-in-ksql'],
  ['SELECT * «FROM»;', 'syntax-unfinished'],
  ['SELECT * FROM a WHERE b «>»;', 'syntax-unfinished'],
  ['SELECT * FROM a «EMIT»;', 'syntax-unfinished'],
  ['SELECT * FROM a WHERE b «AND» EMIT CHANGES;', 'syntax-error', 'SELECT * FROM a WHERE b EMIT CHANGES;'],
  ['SELECT * FROM «orders»', 'syntax-missing-semicolon', 'SELECT * FROM orders;'],
  ['SELECT * FROM «orders»\nSHOW STREAMS;', 'syntax-missing-semicolon', 'SELECT * FROM orders;\nSHOW STREAMS;'],
  ['«;»', 'syntax-empty', ''],
];

describe('usual mistakes', () => {
  test.each(MISTAKES.map((mistake) => [mistake[0], mistake] as const))('%s', (marked, [, code, fixed]) => {
    const start = marked.indexOf('«');
    const end = marked.indexOf('»') - 1;
    const text = marked.replace('«', '').replace('»', '');
    const [found, ...others] = parseScript(text, { dialect: 'latest' }).diagnostics;
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code, severity: 'error', range: { start, end } });
    const [fix] = found!.fixes;
    const applied = fix?.edits.reduceRight(
      (result, edit) => result.slice(0, edit.range.start) + edit.text + result.slice(edit.range.end),
      text,
    );
    if (fixed !== undefined || applied === undefined) expect(applied).toBe(fixed);
  });

  test('what is missing is missing where the text stops making sense; what it belongs to is named beside', () => {
    const text = 'SHOW TABLES;\nSELECT a, COALESCE(b, c AS d FROM e;';
    const [found] = parseScript(text, { dialect: 'latest' }).diagnostics;
    const at = (word: string) => ({ start: text.indexOf(word), end: text.indexOf(word) + word.length });
    expect(found).toMatchObject({ message: ') is missing: the ( is not closed.', range: at('AS') });
    expect(found!.related).toEqual([{ range: at('('), message: 'This ( is not closed.' }]);
    // What closes nothing may be in its place: here the one that opens is missing.
    const [unopened] = parseScript("CREATE STREAM s (a INT) WITH FORMAT='JSON');", { dialect: 'latest' }).diagnostics;
    expect(unopened).toMatchObject({ code: 'syntax-error', range: { start: 29, end: 35 }, fixes: [] });
  });

  test.each([
    ['of a source', 'SELECT o.id, p.«insert» FROM o JOIN p ON o.id = p.id;'],
    ['that is missing', 'SELECT o.id, p. «FROM» o JOIN p ON o.id = p.id;'],
  ])('a column %s does not make one name of what stands around the point', (_title, marked) => {
    const [found] = parseScript(marked.replace(/[«»]/g, ''), { dialect: 'latest' }).diagnostics;
    expect(found?.code).not.toBe('syntax-name');
    expect(Math.abs(found!.range.start - marked.indexOf('«'))).toBeLessThanOrEqual(2);
  });

  test.each([
    ['an unclosed string', "SELECT 'a FROM b;"],
    ['a quote in the middle of the next statement', "PRINT 'a;"],
    ['a word too many', 'SELECT * FROM a b c d e;'],
  ])('%s costs its neighbours nothing', (_title, broken) => {
    const { statements } = parseScript(`SHOW TABLES;\n${broken}\nSHOW STREAMS;\nSELECT 'x' FROM y;\n`, {
      dialect: 'latest',
    });
    expect(statements.map(({ diagnostics }) => diagnostics.length)).toEqual([0, 1, 0, 0]);
  });
});
