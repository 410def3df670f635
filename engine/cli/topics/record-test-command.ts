import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asEngineError } from '../../api/errors.ts';
import { EXIT, type ExitCode, UsageError } from '../../script/exit-codes.ts';
import { readScript } from '../../script/script-files.ts';
import { recordTest } from '../../testing/recording/record-test.ts';
import { readFixtureFile } from './replay.ts';

export interface RecordTestOptions {
  /** The fixture file with the records that the queries get. */
  readonly replay: string;
  readonly name?: string;
  /** Where the test goes; standard output if it is not given. */
  readonly output?: string;
}

/** `ksql record-test`: writes a test of what the queries of a script give for the records of a fixture file. */
export async function recordTestCommand(file: string, options: RecordTestOptions): Promise<ExitCode> {
  const { output, replay } = options;
  const name = options.name ?? `${path.basename(file).replace(/\.\w+$/, '')} with ${path.basename(replay)}`;
  try {
    const text = await recordTest(readScript(file), readFixtureFile(replay), { name, file: path.resolve(file) });
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, `${beforeTests(output)}${text}`);
    return EXIT.done;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    process.stderr.write(`${file}: ${asEngineError(error).message}\n`);
    return EXIT.failed;
  }
}

/** What a file of tests holds already, to which another test is added. */
function beforeTests(file: string): string {
  try {
    return `${readFileSync(file, 'utf8').trimEnd()}\n\n`;
  } catch {
    return '';
  }
}
