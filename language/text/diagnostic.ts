import type { TextRange } from './text-range.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

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

/**
 * Something to tell the user about a place in a script. `code` is stable (kebab-case, documented); `error` is kept for what
 * ksqlDB would reject.
 */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  /** In ksqlDB's words where those say enough, or where its REST API repeats them. */
  readonly message: string;
  /** In words for people who write the statement, where ksqlDB's are of little help to them. */
  readonly explanation?: string;
  readonly range: TextRange;
  /** Index of the statement in the script. */
  readonly statement: number;
  readonly fixes: readonly QuickFix[];
  readonly tags?: readonly ('deprecated' | 'unnecessary')[];
}

/** What a diagnostic says to people. */
export const explain = ({ explanation, message }: Pick<Diagnostic, 'explanation' | 'message'>): string =>
  explanation ?? message;
