import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listFiles } from '@vscode/vsce';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { thirdPartyNotices } from '../../scripts/third-party-notices.ts';

const checkout = path.join(import.meta.dirname, '../..');
const built = path.join(checkout, 'dist/third-party-notices.txt');

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'notices-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function addPackage(folder: string, manifest: object, files: Readonly<Record<string, string>> = {}): void {
  const at = path.join(root, folder);
  mkdirSync(at, { recursive: true });
  writeFileSync(path.join(at, 'package.json'), JSON.stringify({ version: '1.0.0', ...manifest }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(at, name), text);
}

describe('third-party notices', () => {
  test('have the licence and the notice of each package once, whichever of its files were bundled', () => {
    addPackage(
      'node_modules/@scope/one',
      { name: '@scope/one', license: '(MIT OR GPL-3.0)' },
      { LICENSE: 'Copyright One', NOTICE: 'One says' },
    );
    addPackage(
      'node_modules/two/node_modules/one',
      { name: 'one', license: 'ISC' },
      { 'license.md': 'Copyright Nested' },
    );
    const text = thirdPartyNotices(root, [
      'engine/index.ts',
      'node_modules/@scope/one/a.js',
      'node_modules/@scope/one/lib/b.js',
      'node_modules/two/node_modules/one/index.js',
    ]);
    expect(text.match(/^@scope\/one 1\.0\.0$/gm)).toHaveLength(1);
    expect(text).toContain('Copyright One\n\nOne says');
    expect(text).toContain('Copyright Nested');
    expect(text).not.toContain('two 1.0.0');
  });

  test("give the licence's own text where a package brings none", () => {
    addPackage('node_modules/bare', { name: 'bare', license: 'MIT', author: { name: 'A. Person' } });
    const text = thirdPartyNotices(root, ['node_modules/bare/index.js']);
    expect(text).toContain('Copyright A. Person');
    expect(text).toContain('Permission is hereby granted, free of charge');
  });

  test.each([[{ license: 'GPL-3.0-only' }], [{ license: 'SEE LICENSE IN LICENSE' }], [{}]])(
    'refuse a package whose licence is not on the list: %o',
    (manifest) => {
      addPackage('node_modules/strict', { name: 'strict', ...manifest });
      expect(() => thirdPartyNotices(root, ['node_modules/strict/index.js'])).toThrow(/strict@1\.0\.0/);
    },
  );
});

describe.skipIf(!existsSync(built))('the build (skipped where nothing was built)', () => {
  test('ships notices for the packages, the icons and the data that are in it', async () => {
    const text = readFileSync(built, 'utf8');
    for (const name of [
      'kafkajs',
      'langium',
      'vscode-languageclient',
      '@vscode/codicons',
      'vega-datasets',
      'quickjs-wasi',
    ])
      expect(text).toContain(`\n${name} `);
    const files = await listFiles({ cwd: checkout, dependencies: false } as Parameters<typeof listFiles>[0]);
    expect(files).toContain('dist/third-party-notices.txt');
    expect(text).toContain('Fabrice Bellard');
    expect(files).toContain('dist/quickjs.wasm');
  });
});
