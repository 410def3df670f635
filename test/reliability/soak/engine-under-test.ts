import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import { CLI } from '../../support/ksql-command.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const KEPT_LINES = 40;

/** Ends that nobody asked for, and starts that did not succeed: each with what the process said last. */
export interface UnexpectedEnd {
  readonly how: string;
  readonly lastLines: readonly string[];
}

/**
 * `ksql serve` as a process of its own on one port, which is started, killed and started again. It tells ends that were
 * asked for from those that were not.
 */
export class EngineUnderTest {
  readonly unexpectedEnds: UnexpectedEnd[] = [];
  readonly #args: readonly string[];
  readonly #nodeOptions: readonly string[];
  readonly #lastLines: string[] = [];
  #child: ChildProcess | undefined;
  #url: string | undefined;
  #expectsEnd = false;

  /**
   * @param args what `ksql serve` is given besides the address
   * @param nodeOptions what Node is given, such as a small heap
   */
  constructor(args: readonly string[], nodeOptions: readonly string[] = []) {
    this.#args = args;
    this.#nodeOptions = nodeOptions;
  }

  /** @throws Error before the first start */
  get url(): string {
    if (this.#url === undefined) throw new Error('The engine was not started.');
    return this.#url;
  }

  get isUp(): boolean {
    return this.#child !== undefined;
  }

  /** What the process printed on standard error, newest last. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  client(): KsqlClient {
    return httpClient({ url: this.url, timeoutMs: 30_000 });
  }

  /** Starts the engine, at the address of its first start. @throws Error with its last words when it does not listen */
  async start(): Promise<void> {
    const listen = this.#url === undefined ? '127.0.0.1:0' : new URL(this.#url).host;
    const command = [...this.#nodeOptions, CLI, 'serve', '--no-token', '--listen', listen, ...this.#args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#expectsEnd = false;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => this.#remember(text));
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (!this.#expectsEnd)
        this.unexpectedEnds.push({ how: signal ?? `exit code ${code}`, lastLines: [...this.#lastLines] });
    });
    this.#url = await listeningUrl(child, () => this.#lastLines.join('\n'));
    this.#child = child;
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to end. @throws Error when it does not within half a minute */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Resident memory in bytes; 0 while it is down, or where the system does not tell. */
  residentBytes(): number {
    if (this.#child?.pid === undefined || process.platform !== 'linux') return 0;
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#expectsEnd = true;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const late = wait(STOP_TIMEOUT_MS, 'late', { ref: false });
    if ((await Promise.race([gone, late])) !== 'late') return;
    child.kill('SIGKILL');
    await gone;
    throw new Error(`The engine did not end within ${STOP_TIMEOUT_MS / 1000} s of ${signal}.`);
  }

  #remember(text: string): void {
    this.#lastLines.push(...text.split('\n').filter((line) => line !== ''));
    this.#lastLines.splice(0, this.#lastLines.length - KEPT_LINES);
  }
}

function listeningUrl(child: ChildProcess, lastWords: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (how: string) => reject(new Error(`The engine did not start (${how}):\n${lastWords()}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('in time');
    }, START_TIMEOUT_MS);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      fail(signal ?? `exit code ${code}`);
    });
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const url = /listening on (\S+)/.exec(text)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
