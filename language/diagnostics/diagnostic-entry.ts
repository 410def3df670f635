/** How bad a diagnostic is. `error` is kept for what ksqlDB would refuse. */
export type Severity = 'error' | 'warning' | 'information' | 'hint';

/**
 * How far ksqlDB has come with a statement when it finds a fault: it takes the statement as it was sent, adds the
 * formats that are not stated, and last the columns that come from a schema registry. Its answer repeats the statement
 * as it is then.
 */
export type DiagnosticStage = 'as-sent' | 'formats' | 'complete';

/**
 * What there is to say about all diagnostics of one code: the text of its page of documentation, and what it is checked
 * with.
 */
export interface DiagnosticEntry {
  readonly severity: Severity;
  /** The severity where no server is connected that knows better. */
  readonly offlineSeverity?: Severity;
  /** Absent: the statement is complete. */
  readonly stage?: DiagnosticStage;
  /** The heading of the page. */
  readonly title: string;
  /** What is wrong, for whoever wrote the statement. */
  readonly meaning: string;
  /** Why ksqlDB refuses it, or why it is worth a word. */
  readonly reason: string;
  /** What has to hold besides the script: settings of the server, something that only a server or a registry knows. */
  readonly given?: DiagnosticSituation;
  /**
   * The shortest script that gives the code; absent where none is short. The sources of `example-sources.ts` may be
   * used.
   */
  readonly example?: string;
  /** The same script without the fault. */
  readonly corrected?: string;
}

/** The situation in which an example gives its code. */
export interface DiagnosticSituation {
  /** In words, for the page. */
  readonly text: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** A server is connected: what no statement has made is not there. */
  readonly connected?: boolean;
  readonly dialect?: '2018';
}
