import { asEngineError, badRequest, EngineError, ERROR_CODE, tooLarge } from '../../api/errors.ts';
import { parseExact, parseRowJson } from '../../api/exact-json.ts';
import { toJson } from '../../api/json-row.ts';
import type { InsertAck, JsonValue } from '../../api/protocol.ts';
import type { RowInserter } from '../../statements/insert-rows.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Limits } from '../http/limits.ts';
import { DELIMITED_V1, JSON_TYPE } from '../http/media-type.ts';
import type { Route, RouteContext } from './route.ts';

/**
 * The lines of a body as they come, empty ones among them. The last is one that is longer than the server takes, as far
 * as it has come.
 */
async function* linesOf({ body, limits }: Exchange): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > limits.maxRowText) {
      yield rest;
      return;
    }
  }
  if (rest !== '') yield rest;
}

async function openTarget(first: string | undefined, { engine }: RouteContext): Promise<RowInserter> {
  let header: unknown;
  try {
    header = parseExact(first ?? '');
  } catch (error) {
    throw badRequest(`Invalid JSON in request: ${(error as Error).message}`);
  }
  const { target, properties } = (header ?? {}) as { target?: unknown; properties?: Record<string, JsonValue> };
  // Other scalars are bound as their text, as Jackson does.
  if (target === undefined || target === null || typeof target === 'object')
    throw badRequest("Invalid JSON in request: Missing required creator property 'target'");
  return engine.openInserter(String(target), properties ?? {});
}

async function insertRow(inserter: RowInserter, line: string, seq: number, { maxRowText }: Limits): Promise<InsertAck> {
  try {
    if (line.length > maxRowText)
      throw tooLarge(`The row has more than ${maxRowText} characters, which is the most that this server takes.`);
    let row: unknown;
    try {
      // 1.0 is no whole number: BIGINT columns do not take it.
      row = parseRowJson(line);
    } catch {
      throw badRequest('Invalid JSON in inserts stream');
    }
    await inserter.insert(row as Record<string, JsonValue>);
    return { status: 'ok', seq };
  } catch (error) {
    const { code, message } = asEngineError(error);
    return { '@type': 'InsertError', status: 'error', seq, message, error_code: code };
  }
}

/** Each line of the body is a row; each is acknowledged, and the first that fails ends the answer. */
async function insertRows(
  exchange: Exchange,
  context: RouteContext,
  _parameters: readonly string[],
  mediaType: string,
): Promise<void> {
  if (!exchange.http2) {
    exchange.sendError(new EngineError(ERROR_CODE.http2Only, 'This endpoint is only available when using HTTP2'), null);
    return;
  }
  const lines = linesOf(exchange);
  let inserter: RowInserter;
  try {
    inserter = await openTarget((await lines.next()).value, context);
  } catch (error) {
    await lines.return(undefined);
    exchange.sendError(asEngineError(error), null);
    return;
  }
  exchange.begin(200, null);
  const asArray = mediaType === JSON_TYPE;
  let seq = 0;
  for await (const line of lines) {
    const ack = await insertRow(inserter, line, seq, exchange.limits);
    await exchange.write(asArray ? `${seq === 0 ? '[' : ','}${toJson(ack)}` : `${toJson(ack)}\n`);
    seq++;
    if (ack.status === 'error') break;
  }
  exchange.end(asArray ? (seq === 0 ? '[]' : ']') : '');
}

export const INSERT_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/inserts-stream', produces: [DELIMITED_V1, JSON_TYPE], handle: insertRows },
];
