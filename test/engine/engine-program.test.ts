import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openEngine } from '../../engine/open-engine.ts';

const USAGE = 'engine [--listen';

/** Runs the engine's own program, which has to end by itself. */
async function run(...args: string[]): Promise<{ readonly code: number | null; readonly errors: string }> {
  const program = path.join(import.meta.dirname, '../../engine/main.ts');
  const child = spawn(process.execPath, [program, '--listen', '127.0.0.1:0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, errors })));
}

test('an address where no Kafka is gives what the network says, and what to do', async () => {
  const { code, errors } = await run('--bootstrap-server', '127.0.0.1:1');
  expect(code).toBe(1);
  expect(errors).toBe(
    'Kafka broker 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Nothing listens there: check host and port, and whether the broker runs.\n',
  );
}, 60_000);

test('an option that there is not gives how options are written', async () => {
  const { code, errors } = await run('--colour', 'red');
  expect(code).toBe(1);
  expect(errors).toContain("Unknown option '--colour'");
  expect(errors).toContain(USAGE);
});

test('a state directory that another engine has is told by the exit code', async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-program-'));
  const engine = await openEngine({ stateDir });
  try {
    const { code, errors } = await run('--state-dir', stateDir, '--state-wait', '0.2');
    expect(code).toBe(75);
    expect(errors).toContain(`is in use by the engine with process id ${process.pid}`);
    expect(errors).not.toContain(USAGE);
  } finally {
    await engine.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
});
