import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { compileExpression } from '../../engine/compile/expression.ts';
import { analyzeScript, EMPTY_METASTORE, formatScript, parseScript } from '../../language/index.ts';
import { MOST_NESTED } from '../../language/parser/fragments.ts';
import { columnLineage } from '../../language/query/lineage.ts';
import { complete } from '../../server/completion/complete.ts';
import { diagnose } from '../../server/features/diagnostics.ts';
import { hover } from '../../server/features/hover.ts';
import { semanticTokens } from '../../server/features/semantic-tokens.ts';
import { ScriptStore } from '../../server/scripts/script-store.ts';

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
      const explained = deepest.replace('SELECT', 'EXPLAIN SELECT');
      expect(errorsOf(explained)).toEqual([]);
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

  const typesInEachOther = (count: number, type: (before: string) => string) =>
    Array.from({ length: count }, (_, i) => `CREATE TYPE t${i + 1} AS ${type(`t${i}`)};`).join('\n');

  test('of types that are made of those before them', async () => {
    const deepest = `CREATE TYPE t0 AS INT;\n${typesInEachOther(MOST_NESTED, (before) => `ARRAY<${before}>`)}`;
    const use = `CREATE STREAM z (x t${MOST_NESTED}) WITH (KAFKA_TOPIC='z', VALUE_FORMAT='JSON', PARTITIONS=1);SELECT x FROM z EMIT CHANGES;`;
    expect(errorsOf(`${deepest}${use}`)).toEqual([]);
    await readInEveryWay(`${deepest}${use}`);
    const deeper = `${deepest}CREATE TYPE deeper AS STRUCT<x t${MOST_NESTED}>;`;
    expect(errorsOf(deeper)).toMatchObject([{ code: 'type-too-large', statement: MOST_NESTED + 1 }]);
  });

  test('and types of ever more parts have one, too', async () => {
    const script = `CREATE TYPE t0 AS INT;\n${typesInEachOther(16, (before) => `STRUCT<a ${before}, b ${before}>`)}`;
    const [error] = errorsOf(script);
    expect(error).toMatchObject({ code: 'type-too-large', statement: 16 });
    await readInEveryWay(script);
  });

  test(
    'of joins',
    async () => {
      const source = (i: number) =>
        `CREATE TABLE t${i} (id INT PRIMARY KEY, a INT) WITH (KAFKA_TOPIC='t${i}', VALUE_FORMAT='JSON', PARTITIONS=1);\n`;
      const joined = (count: number) => {
        const joins = Array.from({ length: count }, (_, i) => ` JOIN t${i} ON s.id = t${i}.id`).join('');
        const columns = Array.from({ length: count }, (_, i) => `, t${i}.a AS a${i}`).join('');
        const stream = "CREATE STREAM s (id INT KEY) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);";
        const tables = Array.from({ length: count }, (_, i) => source(i)).join('');
        return `${stream}${tables}CREATE STREAM j AS SELECT s.id${columns} FROM s${joins} EMIT CHANGES;`;
      };
      const script = joined(MOST_NESTED);
      expect(errorsOf(script)).toEqual([]);
      const { statements } = analyzeScript(parseScript(script, options), EMPTY_METASTORE, settings);
      const last = statements.at(-1);
      expect(last?.kind).toBe('create-as');
      if (last?.kind === 'create-as')
        expect(columnLineage(last.query).at(-1)?.from).toEqual([{ source: `T${MOST_NESTED - 1}`, column: 'A' }]);
      await readInEveryWay(script);
      expect(errorsOf(joined(MOST_NESTED + 1))).toMatchObject([{ code: 'expression-too-deep' }]);
    },
    TIMEOUT_MS,
  );

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

/**
 * What reading a script takes of the processor, in milliseconds: first when it is new, then as after a keystroke
 * elsewhere.
 */
function costOf(script: string): number {
  const start = process.threadCpuUsage();
  const first = errorsOf(script).length;
  expect(errorsOf(`${script}\n`).length).toBe(first);
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

describe('long scripts', () => {
  /** So many entries, numbered from a place on: what was parsed before is not parsed again. */
  const many = (count: number, from: number, make: (i: number) => string, separator = '\n') =>
    Array.from({ length: count }, (_, i) => make(from + i)).join(separator);
  const withProperties = "WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);";
  test.each<[title: string, length: number, make: (count: number, from: number) => string]>([
    ['DEFINEs', 1_000, (n, from) => many(n, from, (i) => `DEFINE v${i} = '${i}';`)],
    [
      'DEFINEs and their use',
      400,
      (n, from) => many(n, from, (i) => `DEFINE v${i} = '${i}'; SELECT \${v${i}} AS x FROM s EMIT CHANGES;`),
    ],
    [
      'variables in strings that nobody has defined',
      500,
      (n, from) => many(n, from, (i) => `DEFINE v${i} = 'x'; SELECT '\${no${i}} \${none}' AS x FROM s EMIT CHANGES;`),
    ],
    ['SETs', 1_500, (n, from) => many(n, from, (i) => `SET 'ksql.functions.f${i}.x' = '${i}';`)],
    [
      'sources that are dropped again',
      500,
      (n, from) => many(n, from, (i) => `CREATE STREAM s${i} (a INT) ${withProperties}DROP STREAM s${i};`),
    ],
    ['types', 800, (n, from) => many(n, from, (i) => `CREATE TYPE t${i} AS ARRAY<INT>;`)],
    ['columns', 1_000, (n, from) => `CREATE STREAM s (${many(n, from, (i) => `c${i} INT`, ', ')}) ${withProperties}`],
    ['entries of a MAP', 500, (n, from) => selecting(`MAP(${many(n, from, (i) => `'k${i}' := ${i}`, ', ')})`)],
    ['unnamed items', 500, (n, from) => selecting(many(n, from, (i) => `a + ${i}`, ', '))],
    ['values of IN', 1_000, (n, from) => selecting(`a IN (${many(n, from, (i) => String(i), ', ')})`)],
    [
      'aggregates',
      400,
      (n, from) => `${SOURCE}SELECT t, ${many(n, from, (i) => `SUM(a + ${i})`, ', ')} FROM s GROUP BY t EMIT CHANGES;`,
    ],
    [
      'keys of a GROUP BY',
      200,
      (n, from) => {
        const keys = many(n, from, (i) => `a + ${i}`, ', ');
        return `${SOURCE}SELECT ${keys}, COUNT(*) FROM s GROUP BY ${keys} EMIT CHANGES;`;
      },
    ],
    ['prose', 4_000, (n, from) => many(n, from, (i) => `Lorem ipsum dolor's "sit (amet, consectetur ${i}`)],
    ['JSON', 500, (n, from) => many(n, from, (i) => `{"a": ${i}, "b": [1, 2]},`)],
    ['statements that are all broken', 150, (n, from) => many(n, from, (i) => `SELECT a b c${i} FROM b;`)],
    [
      'names that are all unknown',
      200,
      (n, from) => many(n, from, (i) => `CREATE STREAM s${i} (a INT) ${withProperties}SELECT a FROM none${i};`),
    ],
  ])(
    'of %s cost what they are long',
    (_title, length, make) => {
      costOf(make(length / 2, 1_000_000));
      const short = [2, 3, 4].map((run) => costOf(make(length, run * 1_000_000)));
      const long = costOf(make(8 * length, 0));
      // Eight times as long; what costs the square of its length costs up to sixty-four times as much.
      expect((3 * long) / short.reduce((sum, cost) => sum + cost)).toBeLessThan(24);
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
