import { DIAGNOSTICS, type DiagnosticCode } from './diagnostic-codes.ts';
import type { DiagnosticEntry } from './diagnostic-entry.ts';
import { withExampleSources } from './example-sources.ts';

/**
 * What there is to say about a code, in Markdown: what it means, why ksqlDB refuses it, an example and the same without
 * the fault.
 */
export function diagnosticPage(code: DiagnosticCode): string {
  const entry: DiagnosticEntry = DIAGNOSTICS[code];
  const { title, meaning, reason, given, example, corrected } = entry;
  return [
    `# ${title}`,
    `\`${code}\` · ${severityText(entry)}`,
    meaning,
    `## Why\n\n${reason}`,
    ...(example === undefined
      ? []
      : [`## Example${given === undefined ? '' : `\n\n${given.text}`}`, scriptBlock(example)]),
    ...(corrected === undefined ? [] : ['## Corrected', scriptBlock(corrected)]),
  ].join('\n\n');
}

const severityText = ({ severity, offlineSeverity }: DiagnosticEntry): string =>
  offlineSeverity === undefined ? severity : `${severity}, without a connection ${offlineSeverity}`;

const scriptBlock = (script: string): string => `\`\`\`ksql\n${withExampleSources(script)}\n\`\`\``;
