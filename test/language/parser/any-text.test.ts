import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyzeScript, EMPTY_METASTORE, formatScript, parseScript } from '../../../language/index.ts';
import { tokenize } from '../../../language/text/tokens.ts';
import { complete } from '../../../server/completion/complete.ts';
import { scriptAt } from '../../server/script.ts';
import { EXAMPLES } from '../format/recorded-statements.ts';

const options = { dialect: 'latest', testStatements: true } as const;
const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: true } as const;
const statements = EXAMPLES.flatMap(([, text]) =>
  parseScript(text, options).statements.map((statement) => statement.text),
);

/** Runs everything that reads scripts over a text; none of it may throw, and all places must lie inside the text. */
function readInEveryWay(text: string): void {
  const parsed = parseScript(text, options);
  const { diagnostics } = analyzeScript(parsed, EMPTY_METASTORE, settings);
  let end = 0;
  for (const { range, text: own } of parsed.statements) {
    expect(range.start).toBeGreaterThanOrEqual(end);
    expect(text.slice(range.start, range.end)).toBe(own);
    end = range.end;
  }
  for (const { range, fixes } of [...parsed.diagnostics, ...diagnostics]) {
    for (const { start, end: last } of [range, ...fixes.flatMap((fix) => fix.edits.map((edit) => edit.range))]) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(last).toBeGreaterThanOrEqual(start);
      expect(last).toBeLessThanOrEqual(text.length);
    }
  }
  for (const { diagnostics: own } of parsed.statements) expect(own.length).toBeLessThanOrEqual(1);
  const formatted = formatScript(text, options);
  expect(formatScript(formatted, options)).toBe(formatted);
  const { script } = scriptAt(text);
  for (const offset of [0, text.length >> 1, text.length]) complete(script, script.document.positionAt(offset));
}

/** Statements with tokens left out, doubled or swapped, and cut off somewhere. */
const mutated = fc
  .record({
    text: fc.constantFrom(...statements),
    changes: fc.array(fc.tuple(fc.constantFrom('drop', 'double', 'swap', 'quote'), fc.nat({ max: 60 })), {
      maxLength: 4,
    }),
    cut: fc.option(fc.nat({ max: 400 }), { freq: 4 }),
  })
  .map(({ text, changes, cut }) => {
    const pieces = tokenize(text).map(({ start, end }) => text.slice(start, end));
    for (const [change, place] of changes) {
      const at = place % pieces.length;
      if (change === 'drop') pieces.splice(at, 1);
      else if (change === 'double') pieces.splice(at, 0, pieces[at]!);
      else if (change === 'quote') pieces.splice(at, 0, ["'", '"', '`', '/*'][place % 4]!);
      else pieces.splice(at, 2, ...pieces.slice(at, at + 2).reverse());
      if (pieces.length === 0) break;
    }
    const joined = pieces.join(' ');
    return cut === null ? joined : joined.slice(0, cut);
  });

describe('any text', () => {
  test('scripts with mistakes', () => {
    fc.assert(
      fc.property(fc.array(mutated, { maxLength: 3 }), (texts) => readInEveryWay(texts.join('\n'))),
      { numRuns: 250 },
    );
  }, 60_000);

  test('random characters', () => {
    const character = fc.constantFrom(...` \n\t;,()[]<>'"\`-/*$\{}=:.@\\aZ_09é€😀\uD800\uFEFF`.split(''));
    fc.assert(fc.property(fc.string({ unit: character, maxLength: 60 }), readInEveryWay), { numRuns: 400 });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }), readInEveryWay), { numRuns: 200 });
  }, 60_000);

  test('one broken statement costs one diagnostic, and its neighbours none', () => {
    const whole = fc.constantFrom(...statements);
    const broken = fc.constantFrom(
      'SELECT FROM;',
      'CREATE STREAM;',
      'SELECT (a FROM b;',
      'x;',
      ';',
      'SELECT a b c FROM d;',
      'SELECT # FROM x;',
    );
    fc.assert(
      fc.property(fc.array(whole), broken, fc.array(whole), (before, wrong, after) => {
        const parsed = parseScript([...before, wrong, ...after].join('\n'), options);
        expect(parsed.diagnostics).toHaveLength(1);
        expect(parsed.diagnostics[0]!.statement).toBe(before.length);
        expect(parsed.statements).toHaveLength(before.length + 1 + after.length);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['2,000 parentheses', `SELECT ${'('.repeat(2000)}a${')'.repeat(2000)} FROM b;`],
    ['2,000 parentheses that are not closed', `SELECT ${'('.repeat(2000)}a FROM b;`],
    ['300 parentheses', `SELECT ${'('.repeat(300)}a${')'.repeat(300)} FROM b;`],
    ['2,000 nested calls', `SELECT ${'ABS('.repeat(2000)}a${')'.repeat(2000)} FROM b;`],
    ['2,000 nested types', `CREATE STREAM s (a ${'ARRAY<'.repeat(2000)}INT${'>'.repeat(2000)});`],
    ['2,000 operators', `SELECT a ${'+ a '.repeat(2000)} FROM b;`],
    ['2,000 conditions with a mistake at the end', `SELECT * FROM a WHERE ${'b = 1 AND '.repeat(2000)} c d e f;`],
    ['a list of 5,000', `SELECT * FROM a WHERE b IN (${'1, '.repeat(5000)}2);`],
    ['a broken list of 5,000', `SELECT * FROM a WHERE b IN (${'1, '.repeat(5000)};`],
    ['a long string that is not closed', `SELECT '${'a '.repeat(20_000)} FROM b;`],
    ['many quotes', `${"'".repeat(10_001)}`],
    ['a comment that is not closed', `SELECT a FROM b;\n/* ${'* '.repeat(20_000)}`],
    ['semicolons', ';'.repeat(300)],
  ])('%s', (_title, text) => readInEveryWay(text), 60_000);
});
