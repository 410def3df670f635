/** A test of a script in the test dialect: from its `--@test: name` to the next one. */
export interface TestBlock {
  readonly name: string;
  /** Where its first line begins. */
  readonly start: number;
  readonly end: number;
}

/** The tests of a script; none when it is no test script. */
export function testBlocks(text: string): readonly TestBlock[] {
  const heads = [...text.matchAll(/^--@test\s*:\s*(.*?)\s*$/gm)];
  return heads.map(({ index, 1: name }, i) => ({ name: name!, start: index, end: heads[i + 1]?.index ?? text.length }));
}
