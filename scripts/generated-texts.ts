import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getL10nJson, type l10nJsonFormat } from '@vscode/l10n-dev';
import { TOOLS } from '../engine/tools/tools.ts';

const root = path.join(import.meta.dirname, '..');

/**
 * The texts of the extension that its sources hand to `l10n.t`, in the order of the alphabet: what a translation gives
 * words for.
 */
export async function bundleText(): Promise<string> {
  const files = globSync('client/**/*.ts', { cwd: root }).toSorted();
  const sources = files.map((file) => ({ extension: '.ts', contents: readFileSync(path.join(root, file), 'utf8') }));
  return jsonText(sorted(await getL10nJson(sources)));
}

/** The texts of the manifest, those of the tools for language models as the table of tools has them. */
export function manifestTextsText(): string {
  const texts: Record<string, string> = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8'));
  const own = Object.entries(texts).filter(([key]) => !key.startsWith('tool.'));
  const ofTools = TOOLS.flatMap(({ name, title, description }) => [
    [`tool.${name}`, title],
    [`tool.${name}.description`, `${description.split(/[.:]/)[0]}.`],
  ]);
  return jsonText(Object.fromEntries([...own, ...ofTools]));
}

const sorted = (bundle: l10nJsonFormat): l10nJsonFormat =>
  Object.fromEntries(Object.entries(bundle).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const jsonText = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
