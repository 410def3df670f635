/** The words that statements begin with. Made from the grammar by `npm run generate`. */
export const STATEMENT_VERBS = [
  'SELECT',
  'CREATE',
  'INSERT',
  'DROP',
  'ALTER',
  'LIST',
  'SHOW',
  'DESCRIBE',
  'EXPLAIN',
  'PRINT',
  'TERMINATE',
  'PAUSE',
  'RESUME',
  'SET',
  'UNSET',
  'DEFINE',
  'UNDEFINE',
  'ASSERT',
] as const;

/** Words that only statements of test files begin with. */
export const TEST_VERBS = ['RUN'] as const;
