import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkContainerRuntime } from '../../../../engine/broker/redpanda/container-runtime-check.ts';

/** A machine on which nothing but what `programs` names is installed, and no socket of a real program is seen. */
function machine(...programs: readonly string[]): NodeJS.ProcessEnv {
  const home = mkdtempSync(path.join(tmpdir(), 'ksql-machine-'));
  mkdirSync(path.join(home, 'bin'));
  for (const program of programs) {
    writeFileSync(path.join(home, 'bin', program), '');
    chmodSync(path.join(home, 'bin', program), 0o755);
  }
  return { PATH: path.join(home, 'bin'), HOME: home, XDG_RUNTIME_DIR: home };
}

describe.skipIf(process.platform === 'win32')('the check of the container program', () => {
  test.each([
    [
      { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
      'silent',
      /DOCKER_HOST is unix:\/\/\/nowhere\/docker.sock.*ENOENT/,
    ],
    [{ DOCKER_HOST: 'tcp://127.0.0.1:1' }, 'silent', /ECONNREFUSED.*unset DOCKER_HOST/],
  ])('%j', async (env, kind, message) => {
    const check = await checkContainerRuntime({ ...machine('docker'), ...env });
    expect(check).toEqual({ kind, message: expect.stringMatching(message) });
  });

  test('finds Podman at its socket', async () => {
    const env = machine('podman');
    mkdirSync(path.join(env['HOME']!, 'podman'));
    const socket = path.join(env['HOME']!, 'podman/podman.sock');
    const server = createServer((connection) => connection.end());
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const check = await checkContainerRuntime(env);
    await new Promise((resolve) => server.close(resolve));
    expect(check.kind).toBe('answers');
  });
});
