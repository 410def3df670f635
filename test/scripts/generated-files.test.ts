import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { WORKBENCH_VERSION } from '../../engine/api/server-version.ts';
import { docTexts } from '../../scripts/generated-docs.ts';
import { manifestText } from '../../scripts/generated-manifest.ts';
import { configSchemaText, lockSchemaText } from '../../scripts/generated-schema.ts';
import { syntaxText } from '../../scripts/generated-syntax.ts';
import { bundleText, manifestTextsText } from '../../scripts/generated-texts.ts';
import { verbsText } from '../../scripts/generated-verbs.ts';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

test('the version in the sources is that of the package', () =>
  expect(JSON.parse(read('package.json')).version).toBe(WORKBENCH_VERSION));

describe('`npm run generate` has been run', () => {
  test.each([...docTexts()])('%s is what the tables say', (file, text) => expect(read(file)).toBe(text));

  test('no page is of a code that is gone', () => {
    const pages = [...docTexts().keys()].filter((file) => file.startsWith('docs/diagnostics/'));
    expect(readdirSync(path.join(root, 'docs/diagnostics')).sort()).toEqual(
      pages.map((file) => path.basename(file)).sort(),
    );
  });

  test('the TextMate grammar has the words of today', () =>
    expect(read('syntaxes/ksql.tmLanguage.json')).toBe(syntaxText()));

  test('the manifest has the tools for language models', () => expect(read('package.json')).toBe(manifestText()));

  test('what is to be translated is what the sources say', async () => {
    expect(read('l10n/bundle.l10n.json')).toBe(await bundleText());
    expect(read('package.nls.json')).toBe(manifestTextsText());
  }, 120_000);

  test('the verbs of statements are those of the grammar', () =>
    expect(read('language/parser/verbs.ts')).toBe(verbsText()));

  test('the schema of ksql.json has the settings and codes of today', () =>
    expect(read('client/schemas/ksql.schema.json')).toBe(configSchemaText()));

  test('the schema of ksql.lock.json is the one that is shipped', () =>
    expect(read('client/schemas/ksql.lock.schema.json')).toBe(lockSchemaText()));

  test('the parser is that of the grammar', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'grammar-'));
    try {
      for (const file of ['ksql.langium', 'langium-config.json'])
        cpSync(path.join(root, 'language', file), path.join(folder, file));
      const langium = path.join(root, 'node_modules/langium-cli/bin/langium.js');
      execFileSync(process.execPath, [langium, 'generate', '-f', path.join(folder, 'langium-config.json')], {
        stdio: 'pipe',
      });
      for (const file of readdirSync(path.join(folder, 'generated')))
        expect(readFileSync(path.join(folder, 'generated', file), 'utf8')).toBe(read(`language/generated/${file}`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
