import { isMainThread } from 'node:worker_threads';
import { CommanderError } from 'commander';
import { EngineError } from '../api/errors.ts';
import { BrokerError } from '../broker/broker.ts';
import { StateError } from '../files/file-error.ts';
import { EXIT, type ExitCode, StartError, UsageError } from '../script/exit-codes.ts';
import { commandLine } from './command-line.ts';

/** What is no defect, but says why something cannot be done: printed without a stack. */
const REFUSALS = [StartError, BrokerError, EngineError, StateError];

/** Runs the command line with the given arguments (without the program's own name) and gives its exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  try {
    await commandLine((result) => {
      code = result;
    }).parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const isRefusal = REFUSALS.some((refusal) => error instanceof refusal);
    if (!isRefusal && !(error instanceof UsageError)) throw error;
    process.stderr.write(`ksql: ${(error as Error).message}\n`);
    return isRefusal ? EXIT.failed : EXIT.usage;
  }
  return code;
}

if (isMainThread) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader such as `head` that has seen enough closes the pipe; that is no failure of ours.
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
  });
  process.exitCode = await main(process.argv.slice(2));
} else {
  const { runEngineThread } = await import('./threads/engine-thread.ts');
  await runEngineThread();
}
