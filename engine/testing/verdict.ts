import type { RowsDifference } from '../api/rows-difference.ts';

/** What became of one test case, as `--report` writes it. */
export interface Verdict {
  readonly file: string;
  readonly name: string;
  readonly format: string | null;
  readonly kind: 'results' | 'error' | 'test';
  readonly verdict: 'passed' | 'failed' | 'skipped' | 'needs-java';
  /** Of kind `error` only: how the outcome relates to the error that was expected. */
  readonly error: 'message-equal' | 'other-words' | 'accepted' | 'other-error' | null;
  readonly message: string | null;
  /** Of a test in the SQL dialect: the line of the statement that failed, from 1. */
  readonly line?: number | undefined;
  /** What was expected and what came, where the two can be laid side by side. */
  readonly expected?: string;
  readonly actual?: string;
  /** Of an assertion on the records of a source: all that was expected of it, and all that came. */
  readonly rows?: RowsDifference | undefined;
  readonly durationMs: number;
}

/** Two texts to lay side by side. */
export interface Difference {
  readonly expected: string;
  readonly actual: string;
}

/** What a runner says; the rest of the verdict is about the case. */
export type Outcome = Pick<Verdict, 'verdict' | 'error' | 'message' | 'line' | 'expected' | 'actual' | 'rows'>;

export const passed: Outcome = { verdict: 'passed', error: null, message: null };
export const failed = (message: string, line?: number, difference?: Difference): Outcome => ({
  verdict: 'failed',
  error: null,
  message,
  ...difference,
  line,
});
export const skipped = (message: string): Outcome => ({ verdict: 'skipped', error: null, message });
export const needsJava = (message: string): Outcome => ({ verdict: 'needs-java', error: null, message });

/** A test's expectation that was not met. The message says what was expected and what came. */
export class ExpectationError extends Error {
  readonly difference: Difference | undefined;

  constructor(message: string, difference?: Difference) {
    super(message);
    this.difference = difference;
  }
}
