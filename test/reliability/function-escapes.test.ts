/**
 * What somebody tries who wants a function of theirs to reach the machine, the engine or another file, or to stop them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readDeclarations } from '../../engine/functions/declarations.ts';
import { UserFunctions } from '../../engine/functions/user-functions.ts';
import { NO_ENVIRONMENT } from '../../language/functions/function.ts';
import { parseType } from '../../language/types/parse-type.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What ends does so by its memory or its code; only where time has to end it, there is little. */
const LIMITS = { callTimeoutMs: 20_000, memoryMb: 16 };
const SHORT = { ...LIMITS, callTimeoutMs: 400 };
const GOOD = declaring('GOOD', "return x + '!'");

function declaring(name: string, body: string, returns = 'STRING', before = ''): string {
  return `${before}\nexport const ${name} = { summary: 's', parameters: { x: 'STRING' }, returns: '${returns}', evaluate(x) { ${body} } };`;
}

function load(files: Readonly<Record<string, string>>, limits = LIMITS): UserFunctions {
  const folder = mkdtempSync(path.join(tmpdir(), 'ksql-escapes-'));
  folders.push(folder);
  for (const [name, text] of Object.entries({ ...files, 'good.js': GOOD }))
    writeFileSync(path.join(folder, name), text);
  return new UserFunctions(folder, limits);
}

function call(functions: UserFunctions, name: string, returns = 'STRING', arg = 'x'): SqlValue {
  const definition = functions.definitions.get(name);
  if (definition?.kind !== 'scalar') throw new TypeError(`${name} is not there`);
  const types = { argumentTypes: [parseType('STRING')], returnType: parseType(returns), lambdaResultTypes: [] };
  return definition.overloads[0]!.implement(types, NO_ENVIRONMENT)(arg);
}

/** What a call gives or throws, and that everything else goes on. */
function attempt(body: string, returns = 'STRING', before = ''): SqlValue | Error {
  const functions = load({
    'evil.js': `${declaring('EVIL', body, returns, before)}${declaring('BESIDE', 'return x')}`,
  });
  expect(functions.problems).toEqual([]);
  let outcome: SqlValue | Error;
  try {
    outcome = call(functions, 'EVIL', returns);
  } catch (error) {
    outcome = error as Error;
  }
  expect(call(functions, 'GOOD')).toBe('x!');
  expect(call(functions, 'BESIDE')).toBe('x');
  return outcome;
}

/** An object whose every inspection by the host would run code of the file with the host's objects as arguments. */
const TRAP = `const leaks = [];
const trap = new Proxy(function () {}, {
  get(_, key) { if (key === Symbol.for('nodejs.util.inspect.custom')) return (...args) => { leaks.push(typeof args[2]); return 'x'; }; return key === 'stack' ? trap : undefined; },
});`;

