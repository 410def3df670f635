import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionDeclaration } from '../language/functions/declared.ts';
import type { FunctionSource } from './workspace/function-source.ts';

/**
 * Functions in folders of the user's own machine. The command line beside the server loads them, in a process of its
 * own, so that nothing of them runs in this one.
 */
export const NODE_FUNCTIONS: FunctionSource = {
  async list(uri) {
    const program = ['cli.mjs', '../engine/cli/main.ts']
      .map((file) => path.join(import.meta.dirname, file))
      .find(existsSync);
    if (program === undefined || !uri.startsWith('file:') || !existsSync(fileURLToPath(uri))) return [];
    const child = spawn(process.execPath, [program, 'functions', fileURLToPath(uri), '--format', 'json'], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    try {
      return (JSON.parse(output) as { readonly declarations: readonly FunctionDeclaration[] }).declarations;
    } catch {
      return [];
    }
  },
};
