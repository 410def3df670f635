import { type AnswerElement, answerElements } from './answer-rows.ts';
import { exactNumber, NumberText, parseExact, parseRowJson } from './exact-json.ts';
import type {
  CommandStatus,
  Entity,
  ErrorBody,
  HealthCheckResponse,
  Properties,
  QueryStatistics,
  ServerInfo,
  ServerMetadata,
} from './protocol.ts';
import type { Transport, TransportResponse } from './transport.ts';

export { exactNumber, NumberText, parseRowJson };

export interface RequestOptions {
  readonly properties?: Properties;
  readonly variables?: Readonly<Record<string, string>>;
  /** Wait until the command with this number has been executed. */
  readonly commandSequenceNumber?: number;
  /** Whether rows are to tell the record whose processing gave them; for our own engine only. */
  readonly records?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An error body that a server sent, or the lack of a proper answer. */
export class ClientError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** ksqlDB's error code; 0 when the server sent none. */
  readonly code: number;
  readonly body: ErrorBody | undefined;

  constructor(message: string, status: number, body?: ErrorBody, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.status = status;
    this.code = body?.error_code ?? 0;
    this.body = body;
  }
}

/** A column of an answer, its type as SQL text. `key` is known for pull queries on tables only. */
export interface AnswerColumn {
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
}

/** What comes in a stream of rows after its header. */
export type QueryEvent = Exclude<AnswerElement, { kind: 'header' }>;

/**
 * An answer to a query while it arrives. Iterate it once; `close` (or leaving the loop) ends the query on the server.
 */
export interface QueryStream extends AsyncIterable<readonly QueryEvent[]> {
  readonly queryId: string;
  readonly columns: readonly AnswerColumn[];
  close(): void;
}

const STREAMED_ROWS = 'application/vnd.ksql.v1+json';

/**
 * A client of ksqlDB's REST API, which the engine and real ksqlDB servers answer alike. It keeps no session: properties
 * and variables go with every request.
 */
