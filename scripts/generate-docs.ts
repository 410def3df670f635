/** Writes the reference of functions and statements from the language's own catalogue; its examples are run as tests. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { STATEMENT_DOCS } from '../language/documentation/statement-docs.ts';
import { FUNCTIONS } from '../language/functions/catalogue.ts';
import { functionMarkdown } from '../server/text/function-text.ts';

const docs = path.join(import.meta.dirname, '../docs');
mkdirSync(docs, { recursive: true });

const byCategory = Map.groupBy([...FUNCTIONS.values()], ({ category }) => category);
const functions = [...byCategory]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([category, members]) => {
    const entries = members
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((definition) => `### ${definition.name}\n\n${functionMarkdown(definition)}`);
    return `## ${title(category)}\n\n${entries.join('\n\n')}`;
  });
writeFileSync(
  path.join(docs, 'functions.md'),
  `# Functions\n\n${FUNCTIONS.size} functions, by group. The examples run as tests.\n\n${functions.join('\n\n')}\n`,
);

const statements = STATEMENT_DOCS.map(
  ({ label, syntax, docs: text, example }) =>
    `## ${label}\n\n${text}\n\n\`\`\`\n${syntax}\n\`\`\`\n\n\`\`\`ksql\n${example}\n\`\`\``,
);
writeFileSync(path.join(docs, 'statements.md'), `# Statements\n\n${statements.join('\n\n')}\n`);

function title(category: string): string {
  return category[0] + category.slice(1).toLowerCase();
}
