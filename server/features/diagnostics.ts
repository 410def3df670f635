import { DiagnosticSeverity, DiagnosticTag, type Diagnostic as LspDiagnostic } from 'vscode-languageserver';
import type { Severity } from '../../language/diagnostics/diagnostic-entry.ts';
import { type Diagnostic, explain } from '../../language/text/diagnostic.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

const TAGS = { deprecated: DiagnosticTag.Deprecated, unnecessary: DiagnosticTag.Unnecessary } as const;

/**
 * What is wrong with a script, syntax and meaning, one message per problem.
 *
 * @param pageOf where there is more to read about a code; absent for clients that show no links
 */
export function diagnose(script: Script, pageOf?: (code: string) => string): LspDiagnostic[] {
  return allDiagnostics(script).map((diagnostic) => ({
    range: toLspRange(script.document, diagnostic.range),
    severity: SEVERITIES[diagnostic.severity],
    code: diagnostic.code,
    ...(pageOf === undefined ? {} : { codeDescription: { href: pageOf(diagnostic.code) } }),
    source: 'ksql',
    message: explain(diagnostic),
    ...(diagnostic.tags === undefined ? {} : { tags: diagnostic.tags.map((tag) => TAGS[tag]) }),
  }));
}

/** The diagnostics of syntax and analysis; the analysis repeats those of the syntax. */
export function allDiagnostics({ parsed, analysis }: Script): readonly Diagnostic[] {
  const key = ({ code, range, message }: Diagnostic) => `${range.start}-${range.end} ${code} ${message}`;
  return [...new Map([...parsed.diagnostics, ...analysis.diagnostics].map((each) => [key(each), each])).values()];
}
