import {
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as LspDiagnostic,
} from 'vscode-languageserver';
import type { Severity } from '../../language/diagnostics/diagnostic-entry.ts';
import { explain, type RelatedPlace } from '../../language/text/diagnostic.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

export const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
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
  const relatedPlace = ({ file = script.document.uri, range, message }: RelatedPlace): DiagnosticRelatedInformation => {
    const { document } = script.files.find(file) ?? script;
    return { location: { uri: document.uri, range: toLspRange(document, range) }, message };
  };
  return script.diagnostics.map((diagnostic) => ({
    range: toLspRange(script.document, diagnostic.range),
    severity: SEVERITIES[diagnostic.severity],
    code: diagnostic.code,
    ...(pageOf === undefined ? {} : { codeDescription: { href: pageOf(diagnostic.code) } }),
    source: 'ksql',
    message: explain(diagnostic),
    ...(diagnostic.related === undefined ? {} : { relatedInformation: diagnostic.related.map(relatedPlace) }),
    ...(diagnostic.tags === undefined ? {} : { tags: diagnostic.tags.map((tag) => TAGS[tag]) }),
  }));
}
