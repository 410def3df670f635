import type { DiagnosticCode } from '../diagnostics/diagnostic-codes.ts';
import type { DiagnosticStage, Severity } from '../diagnostics/diagnostic-entry.ts';
import type { TextRange } from './text-range.ts';

/** A replacement of a range of the document's text. */
export interface TextEdit {
  readonly range: TextRange;
  readonly text: string;
}

/** A change that mends what a diagnostic speaks of. */
export interface QuickFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** A place that a diagnostic has to do with besides its own. */
export interface RelatedPlace {
  /** The file of a project; absent: that of the diagnostic. */
  readonly file?: string;
  readonly range: TextRange;
  readonly message: string;
}

/**
 * Something to tell the user about a place in a script. What there is to say about all of one code stands in the tables
 * of `language/diagnostics`.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Where it differs from the stage of the code. */
  readonly stage?: DiagnosticStage;
  /** In ksqlDB's words where those say enough, or where its REST API repeats them. */
  readonly message: string;
  /** In words for people who write the statement, where ksqlDB's are of little help to them. */
  readonly explanation?: string | undefined;
  readonly range: TextRange;
  /** Index of the statement in the script. */
  readonly statement: number;
  readonly fixes: readonly QuickFix[];
  /** Places elsewhere that it has to do with. */
  readonly related?: readonly RelatedPlace[];
  readonly tags?: readonly ('deprecated' | 'unnecessary')[];
}

/** What a diagnostic says to people. */
export const explain = ({ explanation, message }: Pick<Diagnostic, 'explanation' | 'message'>): string =>
  explanation ?? message;
