import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const CLI = path.join(import.meta.dirname, '../../engine/cli/main.ts');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `ksql` as a process of its own, in a home of its own. */
export function startKsql(args: readonly string[], home: string): ChildProcess {
  const env = { ...process.env, XDG_STATE_HOME: home, NO_COLOR: undefined, FORCE_COLOR: undefined };
  return spawn(process.execPath, [CLI, ...args], { stdio: 'pipe', cwd: home, env });
}

export interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has written on the error output so far. */
  said(): string;
}

/** Starts `ksql serve` and waits until it listens. @throws Error with its last words when it ends instead */
export async function serveKsql(args: readonly string[], home: string): Promise<Served> {
  const child = startKsql(['serve', ...args], home);
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('close', () => reject(new Error(said)));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const [, found] = /^listening on (\S+)/m.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, url, said: () => said };
}

/** Whether there is the program that gives a process a terminal (that of util-linux). */
export const hasTerminals =
  process.platform === 'linux' &&
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');
if (!hasTerminals)
  console.warn("\n*** The prompt's test on a terminal is skipped: util-linux' script is missing. ***\n");

/** Starts `ksql` on a terminal, which is written to and read from as the process's streams. */
export function startOnTerminal(args: readonly string[], home: string): ChildProcess {
  const command = [process.execPath, CLI, ...args].map((part) => `'${part}'`).join(' ');
  const env = { ...process.env, XDG_STATE_HOME: home, TERM: 'xterm-256color', NO_COLOR: '1' };
  return spawn('script', ['-qec', command, '/dev/null'], { stdio: 'pipe', cwd: home, env });
}

/**
 * A function that waits until the process has printed a text, after what was waited for before. @throws Error after 20
 * s
 */
export function expectingOutput(child: ChildProcess): (text: string) => Promise<void> {
  let unseen = '';
  let look = () => {};
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    unseen += text;
    look();
  });
  return (text) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`'${text}' did not come, but: ${unseen}`)), 20_000);
      look = () => {
        const at = unseen.indexOf(text);
        if (at < 0) return;
        unseen = unseen.slice(at + text.length);
        look = () => {};
        clearTimeout(timer);
        resolve();
      };
      look();
    });
}

/** What a process prints until it ends; `input` is all that it is given to read. */
export async function endOf(child: ChildProcess, input = ''): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin!.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** A folder with files, for the time of a suite. */
export class Workplace {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'ksql-'));

  write(name: string, text: string): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  run(args: readonly string[], input?: string): Promise<Ended> {
    return endOf(startKsql(args, this.folder), input);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
