import { badRequest } from '../../api/errors.ts';
import type { AppendRequest, CaptureRequest } from '../../api/topics/topics-protocol.ts';
import { BrokerError } from '../../broker/broker.ts';
import { appendLines } from '../../topics/append-records.ts';
import { captureTopics } from '../../topics/capture-topics.ts';
import type { Exchange } from '../http/exchange.ts';
import { JSON_TYPE } from '../http/media-type.ts';
import type { Route, RouteContext } from './route.ts';

const LINES_TYPE = 'application/x-ndjson';

/** The body as the object that it must be. @throws EngineError */
async function bodyOf<T extends object>(exchange: Exchange): Promise<T> {
  let body: unknown;
  try {
    body = JSON.parse(await exchange.text());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(`Invalid JSON in request: ${error.message}`);
  }
  if (typeof body !== 'object' || body === null) throw badRequest('The body of the request is a JSON object.');
  return body as T;
}

async function capture(exchange: Exchange, { engine }: RouteContext): Promise<void> {
  const request = await bodyOf<CaptureRequest>(exchange);
  if (!Array.isArray(request.topics) || request.topics.length === 0 || request.topics.some((each) => !isText(each)))
    throw badRequest('"topics" is a list of names.');
  for (const name of ['first', 'last', 'fromMs', 'toMs'] as const)
    if (request[name] !== undefined && !Number.isSafeInteger(request[name]))
      throw badRequest(`"${name}" is a whole number.`);
  const lines = captureTopics({ broker: engine.broker, registry: engine.registry }, request);
  try {
    const heads = (await lines.next()) as IteratorYieldResult<readonly string[]>;
    exchange.begin(200, LINES_TYPE);
    await exchange.write(`${heads.value.join('\n')}\n`);
  } catch (error) {
    throw error instanceof BrokerError ? badRequest(error.message) : error;
  }
  for await (const some of lines) {
    if (exchange.isAborted) return;
    if (some.length > 0) await exchange.write(`${some.join('\n')}\n`);
  }
  exchange.end();
}

async function append(exchange: Exchange, { engine }: RouteContext): Promise<void> {
  const { lines, stopAtFirst } = await bodyOf<AppendRequest>(exchange);
  if (!Array.isArray(lines) || !lines.every(isText)) throw badRequest('"lines" is a list of texts.');
  exchange.sendJson(200, await appendLines(engine.broker, lines, { nowMs: Date.now(), stopAtFirst }));
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** What looks into topics and writes into them, beyond what statements can. */
export const TOPIC_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/workbench/capture', produces: [LINES_TYPE], handle: capture },
  { method: 'POST', path: '/workbench/records', produces: [JSON_TYPE], handle: append },
];
