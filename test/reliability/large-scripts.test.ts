import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { compileExpression } from '../../engine/compile/expression.ts';
import { analyzeScript, EMPTY_METASTORE, formatScript, parseScript } from '../../language/index.ts';
import { MOST_NESTED } from '../../language/parser/fragments.ts';
import { complete } from '../../server/features/completion.ts';
import { diagnose } from '../../server/features/diagnostics.ts';
import { hover } from '../../server/features/hover.ts';
import { semanticTokens } from '../../server/features/semantic-tokens.ts';
import { ScriptStore } from '../../server/script-store.ts';

const TIMEOUT_MS = 60_000;
const options = { dialect: 'latest' } as const;
const settings = { ...options, properties: new Map<string, string>(), variables: new Map<string, string>() };
const SOURCE =
  'CREATE STREAM s (a INT, t STRING, b BOOLEAN, n ARRAY<INT>) ' +
  "WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);\n";
const selecting = (expression: string) => `${SOURCE}SELECT ${expression} AS x FROM s EMIT CHANGES;`;

function errorsOf(script: string) {
  const { diagnostics } = analyzeScript(parseScript(script, options), EMPTY_METASTORE, settings);
  return diagnostics.filter(({ severity }) => severity === 'error');
}

/** The value of the one select item of a script for a row. */
function computed(script: string): unknown {
  const { statements } = analyzeScript(parseScript(script, options), EMPTY_METASTORE, settings);
  const [, query] = statements;
  if (query?.kind !== 'select') throw new TypeError(`No query: ${JSON.stringify(errorsOf(script))}`);
  const failed = (cause: unknown) => {
    throw cause;
  };
  return compileExpression(query.query.output.columns[0]!.expression, failed)([1, 'x', true, [1]]);
}

/** Everything that an editor does with a script. */
async function readInEveryWay(text: string): Promise<void> {
  const document = TextDocument.create('file:///large.ksql', 'ksql', 1, text);
  const script = new ScriptStore().get(document);
  diagnose(script);
  semanticTokens(script);
  for (const offset of [0, text.length >> 1, text.length - 2]) {
    await hover(script, document.positionAt(offset), async () => undefined);
    complete(script, document.positionAt(offset));
  }
  formatScript(text, options);
}

/** Far beyond the length at which code that recurses along a chain overflows the stack: some 2,000. */
const LENGTH = 5_000;

describe('long chains', () => {
  const chain = (operand: string, operator: string) => Array(LENGTH).fill(operand).join(operator);
  test.each<[string, string, unknown]>([
    ['AND', chain('a > 0', ' AND '), true],
    ['OR', chain('a > 1', ' OR '), false],
    ['+', chain('a', ' + '), LENGTH],
    ['+ behind a comparison', `0 > ${chain('a', ' + ')}`, false],
    ['*', chain('a', ' * '), 1],
    ['-', chain('a', ' - '), 2 - LENGTH],
    ['||', chain('t', ' || '), 'x'.repeat(LENGTH)],
    ['WHEN', `CASE ${Array.from({ length: LENGTH }, (_, i) => `WHEN a = ${i + 2} THEN ${i}`).join(' ')} ELSE 7 END`, 7],
  ])(
    'of %s are read and computed',
    async (_operator, expression, value) => {
      const script = selecting(expression);
      expect(errorsOf(script)).toEqual([]);
      expect(computed(script)).toBe(value);
      await readInEveryWay(script);
    },
    TIMEOUT_MS,
  );

  test('of [] and -> are refused for their types', () => {
    expect(errorsOf(selecting(`n${'[1]'.repeat(LENGTH)}`)).map(({ code }) => code)).toEqual(['subscript-type']);
    expect(errorsOf(selecting(`n${'->f'.repeat(LENGTH)}`)).map(({ code }) => code)).toEqual(['struct-expected']);
  });
});

