import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../language/functions/catalogue.ts';

const root = path.join(import.meta.dirname, '..');
const sources = ['language', 'server', 'engine', 'client'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules') && !file.includes('generated'))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/'))),
);
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** What a file imports: project files as paths from the root, packages by name. */
function importsOf(file: string): string[] {
  const found = read(file).matchAll(
    /(?:^|[\n;])\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
  );
  return [...found]
    .map((match) => (match[1] ?? match[2] ?? match[3])!)
    .map((target) => (target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target));
}

/** Who may import whom: the first rule whose `from` matches a file tells what the file may import besides its own layer. */
const RULES: readonly { readonly from: RegExp; readonly may: readonly RegExp[] }[] = [
  { from: /^language\//, may: [/^langium$/, /^chevrotain-allstar$/, /^language\//] },
  { from: /^server\//, may: [/^server\//, /^language\//, /^langium(\/|$)/, /^vscode-languageserver/, /^node:/] },
  { from: /^engine\/operators\//, may: [/^engine\/operators\//, /^engine\/state\//, /^language\//] },
  { from: /^engine\/state\//, may: [/^engine\/(state|memory)\//, /^engine\/operators\/operator\.ts$/, /^language\//] },
  { from: /^engine\/memory\//, may: [/^engine\/memory\//, /^language\/types\//, /^node:/] },
  { from: /^engine\/compile\//, may: [/^engine\/(compile|operators|state|plan)\//, /^language\//] },
  { from: /^engine\/plan\//, may: [/^engine\/plan\//, /^language\//] },
  { from: /^engine\/files\//, may: [/^engine\/files\//, /^node:/] },
  { from: /^engine\/broker\/redpanda/, may: [/^engine\/broker\//, /^testcontainers$/, /^node:/] },
  { from: /^engine\/broker\//, may: [/^engine\/(broker|files|memory)\//, /^kafkajs/, /^snappyjs$/, /^node:/] },
  { from: /^engine\/api\//, may: [/^engine\/(api|rest\/protocol)/, /^language\/format\//] },
  { from: /^engine\/rest\/(protocol|client)\.ts$/, may: [/^engine\/rest\//, /^language\//, /^node:/] },
  {
    from: /^engine\//,
    may: [/^(engine|language)\//, /^(commander|ws|avsc|protobufjs|quickjs-wasi|ret)(\/|$)/, /^node:/],
  },
  {
    from: /^client\/webview\//,
    may: [
      /^client\/webview\//,
      /^client\/results\/messages\.ts$/,
      /^engine\/api\/row-count\.ts$/,
      /^client\/connections\/sandbox-step\.ts$/,
    ],
  },
  {
    from: /^client\//,
    may: [
      /^client\//,
      /^language\//,
      /^engine\/(api\/[a-z-]+|rest\/(protocol|client))\.ts$/,
      /^server\/protocol\.ts$/,
      /^vscode$/,
      /^vscode-languageclient/,
      /^node:/,
    ],
  },
];

describe('layers', () => {
  test.each(sources)('%s imports only what its layer may', (file) => {
    const rule = RULES.find(({ from }) => from.test(file))!;
    expect(importsOf(file).filter((target) => !rule.may.some((allowed) => allowed.test(target)))).toEqual([]);
  });

  test('the language uses nothing of Node', () => {
    const offenders = sources.filter(
      (file) => file.startsWith('language/') && importsOf(file).some((target) => isBuiltin(target)),
    );
    expect(offenders).toEqual([]);
  });

  test('files import each other in no circle but where expressions hold expressions', () => {
    const recursive = /^(engine\/compile\/(call|expression)-emitter|language\/analysis\/(binder|bind-[a-z]+))\.ts$/;
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

  test('code is generated in one place', () => {
    const offenders = sources.filter(
      (file) => /new Function\(/.test(read(file)) && file !== 'engine/compile/generate.ts',
    );
    expect(offenders).toEqual([]);
  });

  test('kafkajs and the container library stay behind the broker', () => {
    const offenders = sources.filter(
      (file) =>
        !file.startsWith('engine/broker/') &&
        importsOf(file).some((target) => /^(kafkajs|testcontainers)/.test(target)),
    );
    expect(offenders).toEqual([]);
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
  test('are of a size that a person reads in one go', () => {
    const long = sources.filter((file) => read(file).split('\n').length > 550);
    expect(long).toEqual([]);
  });

  test('have kebab-case names', () => {
    expect(sources.filter((file) => !/^[a-z0-9-]+(\.d)?\.ts$/.test(path.posix.basename(file)))).toEqual([]);
  });
});
