/** The names of the files that belong to a script of ksql-test-runner, beside it. */
export interface TripleFiles {
  readonly input: string;
  readonly output: string;
}

/**
 * How the inputs and outputs of a script are called where the three are a test of ksql-test-runner: `statements.sql`
 * goes with `input.json` and `output.json`, `orders-statements.ksql` with `orders-input.json` and so on.
 * @param name of a file, without its folder
 */
export function tripleFiles(name: string): TripleFiles | undefined {
  const [, before] = /^(.*?)statements\.(?:k?sql)$/i.exec(name) ?? [];
  if (before === undefined || !/^(?:|.*[-_.])$/.test(before)) return undefined;
  return { input: `${before}input.json`, output: `${before}output.json` };
}
