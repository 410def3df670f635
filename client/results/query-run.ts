import { AnswerRow } from '../../engine/api/answer-rows.ts';
import type { KsqlClient, QueryStream, RequestOptions } from '../../engine/api/client.ts';
import type { AnswerKey } from '../../language/script/answer-key.ts';
import type { ColumnInfo } from './messages.ts';
import type { Result } from './result.ts';

/** Whether values of a type are shown as numbers. */
export const isNumeric = (type: string): boolean => /^(INTEGER|BIGINT|DOUBLE|DECIMAL)/.test(type);

/** How a query ended: by itself, because it was stopped, or because the server said that it failed. */
export type QueryEnd =
  | { readonly kind: 'ended'; readonly message?: string }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string };

/** Holds a reader back while its query is paused; what is not read stays in the socket, and the server waits. */
class Gate {
  #open: PromiseWithResolvers<void> | undefined;

  close(): void {
    this.#open ??= Promise.withResolvers();
  }

  open(): void {
    this.#open?.resolve();
    this.#open = undefined;
  }

  async passed(): Promise<void> {
    await this.#open?.promise;
  }
}

/** What a query is run with. */
export interface QueryRunOptions extends RequestOptions {
  /** The key of the answer, where it is known. */
  readonly key: AnswerKey | undefined;
  readonly onBegin?: (queryId: string) => void;
  readonly onRows: () => void;
}

/**
 * Runs a SELECT into a result; resolves when it has ended. Rows are read as fast as they are kept: nothing is queued in
 * between.
 * @throws ClientError when the server does not take the query
 */
export async function runQuery(
  client: KsqlClient,
  sql: string,
  result: Result,
  options: QueryRunOptions,
): Promise<QueryEnd> {
  const stream = await client.query(sql, options);
  result.begin(columnsOf(stream, options.key), options.key?.kind === 'table');
  options.onBegin?.(stream.queryId);
  const gate = new Gate();
  const stopped = Promise.withResolvers<QueryEnd>();
  let isStopped = false;
  result.query = {
    pause: () => gate.close(),
    resume: () => gate.open(),
    stop: () => {
      isStopped = true;
      gate.open();
      // Asked for politely first: a server of ksqlDB's own notices a closed connection late.
      void client.closeQuery(stream.queryId).catch(() => undefined);
      stream.close();
      stopped.resolve({ kind: 'stopped' });
    },
  };
  const read = async (): Promise<QueryEnd> => {
    let end: QueryEnd = { kind: 'ended' };
    for await (const events of stream) {
      if (isStopped) break;
      for (const event of events) {
        if (event.kind === 'row') result.add(event);
        else if (event.kind === 'error') end = { kind: 'failed', message: event.error.message };
        else end = { kind: 'ended', message: event.message };
      }
      options.onRows();
      await gate.passed();
    }
    return end;
  };
  // Who stops a query sees it stopped at once, however busy the connection is with the rows that are on their way.
  return Promise.race([stopped.promise, read()]);
}

function columnsOf(stream: QueryStream, answerKey: AnswerKey | undefined): readonly ColumnInfo[] {
  return stream.columns.map(({ name, type, key }, i) => ({
    name,
    type: type.replaceAll('`', ''),
    isKey: answerKey?.columns.includes(i) ?? key,
    numeric: isNumeric(type),
  }));
}

const PRINT_COLUMNS: readonly ColumnInfo[] = ['ROWTIME', 'KEY', 'VALUE', 'PARTITION'].map((name) => ({
  name,
  type: '',
  isKey: name === 'KEY',
  numeric: name === 'PARTITION',
}));

/**
 * Runs PRINT into a result: each record's time, key and value as columns, and what the server says of the formats as a
 * message.
 */
export async function runPrint(
  client: KsqlClient,
  ksql: string,
  result: Result,
  options: RequestOptions & { readonly onRows: () => void },
): Promise<QueryEnd> {
  const abort = new AbortController();
  const gate = new Gate();
  let stopped = false;
  result.begin(PRINT_COLUMNS, false);
  result.query = {
    pause: () => gate.close(),
    resume: () => gate.open(),
    stop: () => {
      stopped = true;
      gate.open();
      abort.abort();
    },
  };
  try {
    for await (const line of client.print(ksql, { ...options, signal: abort.signal })) {
      const record = parsePrinted(line);
      if (record === undefined) result.message = [result.message, line].filter(Boolean).join('\n');
      else result.add(AnswerRow.of(record));
      options.onRows();
      await gate.passed();
      if (stopped) break;
    }
  } catch (error) {
    if (!stopped) throw error;
  }
  return stopped ? { kind: 'stopped' } : { kind: 'ended' };
}

/** The parts of a line such as `rowtime: 2024/01/01 10:00:00.000 Z, key: 1, value: {…}, partition: 0`. */
export function parsePrinted(line: string): (string | number | null)[] | undefined {
  const match = /^rowtime: (.*?), key: (.*?), value: (.*?)(?:, partition: (\d+))?$/s.exec(line);
  if (match === null) return undefined;
  const text = (part: string) => (part === '<null>' || part === 'null' ? null : part);
  return [match[1]!, text(match[2]!), text(match[3]!), match[4] === undefined ? null : Number(match[4])];
}
