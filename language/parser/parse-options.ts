/** `latest` is ksqlDB's present grammar, `2018` that of the founding talks. */
export type Dialect = 'latest' | '2018';

export interface ParseOptions {
  readonly dialect: Dialect;
  /** Also takes the statements of the test dialect: ASSERT VALUES, ASSERT STREAM, RUN SCRIPT … */
  readonly testStatements?: boolean;
}