export class KsqlClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Ends idle connections. */
  close(): void {
    this.#transport.close();
  }

  async info(): Promise<ServerInfo> {
    return (await this.#json('GET', '/info')) as ServerInfo;
  }

  async metadata(): Promise<ServerMetadata> {
    return (await this.#json('GET', '/v1/metadata')) as ServerMetadata;
  }

  async health(): Promise<HealthCheckResponse> {
    return (await this.#json('GET', '/healthcheck')) as HealthCheckResponse;
  }

  /** Executes statements that are no queries. @throws ClientError */
  async execute(ksql: string, options: RequestOptions = {}): Promise<readonly Entity[]> {
    return (await this.#json('POST', '/ksql', ksqlRequest(ksql, options), options.signal)) as readonly Entity[];
  }

  /** Runs one SELECT; resolves when its header has come. @throws ClientError */
  async query(sql: string, options: RequestOptions = {}): Promise<QueryStream> {
    const body = {
      sql,
      ...(options.properties ? { properties: options.properties } : {}),
      ...(options.variables ? { sessionVariables: options.variables } : {}),
      ...(options.records ? { requestProperties: { 'request.workbench.records': true } } : {}),
    };
    const response = await this.#send('POST', '/query-stream', body, STREAMED_ROWS, options.signal);
    const elements = answerElements(response);
    const first = await elements.next();
    const header = first.done ? undefined : first.value.find((element) => element.kind === 'header');
    if (first.done || header === undefined) {
      response.destroy();
      throw new ClientError('The server sent no header of the rows.', response.status);
    }
    const rest = first.value.slice(first.value.indexOf(header) + 1);
    return new RowStream(response, header.header.queryId, parseSchema(header.header.schema), rest, elements);
  }

  /** Runs PRINT; gives its lines as they come. @throws ClientError */
  async *print(ksql: string, options: RequestOptions = {}): AsyncGenerator<string> {
    const response = await this.#send('POST', '/query', ksqlRequest(ksql, options), 'application/json', options.signal);
    try {
      for await (const lines of lineBatches(response)) {
        for (const line of lines) if (line !== '') yield line;
      }
    } finally {
      response.destroy();
    }
  }

  /** Ends a push query. @throws ClientError when there is none of this id */
  async closeQuery(queryId: string): Promise<void> {
    await this.#json('POST', '/close-query', { queryId });
  }

  async commandStatus(commandId: string): Promise<CommandStatus> {
    const path = commandId.split('/').map(encodeURIComponent).join('/');
    return (await this.#json('GET', `/status/${path}`)) as CommandStatus;
  }

  /** Undefined when the property may be set; the server's words otherwise. */
  async propertyProblem(name: string): Promise<string | undefined> {
    try {
      await this.#json('GET', `/is_valid_property/${encodeURIComponent(name)}`);
      return undefined;
    } catch (error) {
      if (error instanceof ClientError && error.status === 400) return error.message;
      throw error;
    }
  }

  /** What the server's queries do; undefined on servers that are not ours. */
  async statistics(): Promise<readonly QueryStatistics[] | undefined> {
    return (await this.workbench('/queries')) as readonly QueryStatistics[] | undefined;
  }

  /** GET of a product-only endpoint; undefined where a server does not have it. */
  async workbench(path: string): Promise<unknown> {
    try {
      return await this.#json('GET', `/workbench${path}`);
    } catch (error) {
      if (error instanceof ClientError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** POST to a product-only endpoint. @throws ClientError */
  async workbenchPost(path: string, body: unknown): Promise<unknown> {
    return this.post(`/workbench${path}`, body);
  }

  /** DELETE of a product-only endpoint. @throws ClientError */
  async workbenchDelete(path: string): Promise<void> {
    await this.#json('DELETE', `/workbench${path}`);
  }

  /** POST to a product-only endpoint whose answer is lines; gives them as they come. @throws ClientError */
  async *workbenchLines(path: string, body: unknown, signal?: AbortSignal): AsyncGenerator<string> {
    for await (const lines of this.lines(`/workbench${path}`, body, 'application/x-ndjson', signal))
      for (const line of lines) if (line !== '') yield line;
  }

  /** GET of text. @throws ClientError */
  async text(path: string): Promise<string> {
    return readText(await this.#send('GET', path, undefined, 'text/plain'));
  }

  /** POST of JSON that is answered with JSON, or with nothing. @throws ClientError */
  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#json('POST', path, body, signal);
  }

  /** POST of JSON whose answer is lines; gives those of each piece that arrives. @throws ClientError */
  async *lines(path: string, body: unknown, accept: string, signal?: AbortSignal): AsyncGenerator<string[]> {
    const response = await this.#send('POST', path, body, accept, signal);
    try {
      yield* lineBatches(response);
    } finally {
      response.destroy();
    }
  }

  async #json(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
    const response = await this.#send(method, path, body, 'application/json', signal);
    const text = await readText(response);
    return text === '' ? undefined : parseExact(text);
  }

  /** Sends a request and resolves with a response whose status is good. */
  async #send(
    method: string,
    path: string,
    body: unknown,
    accept: string,
    signal?: AbortSignal,
  ): Promise<TransportResponse> {
    const text = body === undefined ? undefined : JSON.stringify(body, exactNumber);
    const headers = text === undefined ? { accept } : { accept, 'content-type': 'application/json' };
    const response = await this.#transport.send({ method, path, headers, body: text, signal });
    if (response.status < 200 || response.status > 299) throw await errorOf(response);
    return response;
  }
}

class RowStream implements QueryStream {
  readonly queryId: string;
  readonly columns: readonly AnswerColumn[];
  readonly #response: TransportResponse;
  readonly #first: readonly AnswerElement[];
  readonly #rest: AsyncIterator<readonly AnswerElement[]>;
  #closed = false;

  constructor(
    response: TransportResponse,
    queryId: string,
    columns: readonly AnswerColumn[],
    first: readonly AnswerElement[],
    rest: AsyncIterator<readonly AnswerElement[]>,
  ) {
    this.#response = response;
    this.queryId = queryId;
    this.columns = columns;
    this.#first = first;
    this.#rest = rest;
  }

  close(): void {
    this.#closed = true;
    this.#response.destroy();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly QueryEvent[]> {
    try {
      if (this.#first.length > 0) yield this.#first.filter(isEvent);
      for (;;) {
        const { done, value } = await this.#rest.next();
        if (done) return;
        yield value.filter(isEvent);
      }
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.close();
    }
  }
}

const isEvent = (element: AnswerElement): element is QueryEvent => element.kind !== 'header';

function ksqlRequest(ksql: string, options: RequestOptions): unknown {
  return {
    ksql,
    streamsProperties: options.properties ?? {},
    ...(options.variables ? { sessionVariables: options.variables } : {}),
    commandSequenceNumber: options.commandSequenceNumber,
  };
}

async function errorOf(response: TransportResponse): Promise<ClientError> {
  const { status } = response;
  const text = await readText(response);
  try {
    const body = JSON.parse(text) as ErrorBody;
    if (typeof body.message === 'string') return new ClientError(body.message, status, body);
  } catch {
    // Not an error body of ksqlDB: perhaps a proxy's page. The status says what there is to say.
  }
  return new ClientError(
    status === 401 ? 'The server wants a token or a password.' : `The server answered with HTTP ${status}.`,
    status,
  );
}

async function readText(response: TransportResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** The complete lines of each piece that arrives, and at the end what is left. */
async function* lineBatches(response: TransportResponse): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

/** The columns of a header's schema text, such as `` `ID` BIGINT KEY, `M` MAP<STRING, INTEGER>``. */
export function parseSchema(schema: string): readonly AnswerColumn[] {
  const columns: AnswerColumn[] = [];
  let at = 0;
  while (at < schema.length) {
    const name = /`((?:[^`]|``)*)` /y;
    name.lastIndex = at;
    const match = name.exec(schema);
    if (match === null) break;
    const start = name.lastIndex;
    const end = typeEnd(schema, start);
    const text = schema.slice(start, end).trim();
    const key = text.endsWith(' KEY');
    columns.push({ name: match[1]!.replaceAll('``', '`'), type: key ? text.slice(0, -' KEY'.length) : text, key });
    at = end + 2;
  }
  return columns;
}

/** Where the type that starts at `start` ends: at the comma outside of any bracket or quoted name. */
function typeEnd(schema: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < schema.length; i++) {
    const char = schema[i]!;
    if (char === '`') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '<' || char === '(') depth++;
    else if (char === '>' || char === ')') depth--;
    else if (char === ',' && depth === 0) return i;
  }
  return schema.length;
}