/** Nests so many levels, all told. */
const NESTED: Readonly<Record<string, (levels: number) => string>> = {
  parentheses: (levels) => selecting(`${'('.repeat(levels)}a${')'.repeat(levels)}`),
  sums: (levels) => selecting(`${'(a + '.repeat(levels)}a${')'.repeat(levels)}`),
  calls: (levels) => selecting(`${'ABS('.repeat(levels)}a${')'.repeat(levels)}`),
  casts: (levels) => selecting(`${'CAST('.repeat(levels)}a${' AS INT)'.repeat(levels)}`),
  CASE: (levels) => selecting(`${'CASE WHEN b THEN 1 ELSE '.repeat(levels)}a${' END'.repeat(levels)}`),
  arrays: (levels) => selecting(`${'ARRAY['.repeat(levels)}a${']'.repeat(levels)}`),
  structs: (levels) => selecting(`${'STRUCT(f := '.repeat(levels)}a${')'.repeat(levels)}`),
  maps: (levels) => selecting(`${"MAP('k' := ".repeat(levels)}a${')'.repeat(levels)}`),
  subscripts: (levels) => selecting(`${'n['.repeat(levels)}a${']'.repeat(levels)}`),
  lists: (levels) => selecting(`${'b IN ('.repeat(levels)}b${')'.repeat(levels)}`),
  lambdas: (levels) => {
    const calls = Array.from({ length: levels }, (_, i) => `TRANSFORM(n, x${i} => `);
    return selecting(`${calls.join('')}a${')'.repeat(levels)}`);
  },
  NOT: (levels) => selecting(`${'NOT '.repeat(levels)}b`),
  signs: (levels) => selecting(`${'- '.repeat(levels)}a`),
};

describe('nesting has one limit', () => {
  test.each(Object.keys(NESTED))(
    '%s',
    async (kind) => {
      const deepest = NESTED[kind]!(MOST_NESTED);
      expect(errorsOf(deepest)).toEqual([]);
      computed(deepest);
      await readInEveryWay(deepest);
      const tooDeep = NESTED[kind]!(MOST_NESTED + 1);
      const [error, ...others] = errorsOf(tooDeep);
      expect(others).toEqual([]);
      expect(error).toMatchObject({ code: 'expression-too-deep', statement: 1 });
      expect(error!.range.start).toBeGreaterThan(SOURCE.length + MOST_NESTED);
      await readInEveryWay(tooDeep);
    },
    TIMEOUT_MS,
  );

  test('of types', async () => {
    const nested = (levels: number) =>
      `CREATE STREAM z (x ${'ARRAY<'.repeat(levels)}INT${'>'.repeat(levels)}) WITH (KAFKA_TOPIC='z', VALUE_FORMAT='JSON', PARTITIONS=1);`;
    expect(errorsOf(nested(MOST_NESTED - 1))).toEqual([]);
    expect(errorsOf(nested(MOST_NESTED + 1))).toMatchObject([{ code: 'expression-too-deep' }]);
    await readInEveryWay(nested(MOST_NESTED + 1));
  });

  test(
    'the same in a process that has just started, with two thirds of the usual call stack',
    async () => {
      const file = path.join(import.meta.dirname, 'nested-cold.ts');
      for (const kind of ['calls', 'CASE', 'lambdas']) {
        const script = NESTED[kind]!(MOST_NESTED);
        const run = promisify(execFile)(process.execPath, ['--stack-size=650', file, script]);
        expect((await run).stdout.trim()).toBe('[]');
      }
    },
    TIMEOUT_MS,
  );

  test(
    'deep statements with a mistake never throw',
    () => {
      for (const [kind, nest] of Object.entries(NESTED)) {
        const text = nest(24);
        for (let i = 1; i <= 4; i++) {
          const at = SOURCE.length + Math.floor(((text.length - SOURCE.length) * i) / 5);
          for (const mutated of [text.slice(0, at) + text.slice(at + 1), `${text.slice(0, at)}, (${text.slice(at)}`]) {
            const { diagnostics } = parseScript(mutated, options);
            analyzeScript(parseScript(mutated, options), EMPTY_METASTORE, settings);
            formatScript(mutated, options);
            expect(diagnostics.length, kind).toBeLessThanOrEqual(2);
          }
        }
      }
    },
    TIMEOUT_MS,
  );
});

