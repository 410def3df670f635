import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TOOLS } from '../engine/tools/tools.ts';

/** `package.json` with the tools for language models as the table of tools has them. */
export function manifestText(): string {
  const manifest = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'));
  manifest.contributes.languageModelTools = TOOLS.map(({ name, description, inputSchema }) => ({
    name,
    displayName: `%tool.${name}%`,
    modelDescription: description,
    userDescription: `%tool.${name}.description%`,
    toolReferenceName: name,
    canBeReferencedInPrompt: true,
    icon: '$(database)',
    tags: ['ksql', 'kafka'],
    inputSchema,
  }));
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
