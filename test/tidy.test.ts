import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../language/functions/catalogue.ts';
import { findProperty } from '../language/settings/properties.ts';
import { REST_PROPERTIES } from '../language/settings/property-table.ts';
import { ENTRY_POINTS, namesIn, STAIRCASE } from './staircase.ts';

const root = path.join(import.meta.dirname, '..');
const sources = ['language', 'server', 'engine', 'client'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/node_modules|generated|\.d\.ts$/.test(file))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/'))),
);
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
/** A file without its comments. */
const code = (file: string) => read(file).replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');

/** What a file imports: project files as paths from the root, packages by name. */
function importsOf(file: string): string[] {
  const found = read(file).matchAll(
    /(?:^|[\n;])\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
  );
  return [...found]
    .map((match) => (match[1] ?? match[2] ?? match[3])!)
    .filter((target) => !target.endsWith('.css'))
    .map((target) => (target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target));
}

const STEPS = STAIRCASE.map(([step, may]) => [step, namesIn(may)] as const);
const STEP_NAMES = new Set(STEPS.map(([step]) => step));

/** The row that holds for a file: its own, or its folder's. */
const stepOf = (file: string): string => (STEP_NAMES.has(file) ? file : path.posix.dirname(file));

/** How a row names what a file imports: a row, a file, a package, or all of Node. */
function namesOf(target: string): string[] {
  if (/^(language|server|engine|client)\//.test(target)) return [target, stepOf(target)];
  if (isBuiltin(target)) return ['node:'];
  return [
    target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/'),
  ];
}

describe('layers', () => {
  test.each(STEPS)('%s imports only what it may, and all of that', (step, may) => {
    const imported = sources
      .filter((file) => stepOf(file) === step)
      .flatMap(importsOf)
      .filter((target) => !sources.includes(target) || stepOf(target) !== step)
      .map(namesOf);
    const others = imported.filter((names) => !names.some((name) => may.includes(name)));
    expect(others).toEqual([]);
    expect(may.filter((name) => !imported.some((names) => names.includes(name)))).toEqual([]);
  });

  test('every folder has a row, which names only rows above it', () => {
    expect([...new Set(sources.map(stepOf))].filter((step) => !STEP_NAMES.has(step))).toEqual([]);
    const below = STEPS.flatMap(([step, may], at) => {
      const above = new Set(STEPS.slice(0, at).map(([name]) => name));
      const own = may.filter(
        (name) => /^(language|server|engine|client)\b/.test(name) && name !== 'language/generated',
      );
      return own.filter((name) => !above.has(stepOf(name))).map((name) => `${step} -> ${name}`);
    });
    expect(below).toEqual([]);
  });

  test('other packages use the language by its entry points', () => {
    const entries = namesIn(ENTRY_POINTS);
    const used = sources
      .filter((file) => !file.startsWith('language/'))
      .flatMap(importsOf)
      .filter((target) => target.startsWith('language/'));
    const entryOf = (target: string) => [target, path.posix.dirname(target)].find((name) => entries.includes(name));
    expect(used.filter((target) => entryOf(target) === undefined)).toEqual([]);
    expect(entries.filter((entry) => !used.some((target) => entryOf(target) === entry))).toEqual([]);
  });

  test('no folder is a hall, and no prefix a folder that was not made', () => {
    const folders = Map.groupBy(sources, (file) => path.posix.dirname(file));
    const halls = [...folders].filter(([, files]) => files.length > 22);
    expect(halls.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([]);
    const prefixed = [...folders].flatMap(([folder, files]) =>
      [...Map.groupBy(files, (file) => /^[a-z0-9]+(?=-)/.exec(path.posix.basename(file))?.[0])]
        .filter(([prefix, those]) => prefix !== undefined && those.length >= 5)
        .map(([prefix]) => `${folder}/${prefix}-`),
    );
    expect(prefixed).toEqual([]);
  });

  test('files of one name in one package have one role, in sibling folders', () => {
    const byName = Map.groupBy(sources, (file) => `${file.split('/')[0]} ${path.posix.basename(file)}`);
    const doubled = [...byName.values()].filter(
      (files) => new Set(files.map((file) => path.posix.dirname(path.posix.dirname(file)))).size > 1,
    );
    expect(doubled).toEqual([]);
  });

  test('the language has no clock, no chance and no way out: who calls it brings what it needs', () => {
    const impure = [
      /\bDate\.now\b/,
      /\bnew Date\(\s*\)/,
      /\bDate\(\s*\)/,
      /\bMath\.random\b/,
      /\b(performance|crypto|process|globalThis|console|navigator)\s*[.[?]/,
      /\b(setTimeout|setInterval|setImmediate|queueMicrotask|fetch|require)\s*\(/,
      /\bimport\s*\(/,
      /\bTemporal\.Now\b/,
    ];
    const offenders = sources
      .filter((file) => file.startsWith('language/'))
      .flatMap((file) => {
        const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
        return impure.filter((pattern) => pattern.test(code)).map((pattern) => `${file}: ${pattern.source}`);
      });
    expect(offenders).toEqual([]);
  });

  test('files import each other in no circle but where expressions hold expressions', () => {
    const recursive =
      /^(engine\/compile\/(call|expression)-emitter|language\/binding\/(binder|calls|constructors|lambdas|operators))\.ts$/;
    const others = new Map(
      sources
        .filter((file) => !recursive.test(file))
        .map((file) => [file, importsOf(file).filter((target) => sources.includes(target))]),
    );
    // Whoever imports nothing that is left can stand in no circle, nor can who only imports those.
    for (let size = -1; size !== others.size; ) {
      size = others.size;
      for (const [file, imports] of others) if (!imports.some((target) => others.has(target))) others.delete(file);
    }
    expect([...others.keys()]).toEqual([]);
  });

  test('operators wait for nothing and know no clock', () => {
    const outside = /\basync\b|\bawait\b|\bPromise\b|\bDate\b|\bperformance\b|setTimeout|Math\.random/;
    expect(sources.filter((file) => file.startsWith('engine/operators/') && outside.test(code(file)))).toEqual([]);
  });

  test('what goes over a wire is types, and nothing that runs', () => {
    const wires = ['engine/api/protocol.ts', 'client/results/messages.ts', 'server/protocol.ts'];
    expect(wires.filter((file) => /^export (?!type |interface )|^import (?!type )/m.test(read(file)))).toEqual([]);
  });

  test('every setting that the engine reads stands in a table of settings', () => {
    const read = /(?:setting|explicit|isTrue|number|get)\(\s*'(ksql\.[a-z.]+)'|\bproperties\['(ksql\.[a-z.]+)'\]/g;
    const names = sources
      .filter((file) => file.startsWith('engine/'))
      .flatMap((file) => [...code(file).matchAll(read)].map((match) => (match[1] ?? match[2])!));
    expect(names).toContain('ksql.max.push.queries');
    expect(names.filter((name) => findProperty(name) === undefined && !REST_PROPERTIES.has(name))).toEqual([]);
  });

  test('code is generated in one place', () => {
    const offenders = sources.filter(
      (file) => /new Function\(/.test(read(file)) && file !== 'engine/compile/generate.ts',
    );
    expect(offenders).toEqual([]);
  });
});

/**
 * Where most kinds are treated alike, a new one would be too: most nodes of a tree, most expressions, most types of a
 * format.
 */
const OPEN_SWITCHES: readonly string[] = [
  'engine/compile/first-operand.ts: expression.kind',
  'engine/serde/protobuf/reader.ts: field.type.kind',
  'engine/serde/protobuf/reader.ts: proto.kind',
  'engine/serde/protobuf/schema-source.ts: type.kind',
  'engine/statements/preparation/analysis-failure.ts: node?.$type',
  'language/binding/generics.ts: type.kind',
  'language/format/layout-blocks.ts: node.$type',
  'language/names/tree-names.ts: node.$type',
  'language/query/pull-condition.ts: condition.kind',
  'language/query/select-list.ts: plain.$type',
  'language/script/analyze-statement.ts: node.$type',
  'language/script/preparation.ts: node.$type',
  'language/script/preparation.ts: part.$type',
  'language/statements/printed-query.ts: expression.$type',
  'language/statements/query-control.ts: statement?.$type',
  'server/features/hover.ts: named.kind',
  'server/features/symbols.ts: node?.$type',
];

describe('kinds', () => {
  test('a switch over kinds names them all, so that one more does not compile until it has its case', () => {
    const open = sources
      // It holds source text for another engine.
      .filter((file) => file !== 'engine/functions/guest-prelude.ts')
      .flatMap((file) => {
        const heads = read(file).matchAll(/^( *)switch \((.*(?:\.kind|\.\$type|\['@type'\]))\) \{\n((?:.*\n)*?)\1\}/gm);
        return [...heads].flatMap(([, indent, over, body]) => {
          const last = body!.split(`\n${indent}  default:`)[1];
          return last?.includes('satisfies never') ? [] : [`${file}: ${over}`];
        });
      });
    expect([...new Set(open)].sort()).toEqual(OPEN_SWITCHES);
  });
});

describe('the catalogue', () => {
  test.each([...FUNCTIONS.values()].map((f) => [f.name, f] as const))('%s is documented', (_name, definition) => {
    expect(definition.summary).toMatch(/\S/);
    expect(definition.examples.length).toBeGreaterThan(0);
    expect(definition.overloads.length).toBeGreaterThan(0);
  });
});

describe('files', () => {
  test('have comments as wide as the formatter lets code be', () => {
    const others = ['test', 'scripts', 'bench'].flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        path.join(folder, file),
      ),
    );
    const texts = [...sources, ...others.filter((file) => file.endsWith('.ts'))];
    const wide = texts.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) => (line.length > 120 && /^\s*(?:\/\/|\/?\*)/.test(line) ? [`${file}:${i + 1}`] : [])),
    );
    expect(wide).toEqual([]);
  });

  test('have kebab-case names', () => {
    expect(sources.filter((file) => !/^[a-z0-9-]+(\.d)?\.ts$/.test(path.posix.basename(file)))).toEqual([]);
  });
});

describe('tests', () => {
  const tests = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.split(path.sep).join('/'));

  test('mirror the sources: their folders are those of the sources, and each part of a package has one', () => {
    const folders = new Set(sources.map((file) => path.posix.dirname(file)));
    const own = tests
      .filter((file) => /^(language|engine|server|client)\//.test(file))
      .map((file) => path.posix.dirname(file));
    const isFolder = (folder: string) => [...folders].some((each) => each === folder || each.startsWith(`${folder}/`));
    expect(own.filter((folder) => !isFolder(folder))).toEqual([]);
    const parts = [...folders].filter((folder) => /^(language|engine)\/[^/]+/.test(folder));
    const untested = parts
      .map((folder) => folder.split('/').slice(0, 2).join('/'))
      .filter((part) => !own.some((folder) => folder === part || folder.startsWith(`${part}/`)));
    expect([...new Set(untested)]).toEqual([]);
  });

  test('assert no time; what a script costs is held against what another costs', () => {
    const measuring = /performance\.now|hrtime|[cC]puUsage\(|\.durationMs\)\.to|elapsed\w*\)\.to/;
    const offenders = tests.filter(
      (file) =>
        /(?<!^tidy)\.test\.ts$/.test(file) && measuring.test(readFileSync(path.join(root, 'test', file), 'utf8')),
    );
    expect(offenders).toEqual(['reliability/large-scripts.test.ts']);
  });
});

describe('the documents', () => {
  const texts = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md'].map((file) => [file, read(file)] as const);

  test.each(texts)('%s names only files that there are', (_file, text) => {
    const named = [
      ...text.matchAll(/`((?:language|engine|server|client|test|bench|scripts|docs|examples)\/[^`\s<>*]*)`/g),
    ];
    expect(named.map(([, name]) => name!).filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });

  test('each invariant says what holds it', () => {
    const invariants = read('ARCHITECTURE.md').match(/^\*\*Invariant:\*\*[\s\S]*?(?=\n\n)/gm)!;
    expect(invariants.length).toBeGreaterThan(10);
    expect(invariants.filter((text) => !/`test\/[^`]+`/.test(text))).toEqual([]);
  });
});
