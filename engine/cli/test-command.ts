import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type JavaRegex, javaRegex } from '../../language/java/regex/java-regex.ts';
import type { FunctionFolders } from '../functions/function-folders.ts';
import { EXIT, type ExitCode, UsageError } from '../script/exit-codes.ts';
import { findFiles, isScript, readScript } from '../script/script-files.ts';
import { parseExactJson } from '../testing/case-json.ts';
import { runQueryCase } from '../testing/query-case.ts';
import { runRestCase } from '../testing/rest-case.ts';
import { runSqlTests } from '../testing/sql-tests.ts';
import { expandCases, isTestDocument, type TestCase } from '../testing/test-case.ts';
import { runTriple, type Triple, tripleOf } from '../testing/triple.ts';
import { failed, type Outcome, skipped, type Verdict } from '../testing/verdict.ts';
import { loadedFunctions } from './engines/loaded-functions.ts';
import { styles } from './printing/style.ts';
import { junitReport, tapReport } from './printing/test-reports.ts';
import { snapshotTests } from './snapshot-tests.ts';

export interface TestOptions {
  readonly report?: string;
  readonly only?: string;
  /** How verdicts are printed; absent, as text. */
  readonly format?: 'text' | 'json' | 'tap' | 'junit';
  /** Seconds. */
  readonly timeout: number;
  readonly statementsFile?: string;
  readonly inputFile?: string;
  readonly outputFile?: string;
  /** Folders with functions of the user's own, for tests in the SQL dialect. */
  readonly functions?: readonly string[];
  /** Whether the snapshots that are pinned in scripts are compared, too. */
  readonly snapshots?: boolean;
}

/** The pattern of `--only`. @throws UsageError */
function namePattern(pattern: string): JavaRegex {
  try {
    return javaRegex(pattern);
  } catch (error) {
    throw new UsageError(`--only ${pattern}: ${(error as Error).message}`);
  }
}

/** A test that can be run: it names itself before it does anything. */
interface Runnable {
  readonly file: string;
  readonly name: string;
  readonly fullName: string;
  readonly format: string | null;
  readonly kind: Verdict['kind'];
  readonly run: () => Promise<Outcome>;
}

/** `ksql test`: runs what it finds, prints what failed, and ends with the counts. */
export async function test(paths: readonly string[], options: TestOptions): Promise<ExitCode> {
  const { format = 'text' } = options;
  const only = options.only === undefined ? undefined : namePattern(options.only);
  const own = await loadedFunctions(options.functions ?? []);
  const runnables = collect(paths, options, own?.definitions).filter(
    (runnable) => only === undefined || only.test(runnable.fullName),
  );
  if (runnables.length === 0)
    throw new UsageError('No test was found. Name files of tests, or folders that hold some.');
  const verdicts: Verdict[] = [];
  for (const runnable of runnables) {
    const verdict = await runOne(runnable, options.timeout * 1000);
    verdicts.push(verdict);
    if (format === 'text' && verdict.verdict === 'failed') printFailure(runnable, verdict);
  }
  await own?.close();
  if (options.report !== undefined) writeFileSync(options.report, jsonText(verdicts));
  process.stdout.write(summary(verdicts, format));
  return verdicts.some(({ verdict }) => verdict === 'failed') ? EXIT.failed : EXIT.done;
}

function printFailure({ fullName }: Runnable, { message }: Verdict): void {
  const { red } = styles(process.stdout);
  process.stdout.write(`${red('failed')} ${fullName}\n    ${message?.replaceAll('\n', '\n    ')}\n`);
}

const jsonText = (verdicts: readonly Verdict[]): string => `${JSON.stringify({ cases: verdicts }, null, 1)}\n`;

