import { setTimeout as sleep } from 'node:timers/promises';
import { REQUEST } from '../../api/cluster/cluster-protocol.ts';
import { asEngineError, badRequest } from '../../api/errors.ts';
import type { KsqlRequest, Properties, QueryStreamRequest } from '../../api/protocol.ts';
import type { PrintAnswer, PrintEvent } from '../../runtime/print/print-topic.ts';
import type { ForwardedRequest } from '../../runtime/pull-query.ts';
import type { QueryAnswer } from '../../runtime/query-answer.ts';
import type { Exchange } from '../http/exchange.ts';
import { DELIMITED_V1, JSON_TYPE, KSQL_V1_JSON, KSQL_V1_PROTOBUF, type RowFormat } from '../http/media-type.ts';
import { parseCloseQueryRequest, parseKsqlRequest, parseQueryStreamRequest } from '../http/request-body.ts';
import { readRequest } from './ksql.ts';
import { protobufFraming } from './protobuf-framing.ts';
import type { Route, RouteContext } from './route.ts';
import { type RowExtras, type RowFraming, rowFraming } from './row-framing.ts';

const FORMATS: Readonly<Record<string, RowFormat>> = {
  [DELIMITED_V1]: 'delimited',
  [JSON_TYPE]: 'json',
  [KSQL_V1_JSON]: 'streamed-row',
  [KSQL_V1_PROTOBUF]: 'protobuf',
};

/** Rows that are written at once; more would only make larger texts. */
const ROWS_PER_WRITE = 1000;
/** How long PRINT waits for records before it says that there are none. */
const IDLE_MS = 1000;

/** Writes an answer as it comes, until it or the client ends. */
async function streamAnswer(
  exchange: Exchange,
  answer: QueryAnswer,
  framing: RowFraming,
  contentType: string,
): Promise<void> {
  exchange.onAbort(() => answer.close());
  exchange.begin(200, contentType);
  // Clients over HTTP/2 take each frame for a row, as ksqlDB sends them.
  const rowsPerWrite = exchange.http2 && contentType === DELIMITED_V1 ? 1 : ROWS_PER_WRITE;
  // A lookup answers at once, and so in one piece; other rows may be long in coming.
  let text = framing.header();
  if (answer.kind !== 'pull-table' || rowsPerWrite === 1) {
    await exchange.write(text);
    text = '';
  }
  try {
    for (let rows = await answer.next(); rows !== undefined; rows = await answer.next()) {
      for (let i = 0; i < rows.length && !exchange.isAborted; i += rowsPerWrite) {
        text += framing.rows(rows.length <= rowsPerWrite ? rows : rows.slice(i, i + rowsPerWrite));
        if (text !== '') await exchange.write(text);
        text = '';
      }
    }
    const finalMessage = answer.limitReached ? 'Limit Reached' : 'Query Completed';
    exchange.end(text + framing.end(answer.kind === 'pull-table' ? undefined : finalMessage));
  } catch (error) {
    exchange.end(text + framing.error(asEngineError(error).toBody()) + framing.end(undefined));
  } finally {
    await answer.close();
  }
}

/** The framing of an answer; one whose columns cannot have this representation is closed. */
async function framingOf(format: RowFormat, answer: QueryAnswer, extras: RowExtras): Promise<RowFraming> {
  try {
    return format === 'protobuf' ? await protobufFraming(answer) : rowFraming(format, answer, extras);
  } catch (error) {
    await answer.close();
    throw error;
  }
}

/**
 * What requestProperties ask rows to say: which host they come from (ksqlDB's own), and from which record (the
 * workbench's).
 */
const rowExtras = (requestProperties: Properties, context: RouteContext): RowExtras => ({
  sourceHost: requestProperties['request.ksql.debug.request'] === true ? context.hostAndPort : undefined,
  records: requestProperties['request.workbench.records'] === true,
  places: requestProperties[REQUEST.places] === true,
});

/** What another engine asks for, if it is another that asks. */
function forwardedRequest(requestProperties: Properties): ForwardedRequest | undefined {
  if (requestProperties[REQUEST.skipForwarding] !== true) return undefined;
  const partitions = requestProperties[REQUEST.partitions];
  if (typeof partitions !== 'string') return {};
  if (!/^\d{1,6}(?:,\d{1,6})*$/.test(partitions))
    throw badRequest(`${REQUEST.partitions} takes numbers of partitions, such as 0,3, not ${partitions}.`);
  return { partitions: partitions.split(',').map(Number) };
}

async function queryStream(
  exchange: Exchange,
  context: RouteContext,
  _parameters: readonly string[],
  mediaType: string,
): Promise<void> {
  const request = await readRequest(exchange, parseQueryStreamRequest);
  if (request !== undefined) await answerQueryStream(exchange, context, request, mediaType);
}

