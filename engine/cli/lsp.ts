import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { EXIT, type ExitCode, UsageError } from '../script/exit-codes.ts';

/** `ksql lsp --stdio`: the language server, a program of its own beside this one. */
export async function lsp(): Promise<ExitCode> {
  const bundled = path.join(import.meta.dirname, 'server.mjs');
  const source = path.join(import.meta.dirname, '../../server/main.ts');
  const program = [bundled, path.join(import.meta.dirname, '../server.mjs'), source].find(existsSync);
  if (program === undefined) throw new UsageError('The language server is not there; build the project first.');
  const server = spawn(process.execPath, [program, '--stdio'], { stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve) => server.once('exit', resolve));
  return code === 0 ? EXIT.done : EXIT.failed;
}
