import { type ParsedStatement, parseScript } from '../../language/index.ts';

/** A test of a file: what comes between two `--@test` lines. */
export interface SqlTest {
  readonly name: string;
  readonly statements: readonly ParsedStatement[];
  readonly expectedError: string | undefined;
  readonly expectedMessage: string | undefined;
}

export interface SqlTestFile {
  readonly tests: readonly SqlTest[];
  /** What stands before the first test. */
  readonly stray: ParsedStatement | undefined;
}

/** Reads a file in the test dialect. */
export function readSqlTests(text: string): SqlTestFile {
  const parsed = parseScript(text, { dialect: 'latest', testStatements: true });
  const tests: { -readonly [K in keyof SqlTest]: SqlTest[K] }[] = [];
  let stray: ParsedStatement | undefined;
  const follow = (directives: ParsedStatement['directives']) => {
    for (const { name, text: content } of directives) {
      if (name === 'test')
        tests.push({ name: content, statements: [], expectedError: undefined, expectedMessage: undefined });
      const test = tests.at(-1);
      if (test === undefined) continue;
      if (name === 'expected.error') test.expectedError = content;
      else if (name === 'expected.message') test.expectedMessage = content;
    }
  };
  for (const statement of parsed.statements) {
    follow(statement.directives);
    const test = tests.at(-1);
    if (test === undefined) stray ??= statement;
    else test.statements = [...test.statements, statement];
  }
  follow(parsed.trailingDirectives);
  return { tests, stray };
}
