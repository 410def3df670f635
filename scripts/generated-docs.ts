import { CODES_BY_TOPIC, DIAGNOSTICS, type DiagnosticCode } from '../language/diagnostics/diagnostic-codes.ts';
import { diagnosticPage } from '../language/diagnostics/diagnostic-page.ts';
import { STATEMENT_DOCS } from '../language/documentation/statement-docs.ts';
import { FUNCTIONS } from '../language/functions/catalogue.ts';
import { functionMarkdown } from '../server/text/function-text.ts';

/**
 * The reference of functions, of statements and of diagnostics, from the language's own tables: texts by path below the
 * root.
 */
export const docTexts = (): ReadonlyMap<string, string> =>
  new Map([
    ['docs/functions.md', functionsText()],
    ['docs/statements.md', statementsText()],
    ['docs/diagnostics/README.md', diagnosticsText()],
    ...(Object.keys(DIAGNOSTICS) as DiagnosticCode[]).map(
      (code) => [`docs/diagnostics/${code}.md`, `${diagnosticPage(code)}\n`] as const,
    ),
  ]);

function functionsText(): string {
  const byCategory = Map.groupBy([...FUNCTIONS.values()], ({ category }) => category);
  const functions = [...byCategory]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, members]) => {
      const entries = members
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((definition) => `### ${definition.name}\n\n${functionMarkdown(definition)}`);
      return `## ${title(category)}\n\n${entries.join('\n\n')}`;
    });
  return `# Functions\n\n${FUNCTIONS.size} functions, by group. The examples run as tests.\n\n${functions.join('\n\n')}\n`;
}

function statementsText(): string {
  const statements = STATEMENT_DOCS.map(
    ({ label, syntax, docs, example }) =>
      `## ${label}\n\n${docs}\n\n\`\`\`\n${syntax}\n\`\`\`\n\n\`\`\`ksql\n${example}\n\`\`\``,
  );
  return `# Statements\n\n${statements.join('\n\n')}\n`;
}

function diagnosticsText(): string {
  const topics = [...CODES_BY_TOPIC].map(
    ([topic, codes]) =>
      `## ${topic}\n\n${codes.map((code) => `- [\`${code}\`](${code}.md): ${DIAGNOSTICS[code].title}`).join('\n')}`,
  );
  return `# Diagnostics\n\nWhat the editor and \`ksql check\` say, by code. The examples run as tests; \`ksql check --explain CODE\` prints a page.\n\n${topics.join('\n\n')}\n`;
}

function title(category: string): string {
  return category[0] + category.slice(1).toLowerCase();
}
