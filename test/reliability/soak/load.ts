import http2 from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import type { EngineUnderTest } from './engine-under-test.ts';
import type { Ledger } from './ledger.ts';

/** A pause after something failed, so that a writer does not spin while the engine is down. */
const AFTER_FAILURE_MS = 200;

const ANSWER_TIMEOUT_MS = 30_000;
const DELIMITED = 'application/vnd.ksqlapi.delimited.v1';

/** Something that goes on until it is told to stop. */
export interface Worker {
  /** Resolves when its last request is done. */
  stop(): Promise<void>;
}

/**
 * Runs a piece of work over and over; a failure of the engine's side is what this is all about, so it goes on after
 * one.
 */
export function repeating(work: (signal: AbortSignal) => Promise<void>, pauseMs: number): Worker {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const failed = await work(stopping.signal).then(
        () => false,
        () => true,
      );
      const pause = failed ? Math.max(pauseMs, AFTER_FAILURE_MS) : pauseMs;
      if (!stopping.signal.aborted) await wait(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

export interface WriterOptions {
  readonly stream: string;
  readonly name: string;
  readonly rowsPerRequest: number;
  readonly pauseMs: number;
  /** Length of the text in a row. */
  readonly textLength: number;
}

/** Writes numbered rows through /inserts-stream and notes in the ledger which of them were acknowledged. */
export function writer(engine: EngineUnderTest, ledger: Ledger, options: WriterOptions): Worker {
  let next = 0;
  return repeating(async () => {
    const first = next;
    next += options.rowsPerRequest;
    const rows = Array.from({ length: options.rowsPerRequest }, (_, i) => ({
      WRITER: options.name,
      N: first + i,
      T: `${options.name} ${first + i} `.padEnd(options.textLength, 'x'),
    }));
    const body = [{ target: options.stream }, ...rows].map((line) => `${JSON.stringify(line)}\n`).join('');
    await postLines(new URL('/inserts-stream', engine.url), body, (line) => {
      const { status, seq } = JSON.parse(line) as { readonly status?: string; readonly seq?: number };
      if (status === 'ok' && seq !== undefined) ledger.acknowledge(options.name, first + seq);
    });
  }, options.pauseMs);
}

/** Posts a body and hands over the lines of the answer as they come. @throws what broke the exchange */
function postLines(url: URL, body: string, take: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(url.origin);
    const request = session.request({ ':method': 'POST', ':path': url.pathname, accept: DELIMITED });
    const fail = (error: Error) => {
      session.destroy();
      reject(error);
    };
    session.on('error', fail);
    session.on('close', () => reject(new Error('The connection was closed.')));
    request.on('error', fail);
    request.setTimeout(ANSWER_TIMEOUT_MS, () => fail(new Error('No answer in time.')));
    let rest = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line !== '') take(line);
    });
    request.on('end', () => {
      resolve();
      session.close();
    });
    request.end(body);
  });
}

/** Asks `/info` all the time and keeps how long each answer took, in milliseconds, while the engine is up. */
export class Prober {
  readonly latenciesMs: number[] = [];
  failures = 0;
  readonly #worker: Worker;

  constructor(engine: EngineUnderTest) {
    this.#worker = repeating(async () => {
      if (!engine.isUp) return;
      const startedMs = performance.now();
      try {
        const response = await fetch(new URL('/info', engine.url), { signal: AbortSignal.timeout(10_000) });
        await response.arrayBuffer();
        this.latenciesMs.push(performance.now() - startedMs);
      } catch {
        // It may just have been killed; what ends by itself is counted elsewhere.
        if (engine.isUp) this.failures++;
      }
    }, 50);
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }
}