async function answerQueryStream(
  exchange: Exchange,
  context: RouteContext,
  request: Required<QueryStreamRequest> & Pick<KsqlRequest, 'commandSequenceNumber'>,
  mediaType: string,
): Promise<void> {
  try {
    const answer = await context.engine.ask(request.sql, {
      properties: request.properties,
      variables: request.sessionVariables,
      commandSequenceNumber: request.commandSequenceNumber ?? null,
      endpoint: 'query-stream',
      forwarded: forwardedRequest(request.requestProperties),
    });
    if (answer.kind === 'print') {
      if (mediaType !== DELIMITED_V1) {
        await answer.close();
        exchange.send(406, null);
        return;
      }
      await streamPrint(exchange, answer, null, false);
      return;
    }
    const format = FORMATS[mediaType]!;
    const extras = rowExtras(request.requestProperties, context);
    await streamAnswer(exchange, answer, await framingOf(format, answer, extras), mediaType);
  } catch (error) {
    exchange.sendError(asEngineError(error), null);
  }
}

/**
 * Whether the older endpoint is asked for a form that only the newer one has, by its name: it is then served as the
 * newer one.
 */
const isNewForm = (accept: string | undefined): boolean =>
  accept !== undefined && [DELIMITED_V1, KSQL_V1_PROTOBUF].some((form) => accept.includes(form));

/** The older endpoint: rows are StreamedRows unless the client asks for another form by its own name. */
async function query(
  exchange: Exchange,
  context: RouteContext,
  _parameters: readonly string[],
  mediaType: string,
): Promise<void> {
  const request = await readRequest(exchange, parseKsqlRequest);
  if (request === undefined) return;
  const properties = request.streamsProperties;
  if (isNewForm(exchange.accept)) {
    await answerQueryStream(exchange, context, { ...request, sql: request.ksql, properties }, mediaType);
    return;
  }
  try {
    const answer = await context.engine.ask(request.ksql, {
      properties,
      requestProperties: request.requestProperties,
      variables: request.sessionVariables,
      commandSequenceNumber: request.commandSequenceNumber,
      endpoint: 'query',
      forwarded: forwardedRequest(request.requestProperties),
    });
    if (answer.kind === 'print') {
      if (exchange.http2) {
        await answer.close();
        exchange.send(405, JSON_TYPE);
        return;
      }
      await streamPrint(exchange, answer, JSON_TYPE, true);
      return;
    }
    const chosen = mediaType === JSON_TYPE || exchange.accept === undefined ? KSQL_V1_JSON : mediaType;
    const extras = rowExtras(request.requestProperties, context);
    await streamAnswer(exchange, answer, await framingOf(FORMATS[chosen]!, answer, extras), chosen);
  } catch (error) {
    const engineError = asEngineError(error);
    exchange.sendError(engineError, engineError.duringAnalysis ? null : JSON_TYPE);
  }
}

/**
 * Writes records of a topic as lines of text; with `formats`, also a line whenever the guess at their formats changes.
 */
async function streamPrint(
  exchange: Exchange,
  answer: PrintAnswer,
  contentType: string | null,
  formats: boolean,
): Promise<void> {
  exchange.onAbort(() => answer.close());
  exchange.begin(200, contentType);
  try {
    const next = formats ? () => nextWithIdleLines(exchange, answer) : () => answer.next();
    for (let events = await next(); events !== undefined; events = await next()) {
      let text = '';
      for (const event of events) {
        if (event.kind === 'record') text += `${event.text}\n`;
        else if (formats) text += event.lines.map((line) => `${line}\n`).join('');
      }
      if (text !== '') await exchange.write(text);
    }
    exchange.end();
  } catch (error) {
    exchange.end(`${asEngineError(error).message}\n`);
  } finally {
    await answer.close();
  }
}

/**
 * The next events; until they come an empty line tells each second that nothing has, which also finds clients that have
 * gone.
 */
async function nextWithIdleLines(exchange: Exchange, answer: PrintAnswer): Promise<readonly PrintEvent[] | undefined> {
  const events = answer.next();
  for (;;) {
    const idle = new AbortController();
    const first = await Promise.race([
      events,
      sleep(IDLE_MS, 'idle' as const, { signal: idle.signal }).catch(() => 'idle' as const),
    ]);
    idle.abort();
    if (first !== 'idle') return first;
    await exchange.write('\n');
  }
}

async function closeQuery(exchange: Exchange, { engine }: RouteContext): Promise<void> {
  const queryId = await readRequest(exchange, parseCloseQueryRequest);
  if (queryId === undefined) return;
  try {
    await engine.closeQuery(queryId);
    exchange.send(200, null);
  } catch (error) {
    exchange.sendError(asEngineError(error), null);
  }
}

export const QUERY_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/query',
    produces: [DELIMITED_V1, KSQL_V1_JSON, JSON_TYPE, KSQL_V1_PROTOBUF],
    handle: query,
  },
  {
    method: 'POST',
    path: '/query-stream',
    produces: [DELIMITED_V1, JSON_TYPE, KSQL_V1_JSON, KSQL_V1_PROTOBUF],
    handle: queryStream,
  },
  { method: 'POST', path: '/close-query', produces: [], handle: closeQuery },
];
