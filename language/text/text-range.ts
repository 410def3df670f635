/** A place in the text of the script, by UTF-16 offset from its start. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}
