/** What both marketplaces ask of an extension: Visual Studio's, and Open VSX, which takes the same file. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const packaged = await listFiles({ cwd: root, packageManager: PackageManager.None });

/** Those of the marketplaces that an extension such as this one can be in. */
const CATEGORIES = [
  ...['Programming Languages', 'Snippets', 'Linters', 'Themes', 'Debuggers', 'Formatters', 'Keymaps', 'SCM Providers'],
  ...['Other', 'Extension Packs', 'Language Packs', 'Data Science', 'Machine Learning', 'Visualization', 'Notebooks'],
  ...['Education', 'Testing', 'AI', 'Chat'],
];

/** Width and height of a PNG, from its header. */
function sizeOf(file: string): readonly [width: number, height: number] {
  const bytes = readFileSync(path.join(root, file));
  expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test('the manifest says what a marketplace shows', () => {
  const { name, displayName, description, publisher, version, license, icon, categories, keywords } = manifest;
  for (const text of [name, displayName, description, publisher, version]) expect(text).toMatch(/\S/);
  expect(description.length).toBeLessThanOrEqual(200);
  expect(license).toBe('Apache-2.0');
  expect(read('LICENSE')).toContain('Apache License');
  expect(categories.filter((category: string) => !CATEGORIES.includes(category))).toEqual([]);
  expect(keywords.length).toBeLessThanOrEqual(30);
  expect(manifest.galleryBanner).toEqual({ color: expect.stringMatching(/^#[0-9a-f]{6}$/), theme: 'dark' });
  expect(manifest).not.toHaveProperty('enabledApiProposals');
  const [width, height] = sizeOf(icon);
  expect([width, height]).toEqual([256, 256]);
});

test('every picture of README is packaged, is no SVG and says what it shows', () => {
  const pictures = [...read('README.md').matchAll(/!\[(.*?)\]\((.+?)\)/g)];
  expect(pictures.length).toBeGreaterThan(0);
  for (const [, alt, file] of pictures) {
    expect(alt).not.toBe('');
    expect(packaged).toContain(file);
    expect(sizeOf(file!)[0]).toBeGreaterThan(400);
  }
});

test('what the manifest names is packaged', () => {
  const named = [
    ...JSON.stringify(manifest.contributes).matchAll(/"(?:\.\/)?((?:client|docs|syntaxes|l10n)\/[^"]+)"/g),
  ];
  const files = [
    manifest.icon,
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'package.nls.json',
    ...named.map(([, file]) => file!),
  ];
  expect(files.filter((file) => !packaged.includes(file))).toEqual([]);
});

test('nothing is packaged that only the making of it needs', () => {
  expect(
    packaged.filter((file) => /^(test|scripts|bench|engine|server|language)\/|\.map$|\.test\.ts$/.test(file)),
  ).toEqual([]);
});

const isBuilt = existsSync(path.join(root, 'dist/extension.cjs'));
if (!isBuilt) console.warn('\n*** The test of the extension package is skipped: dist has no build. ***\n');

test.skipIf(!isBuilt)(
  'it is packaged without a warning, and links lead to where the sources are published',
  () => {
    const scratch = mkdtempSync(path.join(tmpdir(), 'vsix-'));
    try {
      const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
      const base = [
        '--baseContentUrl',
        'https://example.com/blob/main',
        '--baseImagesUrl',
        'https://example.com/raw/main',
      ];
      const args = [
        'package',
        '--no-dependencies',
        '--allow-missing-repository',
        ...base,
        '--out',
        path.join(scratch, 'k.vsix'),
      ];
      const { status, stdout, stderr } = spawnSync(process.execPath, [vsce, ...args], { cwd: root, encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      expect(`${stdout}\n${stderr}`).not.toMatch(/warn/i);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
  120_000,
);