/** All verdicts, or, as text, how many there are of each. */
function summary(verdicts: readonly Verdict[], format: NonNullable<TestOptions['format']>): string {
  if (format === 'json') return jsonText(verdicts);
  if (format === 'tap') return tapReport(verdicts);
  if (format === 'junit') return junitReport(verdicts);
  const count = (wanted: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const java = count('needs-java');
  const needed = java > 0 ? `${java} need functions that exist only in ksqlDB's own test classes\n` : '';
  return `${needed}${count('passed')} passed, ${count('failed')} failed, ${count('skipped') + java} skipped\n`;
}

function collect(
  paths: readonly string[],
  options: TestOptions,
  functions: FunctionFolders['definitions'] | undefined,
): Runnable[] {
  const { statementsFile, inputFile, outputFile } = options;
  if (statementsFile !== undefined && outputFile !== undefined) {
    return [tripleTest({ statementsFile, outputFile, inputFile }, statementsFile, statementsFile)];
  }
  if (statementsFile !== undefined || inputFile !== undefined || outputFile !== undefined) {
    throw new UsageError('--statements-file and --output-file go together (with --input-file where there are inputs).');
  }
  if (paths.length === 0) throw new UsageError('Name the files or folders of tests to run.');
  const collected = findFiles(paths, (file) => /\.json$/i.test(file) || isScript(file)).map((file) => ({
    file,
    tests: file.toLowerCase().endsWith('.json') ? jsonTests(file) : scriptTests(file, options, functions),
  }));
  if (collected.every(({ tests }) => tests.length === 0)) return [];
  // In a folder there may be other files, too; one that is named is meant.
  return collected.flatMap(({ file, tests }) =>
    tests.length === 0 && paths.includes(file) ? [withoutTests(file)] : tests,
  );
}

const tripleTest = (triple: Triple, name: string, fullName: string): Runnable => ({
  file: triple.statementsFile,
  name,
  fullName,
  format: null,
  kind: 'test',
  run: () => runTriple(triple),
});

function scriptTests(
  file: string,
  options: TestOptions,
  functions: FunctionFolders['definitions'] | undefined,
): Runnable[] {
  const triple = tripleOf(file);
  if (triple !== undefined) {
    const name = path.basename(triple.outputFile);
    return [tripleTest(triple, name, `${file} - ${name}`)];
  }
  const tests = runSqlTests(file, readScript(file), functions === undefined ? {} : { functions });
  return options.snapshots ? [...tests, ...snapshotTests(file, options.functions)] : tests;
}

const withoutTests = (file: string): Runnable => ({
  file,
  name: file,
  fullName: file,
  format: null,
  kind: 'test',
  run: async () => failed('The file holds no test.'),
});

function jsonTests(file: string): Runnable[] {
  const document = parseExactJson(readFileSync(file, 'utf8'));
  if (!isTestDocument(document)) return [];
  return expandCases(file, document).map((testCase) => ({
    file: testCase.file,
    name: testCase.name,
    fullName: testCase.fullName,
    format: testCase.format,
    kind: testCase.expectedException || testCase.expectedError ? 'error' : 'results',
    run: () => runCase(testCase),
  }));
}

async function runCase(testCase: TestCase): Promise<Outcome> {
  if (!testCase.enabled) return skipped('The file disables this case.');
  const isRest = testCase.responses !== undefined || testCase.expectedError !== undefined;
  const outcome = await (isRest ? runRestCase(testCase) : runQueryCase(testCase));
  const expectsNothing =
    !isRest && testCase.outputs.length === 0 && testCase.expectedException === undefined && testCase.post === undefined;
  return expectsNothing && outcome.verdict === 'passed' ? skipped('The case expects nothing.') : outcome;
}

async function runOne(runnable: Runnable, timeoutMs: number): Promise<Verdict> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve(failed(`It took longer than ${timeoutMs / 1000} s.`)), timeoutMs);
  });
  const outcome = await Promise.race([runnable.run().catch(describeCrash), timeout]);
  clearTimeout(timer);
  const { file, name, format, kind } = runnable;
  return { file, name, format, kind, ...outcome, durationMs: Math.round(performance.now() - started) };
}

const describeCrash = (error: unknown): Outcome =>
  failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