/** None of these ends within the timeout where a statement, a column or an entry costs what all others do. */
describe('long scripts', () => {
  const many = (count: number, make: (i: number) => string, separator = '\n') =>
    Array.from({ length: count }, (_, i) => make(i)).join(separator);
  test.each<[string, string]>([
    ['DEFINEs', many(10_000, (i) => `DEFINE v${i} = '${i}';`)],
    ['DEFINEs and their use', many(4_000, (i) => `DEFINE v${i} = '${i}'; SELECT \${v${i}} AS x FROM s EMIT CHANGES;`)],
    [
      'variables in strings that nobody has defined',
      SOURCE + many(6_000, (i) => `DEFINE v${i} = 'x';SELECT '\${none} \${no} \${nor}' AS x FROM s EMIT CHANGES;`),
    ],
    ['SETs', many(10_000, (i) => `SET 'ksql.functions.f${i}.x' = '${i}';`)],
    [
      'sources that are dropped again',
      many(
        4_000,
        (i) =>
          `CREATE STREAM s${i} (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);DROP STREAM s${i};`,
      ),
    ],
    ['types', many(8_000, (i) => `CREATE TYPE t${i} AS ARRAY<INT>;`)],
    [
      'columns',
      `CREATE STREAM s (${many(4_000, (i) => `c${i} INT`, ', ')}) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`,
    ],
    ['entries of a MAP', selecting(`MAP(${many(6_000, (i) => `'k${i}' := ${i}`, ', ')})`)],
    ['unnamed items', `${SOURCE}SELECT ${many(5_000, (i) => `a + ${i}`, ', ')} FROM s EMIT CHANGES;`],
    ['values of IN', selecting(`a IN (${many(10_000, (i) => String(i), ', ')})`)],
    ['aggregates', `${SOURCE}SELECT t, ${many(5_000, (i) => `SUM(a + ${i})`, ', ')} FROM s GROUP BY t EMIT CHANGES;`],
    [
      'keys of a GROUP BY',
      `${SOURCE}SELECT ${many(2_000, (i) => `a + ${i}`, ', ')}, COUNT(*) FROM s GROUP BY ${many(2_000, (i) => `a + ${i}`, ', ')} EMIT CHANGES;`,
    ],
  ])(
    '%s',
    (_title, script) => {
      expect(errorsOf(script).filter(({ code }) => code !== 'unknown-source')).toEqual([]);
      // A second time, as after a keystroke, when settings are compared with those of the first.
      expect(errorsOf(`${script}\n`).length).toBe(errorsOf(script).length);
    },
    TIMEOUT_MS,
  );

  test.each<[string, string]>([
    ['prose', many(40_000, (i) => `Lorem ipsum dolor's "sit (amet, consectetur ${i}`)],
    ['JSON', many(10_000, (i) => `{"a": ${i}, "b": [1, 2]},`)],
    ['statements that are all broken', many(1_500, (i) => `SELECT a b c${i} FROM b;`)],
    [
      'names that are all unknown',
      many(
        1_500,
        (i) =>
          `CREATE STREAM s${i} (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);SELECT a FROM none${i};`,
      ),
    ],
  ])(
    '%s',
    (_title, script) => {
      expect(errorsOf(script).length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test('a document beyond two million characters is only coloured, and says so', () => {
    const text = `SELEC nonsense;\n${' '.repeat(2_000_000)}`;
    const document = TextDocument.create('file:///long.ksql', 'ksql', 1, text);
    const script = new ScriptStore().get(document);
    expect(diagnose(script)).toMatchObject([{ code: 'file-too-long', severity: 3 }]);
    expect(complete(script, document.positionAt(5)).items.length).toBeGreaterThanOrEqual(0);
    expect(semanticTokens(script).data).toEqual([]);
    expect(errorsOf(text).map(({ code }) => code)).toEqual(['syntax-unknown-statement']);
  });
});
