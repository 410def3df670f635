import { expect, test } from 'vitest';
import { STATEMENT_DOCS } from '../../../language/documentation/statement-docs.ts';
import { expectedAfter, namedTokens } from '../../../language/parser/expected-tokens.ts';
import { parseStatementText } from '../../../language/parser/ksql-parser.ts';

const STATEMENTS = [
  ...STATEMENT_DOCS.map(({ example }) => example),
  'SELECT a, b->c AS d FROM x y LEFT JOIN z WITHIN 1 HOUR GRACE PERIOD 1 DAY ON y.a = z.a WHERE NOT a IS NULL AND b IN (1, 2) EMIT CHANGES LIMIT 3;',
  "SELECT CASE WHEN a BETWEEN 1 AND 2 THEN 'x' ELSE CAST(b AS DECIMAL(3, 2)) END, f(x => x + 1, DAYS) FROM t WINDOW HOPPING (SIZE 1 DAY, ADVANCE BY 1 HOUR, GRACE PERIOD 0 SECONDS) GROUP BY (a, b) HAVING COUNT(*) > 1 EMIT FINAL;",
  "CREATE OR REPLACE TABLE IF NOT EXISTS t (a ARRAY<STRUCT<b INT>> PRIMARY KEY, c MAP<STRING, INT>, d BYTES HEADER('x')) WITH (KAFKA_TOPIC = 'a', PARTITIONS = -1);",
];

test.each(STATEMENTS)('each token of %s is expected where it stands', (statement) => {
  const tokens = namedTokens(statement);
  const unexpected = tokens.filter(({ name }, i) => {
    const { words, names, texts } = expectedAfter(tokens.slice(0, i));
    const asWord = words.some(({ text }) => text.split(' ')[0] === name);
    return !asWord && names.size === 0 && texts.size === 0 && !/_VALUE$/.test(name);
  });
  expect(unexpected).toEqual([]);
});

/** What is put at an end first, so that a text comes to its own. */
const CLOSING = [';', ')', ']', '>', 'END', 'WHEN'];
const OPENING = ['FROM', 'THEN', 'AS', ':=', '=>', '=', ','];

/** A text that goes on to the end of a statement by what is expected, step by step. */
function finished(text: string): string {
  for (let whole = text, steps = 0; !whole.endsWith(';'); steps++) {
    const { words, names, texts } = expectedAfter(namedTokens(whole));
    const first = (wanted: readonly string[]) => wanted.find((word) => words.some((each) => each.text === word));
    const next =
      first(CLOSING) ??
      (names.size > 0 ? 'x' : undefined) ??
      first(OPENING) ??
      words.find((word) => /^[A-Z]/.test(word.text))?.text;
    whole += ` ${next ?? (texts.size > 0 ? "'t'" : '1')}`;
    if (next === ';' || steps > 60) return whole;
  }
  return text;
}

test('each word that is expected goes on to a statement that the parser takes', { timeout: 60_000 }, () => {
  const refused: string[] = [];
  for (const statement of STATEMENTS.slice(-5)) {
    for (const { start } of namedTokens(statement)) {
      const before = statement.slice(0, start);
      for (const { text } of expectedAfter(namedTokens(before)).words) {
        const whole = finished(`${before} ${text}`);
        const parsed = parseStatementText(whole);
        if (parsed.kind !== 'parsed' || parsed.result.parserErrors.length > 0)
          refused.push(`${before} [${text}] ${whole}`);
      }
    }
  }
  expect(refused).toEqual([]);
});

test('what is missing or too much before a place does not hide what may follow there', () => {
  const after = (text: string) => expectedAfter(namedTokens(text)).words.map(({ text: word }) => word);
  expect(after('SELECT a, FROM x')).toContain('WHERE');
  expect(after('SELECT FROM x')).toContain('WHERE');
  expect(after('SELECT a FROM x ) )')).toContain('GROUP BY');
});

test('a long statement is read in time that grows with it', () => {
  const items = Array.from({ length: 2_000 }, (_, i) => `f(a${i}, b + 1) AS c${i}`).join(', ');
  expect(expectedAfter(namedTokens(`SELECT ${items} FROM x WHERE `)).names).toContain('NamedExpression.name');
});