describe('out of its engine', () => {
  test.each([
    ['require and process', 'return typeof process + typeof require + typeof module + typeof global'],
    ['the constructor of a function', "return typeof (()=>{}).constructor.constructor('return process')"],
    ['fetch, workers, timers', 'return typeof fetch + typeof Worker + typeof setTimeout + typeof WebAssembly'],
    ['the host through this', 'return typeof (function () { return this })()?.process'],
    ['the host through its arguments', "return typeof x.constructor.constructor('return this')().process"],
    ['the caller', 'return typeof (function f() { return f.caller })()'],
  ])('%s: there is none', (_title, body) => {
    const outcome = attempt(body);
    expect(outcome instanceof Error ? 'undefined' : String(outcome).replace(/function$/, 'undefined')).toMatch(
      /^(undefined)+$/,
    );
  });

  test.each([
    'Object.prototype.toJSON = () => { throw new Error("again") };',
    'Object.prototype.toJSON = () => undefined;',
    'Object.prototype.toJSON = () => 5;',
    'globalThis.String = () => { throw new Error("again") };',
    'Object.defineProperty(Error, Symbol.hasInstance, { value: () => { throw new Error("again") } });',
  ])('what cannot be described is still no more than an error: %s', (before) => {
    const functions = load({ 'evil.js': declaring('EVIL', `${before} throw new Error("first")`) });
    for (let i = 0; i < 3; i++)
      expect(() => call(functions, 'EVIL')).toThrow(/^EVIL: (first|again|it threw something)/);
    expect(call(functions, 'GOOD')).toBe('x!');
  });

  test("the host's inspect is handed to nobody, at load and at a call", () => {
    const atLoad = load({
      'rejects.js': `${TRAP}\nawait Promise.reject(trap);`,
      'throws.js': `${TRAP}\nthrow trap;`,
      'exports.js': `${TRAP}\nexport const F = trap;`,
      'later.js': `${TRAP}\nPromise.reject(trap);\n${declaring('LEAKS', 'return leaks.join()')}`,
    });
    expect(call(atLoad, 'LEAKS')).toBe('');
    expect(call(atLoad, 'GOOD')).toBe('x!');
    expect(attempt('try { throw trap } finally { leaks.length = 0 }', 'STRING', TRAP)).toBeInstanceOf(Error);
    expect(attempt('return trap', 'STRING', TRAP)).toBeInstanceOf(Error);
  });

  test('Error.prepareStackTrace and error objects see no frame of the engine', () => {
    const before =
      'let seen = ""; Error.prepareStackTrace = (error, frames) => { seen += frames.map(String).join(); return ""; };';
    expect(String(attempt("new Error('a').stack; null.y", 'STRING', before))).toMatch(/null/);
    expect(String(attempt('try { null.y } catch (e) { return e.stack + seen }', 'STRING', before))).not.toMatch(
      /node:|guest|user-functions|\/work|file:/,
    );
  });

  test.each([
    "import fs from 'node:fs';",
    "import fs from 'fs';",
    "export * from 'data:text/javascript,export const x = 1';",
    "import './good.js';",
    "import '/etc/passwd';",
    "await import('fs');",
    "await import/**/('fs');",
    'await eval(\'import("fs")\');',
  ])('%s is refused', (statement) => {
    const functions = load({ 'evil.js': `${statement}\n${declaring('EVIL', 'return x')}` });
    expect(functions.problems).toEqual([
      { file: 'evil.js', line: expect.any(Number), message: expect.stringMatching(/import/) },
    ]);
    expect([...functions.definitions.keys()]).toEqual(['GOOD']);
  });
});

