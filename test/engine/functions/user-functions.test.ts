import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type UserFunctionLimits, UserFunctions } from '../../../engine/functions/user-functions.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { runSqlTests } from '../../../engine/testing/sql-tests.ts';
import { NO_ENVIRONMENT } from '../../../language/functions/function.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ksql-functions-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function load(files: Readonly<Record<string, string>>, limits?: UserFunctionLimits): UserFunctions {
  const functions = new UserFunctions(folderOf(files), limits);
  cleanUps.push(() => functions.close());
  return functions;
}

/** Runs one test of the SQL dialect with the functions of a file; gives what went wrong. */
async function verdict(file: string, statements: string): Promise<string> {
  const functions = load({ 'f.ts': file });
  expect(functions.problems).toEqual([]);
  const [only] = runSqlTests('f.ksql', `--@test: f\n${statements}`, { functions: functions.definitions });
  const { verdict: result, message } = await only!.run();
  return message ?? result;
}

/** The value of an expression over one row. */
async function evaluate(functions: UserFunctions, expression: string): Promise<unknown> {
  const engine = await openEngine({
    functionFolders: [functions.folder],
    properties: { 'auto.offset.reset': 'earliest' },
  });
  cleanUps.push(() => engine.close());
  await engine.execute(`CREATE STREAM one (k INT) WITH (KAFKA_TOPIC = 'one', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
    INSERT INTO one (k) VALUES (1);`);
  const answer = await engine.ask(`SELECT ${expression} AS v FROM one EMIT CHANGES LIMIT 1;`, {
    properties: { 'auto.offset.reset': 'earliest' },
  });
  if (answer.kind === 'print') throw new TypeError('a query gives rows');
  for (let next = await answer.next(); next !== undefined; next = await answer.next())
    for (const { values } of next) return values[0];
  throw new Error('no row came');
}

const SCALAR = (body: string, more = '') =>
  `export const F = { summary: 's', parameters: { x: 'STRING' }, returns: 'STRING', evaluate(x) { ${body} } ${more} };`;

describe('values go both ways', () => {
  test.each([
    ['BOOLEAN', 'true', 'x === true', true],
    ['INTEGER', '2147483647', 'x', 2147483647],
    ['BIGINT', '42', 'x', 42],
    ['BIGINT', '9223372036854775807', "typeof x === 'bigint' ? x : null", 9223372036854775807n],
    ['DOUBLE', '1.5E0', 'x * 2', 3],
    ['STRING', "'ä€𝄞'", "x + '!'", 'ä€𝄞!'],
    ['DATE', "PARSE_DATE('1970-01-03', 'yyyy-MM-dd')", 'x + 1', 3],
    ['ARRAY<INTEGER>', 'ARRAY[3, 1, 2]', 'x.sort()', [1, 2, 3]],
    [
      'MAP<STRING, INTEGER>',
      "MAP('a' := 1)",
      "new Map([...x, ['b', 2]])",
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ],
    ['STRUCT<A INTEGER, B STRING>', "STRUCT(A := 1, B := 'b')", '({ A: x.A + 1, B: x.B })', [2, 'b']],
    ['BYTES', "TO_BYTES('ff01', 'hex')", 'x.reverse()', Uint8Array.of(1, 255)],
  ])('%s %s', async (type, literal, body, expected) => {
    const functions = load({
      'f.ts': `export const F = { summary: 's', parameters: { x: '${type}' }, returns: '${type}', evaluate: (x: unknown) => ${body} };`,
    });
    expect(functions.problems).toEqual([]);
    expect(await evaluate(functions, `F(${literal})`)).toEqual(expected);
  });

  test('DECIMAL keeps all its digits', async () => {
    const functions = load({
      'f.js': `export const F = { summary: 's', parameters: { x: 'DECIMAL(30, 2)' }, returns: 'DECIMAL(30, 2)', evaluate: (x) => x.replace('1', '7') };`,
    });
    expect(await evaluate(functions, "CAST(F(CAST('1234567890123456789012345.67' AS DECIMAL(30, 2))) AS STRING)")).toBe(
      '7234567890123456789012345.67',
    );
  });

  test('a NULL argument gives NULL without a call, unless the function takes it', async () => {
    expect(await evaluate(load({ 'f.js': SCALAR('throw new Error("called")') }), 'F(CAST(NULL AS STRING))')).toBeNull();
    const own = load({ 'f.js': SCALAR("return x === null ? 'none' : x", ', nullable: true') });
    expect(await evaluate(own, 'F(CAST(NULL AS STRING))')).toBe('none');
  });

  test('overloads and any number of arguments', async () => {
    const functions = load({
      'f.ts': `export default { name: 'total', summary: 's', overloads: [
        { parameters: { values: 'INT...' }, returns: 'INT', evaluate: (...values: number[]) => values.reduce((a, b) => a + b, 0) },
        { parameters: { text: 'STRING' }, returns: 'INT', evaluate: (text: string) => text.length },
      ] };`,
    });
    expect(await evaluate(functions, "TOTAL(1, 2, 3) * 100 + TOTAL('abcd')")).toBe(604);
  });
});

