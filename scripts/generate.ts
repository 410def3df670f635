/** Writes what is made from the language's own tables. A test holds that it is current. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { docTexts } from './generated-docs.ts';
import { manifestText } from './generated-manifest.ts';
import { configSchemaText, lockSchemaText } from './generated-schema.ts';
import { syntaxText } from './generated-syntax.ts';
import { bundleText, manifestTextsText } from './generated-texts.ts';
import { verbsText } from './generated-verbs.ts';

const root = path.join(import.meta.dirname, '..');
// A page whose code is gone must not stay.
rmSync(path.join(root, 'docs/diagnostics'), { recursive: true, force: true });
const texts = [
  ...docTexts(),
  ['syntaxes/ksql.tmLanguage.json', syntaxText()],
  ['package.json', manifestText()],
  ['package.nls.json', manifestTextsText()],
  ['l10n/bundle.l10n.json', await bundleText()],
  ['language/parser/verbs.ts', verbsText()],
  ['client/schemas/ksql.schema.json', configSchemaText()],
  ['client/schemas/ksql.lock.schema.json', lockSchemaText()],
] as const;
for (const [file, text] of texts) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}