describe('into another file, or the engine', () => {
  test('prototypes and globals are its own', () => {
    const functions = load({
      'evil.js': `Object.prototype.polluted = 1; Array.prototype.map = () => ['evil']; globalThis.shared = 1;
        String.prototype.toUpperCase = () => 'GOOD'; JSON.parse = () => ({}); JSON.stringify = () => '"evil"';`,
      'other.js': declaring(
        'OTHER',
        'return String({}.polluted) + typeof shared + [1].map(String) + JSON.stringify(1)',
      ),
    });
    expect(call(functions, 'OTHER')).toBe('undefinedundefined11');
    expect(call(functions, 'GOOD')).toBe('x!');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each([
    ['a thenable', 'return { then(r) { r("y") } }', 'STRING'],
    ['a promise', 'return Promise.resolve("y")', 'STRING'],
    ['a getter that throws', 'return { get A() { throw new Error("no") } }', 'STRUCT<A STRING>'],
    ['symbols', 'return Symbol("y")', 'STRING'],
    ['a number out of range', 'return 2 ** 40', 'INTEGER'],
    ['a number out of range', 'return 10n ** 30n', 'BIGINT'],
    ['digits without end', 'return "9".repeat(1e6)', 'DECIMAL(10, 2)'],
    ['a very long result', 'return "y".repeat(5e6)', 'STRING'],
    ['an object that is its own text', 'return { toString() { return "y" } }', 'STRING'],
  ])('as a result: %s', (_title, body, returns) => {
    expect(attempt(body, returns)).toBeInstanceOf(Error);
  });

  test('symbol keys, prototypes and own toJSON do not come with a result', () => {
    const body = 'return { [Symbol.iterator]: 1, __proto__: { B: "b" }, toJSON: () => "z", A: "a" }';
    expect(attempt(body, 'STRUCT<A STRING>')).toEqual(['a']);
    expect([
      ...(attempt('return JSON.parse(\'{"__proto__": "y"}\')', 'MAP<STRING, STRING>') as Map<string, string>),
    ]).toEqual([['__proto__', 'y']]);
  });

  test.each([
    ['a STRING', '5', 'STRING'],
    ['an INTEGER', '"5"', 'INTEGER'],
    ['an ARRAY', '5', 'ARRAY<INTEGER>'],
    ['elements of an ARRAY', '"[[[1]]]"', 'ARRAY<INTEGER>'],
    ['BYTES', '"[1000, -1, 0.5]"', 'BYTES'],
    ['a MAP', '"[1]"', 'MAP<STRING, STRING>'],
    ['a BOOLEAN', '"true"', 'BOOLEAN'],
    ['nesting without end', '"[".repeat(1e6) + "]".repeat(1e6)', 'ARRAY<STRING>'],
    ['no JSON', '"{"', 'STRUCT<A STRING>'],
  ])('meddling with how results are made does not pass another value off as %s', (_title, given, returns) => {
    // Whatever the prelude does to make a result of the type, it ends in this.
    const before = `const given = ${given}; String.prototype.valueOf = Array.prototype.map = () => given;
      Number.isInteger = Array.isArray = () => true; globalThis.String = () => given; Array.from = () => given;
      Object.defineProperty(Uint8Array, Symbol.hasInstance, { value: () => true });
      RegExp.prototype.test = () => true; BigInt.prototype.toString = () => given;`;
    const outcome = attemptRaw(before, returns);
    if (!(outcome instanceof Error)) expect(outcome).toBeNull();
  });

  /** Without looking at functions of the same file, which are as broken as it wants them. */
  function attemptRaw(before: string, returns: string): SqlValue | Error {
    const functions = load({ 'evil.js': `${declaring('EVIL', 'return given', returns)}\n${before}` });
    try {
      return call(functions, 'EVIL', returns);
    } catch (error) {
      return error as Error;
    } finally {
      expect(call(functions, 'GOOD')).toBe('x!');
    }
  }

  test.each([
    '{}',
    'null',
    '[null]',
    '[{"kind":"scalar","name":"a b","overloads":[]}]',
    '[{"kind":"x","name":"A"}]',
    '"x"',
    '{',
  ])('declarations that are none are refused: %s', (json) => {
    expect(() => readDeclarations(json, 'evil.js')).toThrow();
  });
});

describe('stopping everything', () => {
  test.each([
    ['an endless loop', 'for (;;);'],
    ['a loop that catches its end', 'for (;;) try { for (;;); } catch {} finally { for (;;); }'],
    ['a large array', 'return String(new Array(2 ** 28).fill(0).length)'],
    ['an array of holes as text', "return new Array(1e9) + ''"],
    ['a long join', "return String(new Array(2 ** 26).join('xxxxxxxx').length)"],
    ['doubling a text', "let s = 'x'; for (;;) s += s;"],
    ['a search that takes squares of time', "return String(('x'.repeat(1 << 22)).indexOf('x'.repeat(1 << 20) + 'y'))"],
    ['typed arrays', 'const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));'],
    ['copies', 'const all = new Uint8Array(5 << 20); for (;;) all.buffer.slice(0);'],
    ['objects', 'const all = []; for (;;) all.push({ a: all.length });'],
    ['a regular expression', "return String(/^(a+)+$/.test('a'.repeat(40) + '!'))"],
    ['a slow comparison', 'return String([3, 1, 2, 5, 4].sort(() => { for (;;); }))'],
    ['sorting', 'return String(new Array(3e5).fill(0).map((_, i) => (i * 7919) % 1000003).sort().length)'],
    ['an endless generator', 'function* g() { for (;;) yield 1; } return String([...g()].length)'],
    [
      'a generator that does not return',
      'function* g() { try { yield 1 } finally { for (;;); } } for (const _ of g()) break; return x',
    ],
    ['a getter of the result', 'return { get A() { for (;;); } }', 'STRUCT<A STRING>'],
    ['a proxy for a result', 'return new Proxy([], { get: () => { for (;;); } })', 'ARRAY<STRING>'],
    ['a text that takes forever to make', 'throw { toString() { for (;;); } }'],
    [
      'a proxy for a long result',
      'return new Proxy([], { get: (all, key) => (key === "length" ? 1e9 : all[key]) })',
      'ARRAY<STRING>',
    ],
    ['endless promises', 'const f = () => Promise.resolve().then(f); f(); return x'],
    ['endless microtasks', 'const f = () => queueMicrotask(f); f(); return x'],
    ['an async loop', '(async () => { for (;;) await 0; })(); return x'],
  ])('%s ends the function, and nothing else', (_title, body, returns = 'STRING') => {
    const files = { 'evil.js': `${declaring('EVIL', body, returns)}${declaring('BESIDE', 'return x')}` };
    const functions = load(files, SHORT);
    expect(() => call(functions, 'EVIL', returns)).toThrow(/EVIL (took longer than 400 ms|needs more than 16 MB)/);
    expect(() => call(functions, 'EVIL', returns)).toThrow(/not called again until its file is loaded anew/);
    expect(call(functions, 'BESIDE')).toBe('x');
    expect(call(functions, 'GOOD')).toBe('x!');
  });

  test.each([
    ['recursion', 'const f = () => f() + 1; return f()'],
    ['its own toString', 'const o = { toString() { return String(this) } }; return String(o)'],
    ['nested JSON', "return JSON.parse('['.repeat(1e6))"],
    ['JSON of deep nesting', 'let a = []; for (let i = 0; i < 5e4; i++) a = [a]; return JSON.stringify(a)'],
    ['nested code', "return eval('('.repeat(1e5) + '1' + ')'.repeat(1e5))"],
    ['a nested expression', "return String(new RegExp('(?='.repeat(3e4) + ')'.repeat(3e4)))"],
    ['a large number', 'let b = 3n; for (;;) b = b * b;'],
    ['a chain of proxies', 'let p = {}; for (let i = 0; i < 2e4; i++) p = new Proxy(p, {}); return p.y'],
    ['a generator of itself', 'function* g() { yield* g() } return String([...g()])'],
    ['waiting', 'return String(Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0))'],
  ])('%s is an error of the one call', (_title, body) => {
    const functions = load({ 'evil.js': declaring('EVIL', `if (x === 'good') return x; ${body}`) });
    expect(() => call(functions, 'EVIL')).toThrow(/^EVIL: /);
    expect(call(functions, 'EVIL', 'STRING', 'good')).toBe('good');
    expect(call(functions, 'GOOD')).toBe('x!');
  });

  test('an async function that never settles, and one that throws later, keep nobody waiting', () => {
    expect(attempt('(async () => { await new Promise(() => {}) })(); return x')).toBe('x');
    expect(attempt('(async () => { await 0; throw new Error("late") })(); return x')).toBe('x');
    expect(attempt('async function f() {} return f()')).toMatchObject({ message: expect.stringMatching(/promise/) });
  });

  test.each([
    ['a loop', 'for (;;);', /took longer/],
    ['memory', 'const all = []; for (;;) all.push(new Array(1e5).fill(0));', /more than 16 MB/],
    ['waiting for nothing', 'await new Promise(() => {});', /never comes/],
    ['endless microtasks', 'const f = () => queueMicrotask(f); f();', /took longer/],
    ['a then that loops', 'export function then() { for (;;); }', /took longer/],
    ['a getter of a declaration', 'export const F = { get name() { for (;;); } };', /took longer/],
    ['a long file', `// ${'x'.repeat(2 ** 20)}`, /larger than 1 MB/],
  ])('at load: %s keeps only its own file out', (_title, code, message) => {
    const functions = load({ 'evil.js': code }, SHORT);
    expect(functions.problems).toEqual([{ file: 'evil.js', message: expect.stringMatching(message) }]);
    expect(call(functions, 'GOOD')).toBe('x!');
  });

  test('many arguments go through', () => {
    const functions = load({
      'many.js':
        "export const MANY = { parameters: { x: 'STRING...' }, returns: 'STRING', evaluate: (...x) => x.join('') };",
    });
    const definition = functions.definitions.get('MANY');
    if (definition?.kind !== 'scalar') throw new TypeError('MANY is not there');
    const argumentTypes = new Array(50).fill(parseType('STRING'));
    const run = definition.overloads[0]!.implement(
      { argumentTypes, returnType: parseType('STRING'), lambdaResultTypes: [] },
      NO_ENVIRONMENT,
    );
    const args = argumentTypes.map((_, i) => (i === 7 ? 'y'.repeat(100_000) : String(i % 10)));
    expect(run(...args)).toBe(args.join(''));
  });
});