test('a table function gives rows', async () => {
  const file = `export const LETTERS = { kind: 'table', summary: 's', parameters: { x: 'STRING' }, returns: 'STRING', rows: (x: string) => [...x] };`;
  const statements = `CREATE STREAM i (k STRING KEY, t STRING) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON');
    CREATE STREAM o AS SELECT k, LETTERS(t) AS l FROM i;
    INSERT INTO i (k, t) VALUES ('a', 'xy');
    ASSERT VALUES o (k, l) VALUES ('a', 'x');
    ASSERT VALUES o (k, l) VALUES ('a', 'y');`;
  expect(await verdict(file, statements)).toBe('passed');
});

const SPREAD = `export const SPREAD = {
  kind: 'aggregate', summary: 's', parameters: { x: 'INT' }, returns: 'INT', state: 'ARRAY<INT>',
  initialize: () => [], add: (all: number[], x: number) => [...all, x],
  remove: (all: number[], x: number) => all.filter((_, i) => i !== all.indexOf(x)),
  merge: (a: number[], b: number[]) => [...a, ...b],
  result: (all: number[]) => all.length === 0 ? null : Math.max(...all) - Math.min(...all),
};`;

test('an aggregate adds, merges sessions, and undoes on a table', async () => {
  expect(
    await verdict(
      SPREAD,
      `CREATE STREAM i (k STRING KEY, x INT) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON');
       CREATE TABLE o AS SELECT k, SPREAD(x) AS s FROM i WINDOW SESSION (10 SECONDS) GROUP BY k;
       INSERT INTO i (k, x, ROWTIME) VALUES ('a', 1, 0);
       INSERT INTO i (k, x, ROWTIME) VALUES ('a', 9, 15000);
       INSERT INTO i (k, x, ROWTIME) VALUES ('a', 5, 8000);
       ASSERT VALUES o (k, s, WINDOWSTART, WINDOWEND) VALUES ('a', 0, 0, 0);
       ASSERT VALUES o (k, s, WINDOWSTART, WINDOWEND) VALUES ('a', 0, 15000, 15000);
       ASSERT NULL VALUES o (k) KEY ('a');
       ASSERT NULL VALUES o (k) KEY ('a');
       ASSERT VALUES o (k, s, WINDOWSTART, WINDOWEND) VALUES ('a', 8, 0, 15000);`,
    ),
  ).toBe('passed');
  expect(
    await verdict(
      SPREAD,
      `CREATE TABLE i (k STRING PRIMARY KEY, g STRING, x INT) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON');
       CREATE TABLE o AS SELECT g, SPREAD(x) AS s FROM i GROUP BY g;
       INSERT INTO i (k, g, x) VALUES ('a', 'g', 1);
       INSERT INTO i (k, g, x) VALUES ('b', 'g', 7);
       INSERT INTO i (k, g, x) VALUES ('b', 'g', 4);
       ASSERT VALUES o (g, s) VALUES ('g', 0);
       ASSERT VALUES o (g, s) VALUES ('g', 6);
       ASSERT VALUES o (g, s) VALUES ('g', 3);`,
    ),
  ).toBe('passed');
});

