import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, MAVEN_MS, tools } from './peers.ts';

/** How a server is set up; lines that want the same share one. */
export interface ServerSetup {
  /** `processing.guarantee`; absent: at least once. */
  readonly exactlyOnce?: boolean;
  /** Of the engine here; absent: one. */
  readonly threads?: number;
}

/** What the kernel counts CPU time in, as every Linux of these days has it. */
const TICKS_PER_SECOND = 100;
const ENDED_MS = 20_000;

/** A server that speaks ksqlDB's REST API, whose process is measured. */
export abstract class Server {
  readonly url: string;
  readonly pid: number;

  constructor(url: string, pid: number) {
    this.url = url;
    this.pid = pid;
  }

  /** CPU time of the process with all its threads, in seconds, to a hundredth. */
  get cpuSeconds(): number {
    const [, fields] = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ');
    const [user, system] = fields!.split(' ').slice(11, 13);
    return (Number(user) + Number(system)) / TICKS_PER_SECOND;
  }

  /** Runs statements; queries among them read their topics from the beginning. @throws Error with the server's words */
  async execute(statements: string): Promise<void> {
    const response = await fetch(`${this.url}/ksql`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.ksql.v1+json' },
      body: JSON.stringify({
        ksql: statements,
        streamsProperties: { 'ksql.streams.auto.offset.reset': 'earliest' },
      }),
    });
    const body = (await response.json()) as { readonly message?: string };
    if (!response.ok) throw new Error(body.message ?? JSON.stringify(body));
  }

  abstract stop(): Promise<void>;
}

/** What goes on by itself is to end when the benchmark is interrupted. */
const endsWithThis = (end: () => void): void => void process.once('exit', end);

/** This project's engine, from its sources or from another folder's. */
export class OwnServer extends Server {
  /** Where V8's inspector listens, if it was asked for. */
  readonly inspectorUrl: string | undefined;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess, inspectorUrl: string | undefined) {
    super(url, child.pid!);
    this.#child = child;
    this.inspectorUrl = inspectorUrl;
    endsWithThis(() => child.kill('SIGKILL'));
  }

  /** @param inspected whether it can be profiled */
  static async start(folder: string, bootstrap: string, setup: ServerSetup, inspected = false): Promise<OwnServer> {
    const child = spawn(
      process.execPath,
      [
        ...(inspected ? ['--inspect=127.0.0.1:0'] : []),
        path.join(folder, 'engine/cli/main.ts'),
        'serve',
        // A service of its own has no statements of others to carry out again.
        ...['--bootstrap-server', bootstrap, '--listen', '127.0.0.1:0', '--no-token'],
        ...['--service-id', `bench_${Date.now()}_`],
        ...(setup.exactlyOnce ? ['--property', 'processing.guarantee=exactly_once_v2'] : []),
        ...['--threads', String(setup.threads ?? 1)],
      ],
      { stdio: ['ignore', 'pipe', inspected ? 'pipe' : 'inherit'] },
    );
    let inspectorUrl: string | undefined;
    child.stderr?.on('data', (text: Buffer) => {
      inspectorUrl ??= /ws:\S+/.exec(text.toString('utf8'))?.[0];
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      const url = /listening on (\S+)/.exec(line)?.[1];
      if (url !== undefined) return new OwnServer(url, child, inspectorUrl);
    }
    throw new Error('The server ended before it listened.');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), ENDED_MS);
    await once(this.#child, 'exit');
    clearTimeout(killing);
  }
}

export class KsqldbServer extends Server {
  readonly #port: string;

  private constructor(port: string, pid: number) {
    super(`http://127.0.0.1:${port}`, pid);
    this.#port = port;
    endsWithThis(() => stopKsqldb(port));
  }

  static async start(bootstrap: string, { exactlyOnce = false }: ServerSetup): Promise<KsqldbServer> {
    const port = String(await freePort());
    const guarantee = exactlyOnce ? ['--set', 'ksql.streams.processing.guarantee=exactly_once_v2'] : [];
    const started = ['start', '--bootstrap', bootstrap, '--port', port, ...guarantee];
    try {
      // The server would hold a pipe open that its starter is given.
      execFileSync(program, started, { timeout: MAVEN_MS, stdio: 'ignore' });
    } catch {
      // One that is slow to start runs all the same.
      stopKsqldb(port);
      throw new Error('ksqlDB could not be started');
    }
    // The tool keeps the process's id in a file.
    const home = process.env['KSQLDB_HOME'] ?? path.join(homedir(), '.cache/ksqldb-7.9.9');
    return new KsqldbServer(port, Number(readFileSync(path.join(home, 'run', port, 'pid'), 'utf8')));
  }

  async stop(): Promise<void> {
    stopKsqldb(this.#port);
  }
}

const program = path.join(tools, 'ksqldb/ksqldb');
const stopKsqldb = (port: string): void => void spawnSync(program, ['stop', '--port', port], { stdio: 'ignore' });
