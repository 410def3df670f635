import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { asEngineError, badRequest, type EngineError, ERROR_CODE } from '../api/errors.ts';
import { toJson } from '../api/json-row.ts';
import type { PrintAnswer } from '../runtime/print/print-topic.ts';
import type { QueryAnswer } from '../runtime/query-answer.ts';
import { fieldInfo } from '../statements/listing/schema-info.ts';
import { parseKsqlRequest } from './http/request-body.ts';
import type { RouteContext } from './routes/route.ts';
import { valuesWriter } from './routes/row-framing.ts';

const CLOSE_NORMAL = 1000;
const CLOSE_BAD_REQUEST = 1003;
const CLOSE_SERVER_ERROR = 1011;
const CLOSE_TRY_AGAIN = 1013;
/** The longest reason that a closing frame has room for, in bytes. */
const MAX_REASON_BYTES = 123;
/** Above this many unsent bytes the query waits for the client. */
const BUFFERED_BYTES = 1024 * 1024;

/** Answers queries over WebSocket: the columns, a frame for each row, and `{"error":"done"}` at the end. */
export class WebSocketQueries {
  readonly #server: WebSocketServer;
  readonly #context: RouteContext;

  constructor(context: RouteContext) {
    this.#context = context;
    this.#server = new WebSocketServer({
      noServer: true,
      autoPong: false,
      maxPayload: context.limits.maxMessageBytes,
    });
  }

  upgrade(request: IncomingMessage, query: URLSearchParams, socket: Duplex, head: Buffer): void {
    // Confluent's clients may speak draft 7, which Vert.x takes as well; its frames are those of the standard.
    if (request.headers['sec-websocket-version'] === '7') request.headers['sec-websocket-version'] = '13';
    this.#server.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      // A client that pings and does not read must not fill the memory with answers; the last ping is the one that
      // counts.
      client.on('ping', (data) => client.bufferedAmount < BUFFERED_BYTES && client.pong(data));
      this.#serve(client, query).catch(() => client.terminate());
    });
  }

  async #serve(client: WebSocket, query: URLSearchParams): Promise<void> {
    let answer: QueryAnswer | PrintAnswer;
    try {
      answer = await this.#ask(query);
    } catch (error) {
      const refusal = asEngineError(error);
      if (refusal.statementText !== undefined && !refusal.duringAnalysis)
        refusal.message = `Error parsing query: ${refusal.message}`;
      const code = refusal.code === ERROR_CODE.commandSequenceTimeout ? CLOSE_TRY_AGAIN : CLOSE_BAD_REQUEST;
      fail(client, refusal, code);
      return;
    }
    // Nobody is left to be told of a failure.
    client.on('close', () => answer.close().catch(() => {}));
    try {
      // It may have gone while the query was being started.
      if (client.readyState !== client.OPEN) return;
      if (answer.kind === 'print') await sendPrint(client, answer);
      else await sendRows(client, answer);
      client.send(toJson({ error: 'done' }));
      client.close(CLOSE_NORMAL, 'done');
    } catch (error) {
      fail(client, asEngineError(error), CLOSE_SERVER_ERROR);
    } finally {
      await answer.close();
    }
  }

  async #ask(query: URLSearchParams): Promise<QueryAnswer | PrintAnswer> {
    const version = query.get('version');
    if (version !== null && version !== '1') throw badRequest(`Received invalid api version: ${version}`);
    const text = query.get('request');
    if (text === null) throw badRequest('Error parsing request: missing request parameter');
    const request = parseKsqlRequest(text, this.#context.limits);
    return this.#context.engine.ask(request.ksql, {
      properties: request.streamsProperties,
      requestProperties: request.requestProperties,
      variables: request.sessionVariables,
      commandSequenceNumber: request.commandSequenceNumber,
      endpoint: 'websocket',
    });
  }
}

async function sendRows(client: WebSocket, answer: QueryAnswer): Promise<void> {
  const fields = answer.columns.map(({ name, type, key }) =>
    fieldInfo({ name, type, namespace: key && answer.kind === 'pull-table' ? 'key' : 'value' }),
  );
  client.send(toJson(fields));
  const write = valuesWriter(answer);
  for (let rows = await answer.next(); rows !== undefined; rows = await answer.next()) {
    for (const row of rows) client.send(`{"row":{"columns":${write(row)}${row.tombstone ? ',"tombstone":true' : ''}}}`);
    await drained(client);
  }
}

async function sendPrint(client: WebSocket, answer: PrintAnswer): Promise<void> {
  for (let events = await answer.next(); events !== undefined; events = await answer.next()) {
    for (const event of events) if (event.kind === 'record') client.send(JSON.stringify(event.text));
    await drained(client);
  }
}

/** Waits until the client has taken most of what was sent. */
async function drained(client: WebSocket): Promise<void> {
  while (client.bufferedAmount > BUFFERED_BYTES && client.readyState === client.OPEN) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Says what is wrong and closes; ksqlDB takes whatever stops a query from starting for a bad request. */
function fail(client: WebSocket, error: EngineError, code: number): void {
  if (client.readyState !== client.OPEN) return;
  client.send(toJson({ error: error.message }));
  client.close(code, truncated(error.message));
}

/** The text cut to what a closing frame can carry, at a character's end. */
function truncated(text: string): string {
  let cut = text;
  while (Buffer.byteLength(cut) > MAX_REASON_BYTES) cut = cut.slice(0, Math.min(cut.length - 1, MAX_REASON_BYTES));
  return cut;
}