describe('what a function must not do', () => {
  test.each([
    [
      'read files',
      'return String(typeof require) + typeof process + typeof fetch + typeof Buffer',
      'undefinedundefinedundefinedundefined',
    ],
    ['reach out through code made of text', "return Function('return typeof process')()", 'undefined'],
    [
      'reach out through a constructor',
      "return String(globalThis.constructor.constructor('return typeof process')())",
      'undefined',
    ],
    ['throw', "throw new Error('no')", null],
    ['give another type', 'return 5', null],
  ])('%s', async (_title, body, expected) => {
    expect(await evaluate(load({ 'f.js': SCALAR(body) }), "F('x')")).toBe(expected);
  });

  test('it cannot import, not even later', () => {
    const { problems, definitions } = load({
      'a.js': `import fs from 'node:fs';\n${SCALAR('return x')}`,
      'b.js': `\n${SCALAR("import('node:fs'); return x")}`,
      'c.js': SCALAR('return x').replace('F =', 'G ='),
    });
    expect(problems.map(({ file, line }) => [file, line])).toEqual([
      ['a.js', 1],
      ['b.js', 2],
    ]);
    expect([...definitions.keys()]).toEqual(['G']);
  });

  test.each([
    ['an endless loop', 300, 'for (;;);', /F took longer than 300 ms/],
    [
      'endless memory',
      20_000,
      'const all = []; for (;;) all.push(new Array(1e6).fill(x + all.length));',
      /F needs more than 32 MB/,
    ],
  ])('%s ends the function and nothing else', async (_title, callTimeoutMs, body, message) => {
    const files = { 'f.js': SCALAR(body), 'g.js': SCALAR("return x + '!'").replace('F =', 'G =') };
    const functions = load(files, { callTimeoutMs, memoryMb: 32 });
    const site = {
      argumentTypes: [{ kind: 'STRING' }],
      returnType: { kind: 'STRING' },
      lambdaResultTypes: [],
    } as const;
    const call = (name: string) => {
      const definition = functions.definitions.get(name)!;
      if (definition.kind !== 'scalar') throw new TypeError('F and G are scalar');
      return definition.overloads[0]!.implement(site, NO_ENVIRONMENT)('x');
    };
    expect(() => call('F')).toThrow(message);
    expect(() => call('F')).toThrow(/not called again/);
    expect(call('G')).toBe('x!');
  });
});

describe('mistakes of a declaration', () => {
  test.each([
    ['no code at all', 'export const F = ;', /unexpected token/],
    ['no types', "export const F = { summary: 's', evaluate() {} };", /parameters must be an object/],
    ['no body', "export const F = { summary: 's', parameters: {}, returns: 'INT' };", /needs evaluate\(\)/],
    ['a type that is none', "export const F = { parameters: { x: 'INTT' }, returns: 'INT', evaluate() {} };", /INTT/],
    [
      'the name of a built-in',
      "export const UCASE = { parameters: { x: 'STRING' }, returns: 'STRING', evaluate() {} };",
      /UCASE is a built-in function/,
    ],
    [
      'a kind that is none',
      "export const F = { kind: 'window', parameters: {}, returns: 'INT', evaluate() {} };",
      /kind must be/,
    ],
    [
      'a name that is none',
      "export default { name: 'a-b', parameters: {}, returns: 'INT', evaluate() {} };",
      /no name of a function/,
    ],
  ])('%s', (_title, file, message) => {
    const { problems, definitions } = load({ 'f.js': file, 'ok.js': SCALAR('return x').replace('F =', 'G =') });
    expect(problems).toEqual([expect.objectContaining({ file: 'f.js', message: expect.stringMatching(message) })]);
    expect([...definitions.keys()]).toEqual(['G']);
  });

  test('a folder that is not there', () => {
    expect(() => new UserFunctions('/nowhere/at/all')).toThrow(/There is no folder/);
  });
});

test('wrong arguments are found before anything runs', async () => {
  const functions = load({ 'f.js': SCALAR('return x') });
  await expect(evaluate(functions, 'F(1, 2)')).rejects.toThrow(
    /Function 'F' does not accept parameters \(INTEGER, INTEGER\)/i,
  );
});
