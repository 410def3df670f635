import type { ErrorCode } from '../diagnostics/diagnostic-codes.ts';
import type { Diagnostic, QuickFix } from '../text/diagnostic.ts';

/** A diagnostic of one statement, not yet at its place in the script. */
export type SyntaxDiagnostic = Omit<Diagnostic, 'statement'>;

/** Whether a text is a statement without any syntax error. */
export type Parses = (text: string) => boolean;

export function syntaxError(
  code: ErrorCode,
  message: string,
  start: number,
  end: number,
  fixes: readonly QuickFix[] = [],
): SyntaxDiagnostic {
  return { code, severity: 'error', message, range: { start, end: Math.max(end, start) }, fixes };
}

export const replacement = (title: string, start: number, end: number, text: string): QuickFix => ({
  title,
  edits: [{ range: { start, end }, text }],
});

/** A statement's text after a quick fix. */
export const fixedText = (text: string, { edits }: QuickFix): string =>
  edits.reduceRight(
    (result, { range, text: own }) => result.slice(0, range.start) + own + result.slice(range.end),
    text,
  );
