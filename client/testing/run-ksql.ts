import { spawn } from 'node:child_process';
import path from 'node:path';
import type * as vscode from 'vscode';

export interface KsqlEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line that comes with the extension, until it ends or is cancelled.
 * @throws Error when it cannot start
 */
export async function runKsql(
  distPath: string,
  args: readonly string[],
  token?: vscode.CancellationToken,
): Promise<KsqlEnd> {
  const child = spawn(process.execPath, [path.join(distPath, 'cli.mjs'), ...args], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  token?.onCancellationRequested(() => child.kill());
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject),
  );
  return { code, stdout, stderr };
}
