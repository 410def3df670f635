import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readScript } from '../script/script-files.ts';
import { tripleFiles } from '../script/triple-files.ts';
import { asList, isObject, parseExactJson } from './case-json.ts';
import { runQueryCase } from './query-case.ts';
import { expandCases } from './test-case.ts';
import { failed, type Outcome } from './verdict.ts';

export interface Triple {
  readonly statementsFile: string;
  readonly inputFile?: string | undefined;
  readonly outputFile: string;
}

/** The triple that a script is a part of, by the names of the files beside it. */
export function tripleOf(statementsFile: string): Triple | undefined {
  const names = tripleFiles(path.basename(statementsFile));
  if (names === undefined) return undefined;
  const beside = (name: string) => path.join(path.dirname(statementsFile), name);
  const [inputFile, outputFile] = [beside(names.input), beside(names.output)];
  if (!existsSync(outputFile)) return undefined;
  return { statementsFile, outputFile, inputFile: existsSync(inputFile) ? inputFile : undefined };
}

/** Runs the statements, inputs and expected outputs of one ksql-test-runner triple. */
export async function runTriple({ statementsFile, inputFile, outputFile }: Triple): Promise<Outcome> {
  const read = (file: string) => parseExactJson(readFileSync(file, 'utf8'));
  const outputs = read(outputFile);
  if (!isObject(outputs) || !('outputs' in outputs)) return failed(`No 'outputs' field in the output file.`);
  const inputs = inputFile === undefined ? undefined : read(inputFile);
  if (inputs !== undefined && (!isObject(inputs) || !('inputs' in inputs)))
    return failed(`No 'inputs' field in the input file.`);
  if (asList(outputs['outputs']).length === 0) return failed('Outputs cannot be empty.');
  if (isObject(inputs) && asList(inputs['inputs']).length === 0) return failed('Inputs cannot be empty.');
  const test = {
    name: statementsFile,
    statements: [readScript(statementsFile)],
    ...(isObject(inputs) ? { inputs: inputs['inputs']! } : {}),
    outputs: outputs['outputs']!,
  };
  const [testCase] = expandCases(statementsFile, { tests: [test] });
  return runQueryCase(testCase!);
}
