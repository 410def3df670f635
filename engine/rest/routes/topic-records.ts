import { badRequest } from '../../api/errors.ts';
import { parseRowJson } from '../../api/exact-json.ts';
import type {
  AppendRequest,
  CaptureRequest,
  FindAnswer,
  FindRequest,
  ProduceRequest,
  TopicViewRequest,
  ViewStart,
} from '../../api/topics/topics-protocol.ts';
import { BrokerError } from '../../broker/broker.ts';
import { appendLines } from '../../topics/append-records.ts';
import { captureTopics } from '../../topics/capture-topics.ts';
import { testScript } from '../../topics/test-script.ts';
import type { Exchange } from '../http/exchange.ts';
import { JSON_TYPE } from '../http/media-type.ts';
import type { Route, RouteContext } from './route.ts';

const LINES_TYPE = 'application/x-ndjson';

/** The body as the object that it must be. @throws EngineError */
async function bodyOf<T extends object>(exchange: Exchange): Promise<T> {
  let body: unknown;
  try {
    body = parseRowJson(await exchange.text());
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

async function recordForm(exchange: Exchange, { engine }: RouteContext, [topic]: readonly string[]): Promise<void> {
  exchange.sendJson(200, await engine.recordForm(topic!));
}

async function produce(exchange: Exchange, { engine }: RouteContext, [topic]: readonly string[]): Promise<void> {
  const { records } = await bodyOf<ProduceRequest>(exchange);
  if (!Array.isArray(records)) throw badRequest('"records" is a list of records.');
  exchange.sendJson(200, await engine.produce(topic!, records));
}

async function openView(exchange: Exchange, { engine }: RouteContext, [topic]: readonly string[]): Promise<void> {
  const request = await bodyOf<TopicViewRequest>(exchange);
  const { partitions, where, start } = request;
  if (partitions !== undefined && !(Array.isArray(partitions) && partitions.every(Number.isSafeInteger)))
    throw badRequest('"partitions" is a list of whole numbers.');
  if (where !== undefined && !isText(where)) throw badRequest('"where" is a text.');
  const number =
    start &&
    {
      beginning: 0,
      newest: numberIn(start, 'records'),
      offset: numberIn(start, 'offset'),
      time: numberIn(start, 'timeMs'),
    }[start.kind];
  if (start !== undefined && !Number.isSafeInteger(number))
    throw badRequest(
      '"start" is {"kind": "beginning"}, or "newest" with "records", "offset" with "offset", "time" with "timeMs".',
    );
  exchange.sendJson(200, await engine.topicViews.open(topic!, request));
}

const numberIn = (start: ViewStart, name: string): unknown => (start as Readonly<Record<string, unknown>>)[name];

/** Most records that one page gives. */
const MAX_PAGE_RECORDS = 1000;

async function viewPage(exchange: Exchange, { engine }: RouteContext, [id]: readonly string[]): Promise<void> {
  const view = engine.topicViews.get(id!);
  if (view === undefined) return exchange.send(404, null);
  const [start, count] = ['start', 'count'].map((name) => wholeNumber(exchange.query, name));
  exchange.sendJson(200, await view.page(start, Math.min(count ?? MAX_PAGE_RECORDS, MAX_PAGE_RECORDS)));
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`"${name}" is a whole number.`);
  return Number(text);
}

async function viewRecord(exchange: Exchange, { engine }: RouteContext, [id, place]: readonly string[]): Promise<void> {
  const record = await engine.topicViews.get(id!)?.record(Number(place));
  if (record === undefined) exchange.send(404, null);
  else exchange.sendJson(200, record);
}

async function findRecord(exchange: Exchange, { engine }: RouteContext, [id]: readonly string[]): Promise<void> {
  const request = await bodyOf<FindRequest>(exchange);
  const view = engine.topicViews.get(id!);
  if (view === undefined) return exchange.send(404, null);
  const gone = new AbortController();
  exchange.onAbort(async () => gone.abort());
  const place = await view.find(request, gone.signal);
  exchange.sendJson(200, { ...(place !== undefined && { place }) } satisfies FindAnswer);
}

async function closeView(exchange: Exchange, { engine }: RouteContext, [id]: readonly string[]): Promise<void> {
  await engine.topicViews.close(id!);
  exchange.sendJson(200, {});
}

async function testScriptOf(exchange: Exchange, { engine }: RouteContext): Promise<void> {
  const { statement } = await bodyOf<{ readonly statement: string }>(exchange);
  if (!isText(statement)) throw badRequest('"statement" is a text.');
  exchange.sendJson(200, testScript(statement, engine.metastore));
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** What looks into topics and writes into them, beyond what statements can. */
export const TOPIC_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/workbench/capture', produces: [LINES_TYPE], handle: capture },
  { method: 'POST', path: '/workbench/test-script', produces: [JSON_TYPE], handle: testScriptOf },
  { method: 'POST', path: '/workbench/records', produces: [JSON_TYPE], handle: append },
  { method: 'GET', path: '/workbench/topics/:name/record-form', produces: [JSON_TYPE], handle: recordForm },
  { method: 'POST', path: '/workbench/topics/:name/produce', produces: [JSON_TYPE], handle: produce },
  { method: 'POST', path: '/workbench/topics/:name/views', produces: [JSON_TYPE], handle: openView },
  { method: 'GET', path: '/workbench/topic-views/:id', produces: [JSON_TYPE], handle: viewPage },
  { method: 'DELETE', path: '/workbench/topic-views/:id', produces: [JSON_TYPE], handle: closeView },
  { method: 'GET', path: '/workbench/topic-views/:id/records/:place', produces: [JSON_TYPE], handle: viewRecord },
  { method: 'POST', path: '/workbench/topic-views/:id/find', produces: [JSON_TYPE], handle: findRecord },
];
