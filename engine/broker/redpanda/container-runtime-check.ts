import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where a container program answers: a socket's path, or host and port. */
export interface RuntimeAddress {
  readonly program: 'docker' | 'podman';
  readonly target: { readonly path: string } | { readonly host: string; readonly port: number };
  /** As `DOCKER_HOST` has it. */
  readonly url: string;
}

export type RuntimeCheck =
  | { readonly kind: 'answers'; readonly address: RuntimeAddress | undefined }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'silent'; readonly message: string }
  | { readonly kind: 'forbidden'; readonly message: string };

const INSTALL =
  'No container program was found. Install Docker (https://docs.docker.com/get-docker) or Podman (https://podman.io), ' +
  'or use the embedded engine, which needs neither.';

/** Looks for a container program, then whether it answers, and whether this user may talk to it. */
export async function checkContainerRuntime(env: NodeJS.ProcessEnv = process.env): Promise<RuntimeCheck> {
  const programs = (['docker', 'podman'] as const).filter((name) => isInstalled(name, env));
  // On Windows it answers on a named pipe, which is looked for by the client.
  if (process.platform === 'win32') {
    return programs.length > 0 ? { kind: 'answers', address: undefined } : { kind: 'missing', message: INSTALL };
  }
  const addresses = env['DOCKER_HOST'] ? [addressOf(env['DOCKER_HOST'])] : socketsOf(env);
  const failures: { readonly address: RuntimeAddress; readonly code: string }[] = [];
  for (const address of addresses) {
    const code = await attempt(address);
    if (code === undefined) return { kind: 'answers', address };
    failures.push({ address, code });
  }
  const forbidden = failures.find(({ code }) => code === 'EACCES' || code === 'EPERM');
  if (forbidden !== undefined) return { kind: 'forbidden', message: howToPermit(forbidden.address) };
  if (env['DOCKER_HOST']) {
    const message = `DOCKER_HOST is ${env['DOCKER_HOST']}, but nothing answers there (${failures[0]!.code}). Start it, or unset DOCKER_HOST.`;
    return { kind: 'silent', message };
  }
  if (programs.length === 0) return { kind: 'missing', message: INSTALL };
  return { kind: 'silent', message: howToStart(programs) };
}

function howToPermit({ program, target }: RuntimeAddress): string {
  const socket = 'path' in target ? target.path : '';
  return program === 'docker'
    ? `Docker is there, but this user may not use ${socket}. Run: sudo usermod -aG docker $USER, then log out and in again.`
    : `Podman is there, but this user may not use ${socket}. Run: systemctl --user enable --now podman.socket`;
}

function howToStart(programs: readonly ('docker' | 'podman')[]): string {
  const ways = programs.map((program) => {
    if (program === 'podman')
      return process.platform === 'linux' ? 'systemctl --user start podman.socket' : 'podman machine start';
    return process.platform === 'linux'
      ? 'sudo systemctl start docker (or start Docker Desktop)'
      : 'start Docker Desktop';
  });
  return `${programs.join(' and ')} found, but not running: nothing answers. To start it: ${ways.join(', or ')}.`;
}

function isInstalled(name: string, env: NodeJS.ProcessEnv): boolean {
  const extension = process.platform === 'win32' ? '.exe' : '';
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => existsSync(path.join(folder, name + extension)));
}

function socketsOf(env: NodeJS.ProcessEnv): RuntimeAddress[] {
  const home = env['HOME'] ?? homedir();
  const runtime = env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`;
  const docker = [
    '/var/run/docker.sock',
    `${runtime}/docker.sock`,
    `${home}/.docker/run/docker.sock`,
    `${home}/.docker/desktop/docker.sock`,
  ];
  const podman = [
    `${runtime}/podman/podman.sock`,
    '/run/podman/podman.sock',
    `${home}/.local/share/containers/podman/machine/podman.sock`,
  ];
  const socket =
    (program: 'docker' | 'podman') =>
    (name: string): RuntimeAddress => ({
      program,
      target: { path: name },
      url: `unix://${name}`,
    });
  return [...docker.map(socket('docker')), ...podman.map(socket('podman'))];
}

function addressOf(url: string): RuntimeAddress {
  const program = url.includes('podman') ? 'podman' : 'docker';
  if (url.startsWith('unix://')) return { program, target: { path: url.slice('unix://'.length) }, url };
  const { hostname, port } = new URL(url);
  return { program, target: { host: hostname, port: Number(port || 2375) }, url };
}

/** The code of the error that connecting gives, or undefined when something answers. */
function attempt({ target }: RuntimeAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(target);
    const finish = (code: string | undefined) => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(2000, () => finish('ETIMEDOUT'));
    socket.once('connect', () => finish(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}
