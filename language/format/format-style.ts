/** What can be chosen about the formatter's style. */
export interface FormatStyle {
  /** The column that lines should not reach beyond. */
  readonly width: number;
  /** Of keywords, built-in types and properties; `keep` leaves them as they are written. */
  readonly keywordCase: 'upper' | 'lower' | 'keep';
  /** Where commas of broken lists stand: at the end of a line, or at the beginning of the next. */
  readonly commas: 'trailing' | 'leading';
  /** Whether the ON of a join may stand on its line, or always stands below it. */
  readonly joinConditions: 'same-line' | 'own-line';
}

export const DEFAULT_STYLE: FormatStyle = {
  width: 110,
  keywordCase: 'upper',
  commas: 'trailing',
  joinConditions: 'same-line',
};
