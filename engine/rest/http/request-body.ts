import { type JavaRegex, javaRegex } from '../../../language/java/regex/java-regex.ts';
import type { HeartbeatMessage, LagInfo, LagReportingMessage, StoreLags } from '../../api/cluster/cluster-protocol.ts';
import { badRequest, EngineError, ERROR_CODE, tooLarge } from '../../api/errors.ts';
import { parseExact } from '../../api/exact-json.ts';
import type { JsonValue, KsqlRequest, Properties, QueryStreamRequest } from '../../api/protocol.ts';
import type { Limits } from './limits.ts';
import { checkStatementText } from './statement-limits.ts';

const invalidJson = (reason: string): EngineError => badRequest(`Invalid JSON in request: ${reason}`);

const unbindable = (): EngineError => new EngineError(ERROR_CODE.serverError, 'Failed to deserialize buffer');

const TEXT = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"/iuy;

/**
 * Whether the first text that is no text of JSON is a value: an end is missing, or a control character or an unknown
 * escape stands in it.
 */
function hasBrokenValue(text: string): boolean {
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', TEXT.lastIndex)) {
    TEXT.lastIndex = at;
    if (!TEXT.test(text)) return /:\s*$/.test(text.slice(0, at));
  }
  return false;
}

/** The body as a JSON object. An empty body is the server's fault in ksqlDB, and so it is here. */
export function parseObject(text: string): Record<string, unknown> {
  if (text === '') throw new EngineError(ERROR_CODE.serverError, 'The request has no body.');
  let value: unknown;
  try {
    value = parseExact(text);
  } catch (error) {
    // Jackson reads the text of a value when it binds it, and takes what it finds there for a fault of the binding.
    throw hasBrokenValue(text) ? unbindable() : invalidJson((error as Error).message);
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidJson('an object is expected');
  return value as Record<string, unknown>;
}

/** Text fields take numbers and booleans too, as their text. */
function textField(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') throw invalidJson(`'${name}' must be text`);
  return String(value);
}

function objectField(body: Record<string, unknown>, name: string): Record<string, JsonValue> {
  const value = body[name];
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidJson(`'${name}' must be an object`);
  return value as Record<string, JsonValue>;
}

/** Properties as sent. A null value is something ksqlDB cannot read. */
function propertiesField(body: Record<string, unknown>, name: string): Properties {
  const properties = objectField(body, name);
  for (const value of Object.values(properties)) {
    if (value === null) throw unbindable();
  }
  return properties;
}

function variablesField(body: Record<string, unknown>): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(propertiesField(body, 'sessionVariables')))
    variables[name] = String(value);
  return variables;
}

function sequenceField(body: Record<string, unknown>): number | null {
  const value = body.commandSequenceNumber;
  if (value === undefined || value === null) return null;
  const number = typeof value === 'boolean' ? Number.NaN : Number(value);
  if (!Number.isInteger(number))
    throw invalidJson(`'commandSequenceNumber' must be an integer, not ${JSON.stringify(value)}`);
  return number;
}

/** The body of POST /ksql and POST /query. Unknown fields are ignored. @throws EngineError */
export function parseKsqlRequest(text: string, limits: Limits): Required<KsqlRequest> {
  const body = parseObject(text);
  const ksql = textField(body, 'ksql') ?? '';
  checkStatementText(ksql, limits);
  return {
    ksql,
    streamsProperties: propertiesField(body, 'streamsProperties'),
    requestProperties: objectField(body, 'requestProperties'),
    sessionVariables: variablesField(body),
    commandSequenceNumber: sequenceField(body),
  };
}

/** The body of POST /query-stream. @throws EngineError */
export function parseQueryStreamRequest(text: string, limits: Limits): Required<QueryStreamRequest> {
  const body = parseObject(text);
  if (!('sql' in body)) throw invalidJson("Missing required creator property 'sql'");
  const sql = textField(body, 'sql');
  if (sql === undefined) throw unbindable();
  checkStatementText(sql, limits);
  return {
    sql,
    properties: propertiesField(body, 'properties'),
    requestProperties: objectField(body, 'requestProperties'),
    sessionVariables: variablesField(body),
  };
}

/** The body of POST /close-query. @throws EngineError */
export function parseCloseQueryRequest(text: string): string {
  const queryId = textField(parseObject(text), 'queryId');
  if (queryId === undefined) throw invalidJson("Missing required creator property 'queryId'");
  return queryId;
}

/** A host as servers call one another. */
function hostField(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value === 'object' && value !== null) throw invalidJson(`'${name}' must be a text such as host:8088`);
  if (typeof value !== 'string' || !/^.+:\d{1,5}$/.test(value)) throw unbindable();
  return value;
}

/** The body of POST /heartbeat. @throws EngineError */
export function parseHeartbeat(text: string): HeartbeatMessage {
  const body = parseObject(text);
  const timestamp = Number(body['timestamp'] ?? 0);
  if (!Number.isFinite(timestamp)) throw unbindable();
  return { hostInfo: hostField(body, 'hostInfo'), timestamp };
}

/** The body of POST /lag. @throws EngineError */
export function parseLagReport(text: string): LagReportingMessage {
  const body = parseObject(text);
  const ksqlHost = hostField(body, 'ksqlHost');
  const { stateStoreLags, updateTimeMs } = objectField(body, 'hostStoreLags');
  const stores = Object.entries(asObject(stateStoreLags)).map(([store, lags]) => [store, parseStoreLags(lags)]);
  return {
    ksqlHost,
    hostStoreLags: { stateStoreLags: Object.fromEntries(stores), updateTimeMs: asNumber(updateTimeMs) },
  };
}

function parseStoreLags(lags: JsonValue): StoreLags {
  const partitions = Object.entries(asObject(asObject(lags)['lagByPartition'])).map(([partition, lag]) => {
    const { currentOffsetPosition, endOffsetPosition, offsetLag } = asObject(lag);
    const info: LagInfo = {
      currentOffsetPosition: asNumber(currentOffsetPosition),
      endOffsetPosition: asNumber(endOffsetPosition),
      offsetLag: asNumber(offsetLag),
    };
    return [partition, info];
  });
  return { lagByPartition: Object.fromEntries(partitions) };
}

function asObject(value: JsonValue | undefined): Readonly<Record<string, JsonValue>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unbindable();
  return value as Readonly<Record<string, JsonValue>>;
}

function asNumber(value: JsonValue | undefined): number {
  if (typeof value !== 'number') throw unbindable();
  return value;
}

/** The body of POST /ksql/terminate: patterns of the topics to delete, in Java's syntax. @throws EngineError */
export function parseTerminateRequest(text: string, { maxPatterns }: Limits): readonly JavaRegex[] {
  const list = text.trim() === '' ? [] : (parseObject(text).deleteTopicList ?? []);
  if (!Array.isArray(list)) throw invalidJson("'deleteTopicList' must be a list");
  if (list.length > maxPatterns)
    throw tooLarge(`'deleteTopicList' has ${list.length} patterns; the most that it may have is ${maxPatterns}.`);
  return list.map((pattern) => {
    try {
      return javaRegex(String(pattern), true);
    } catch (error) {
      throw badRequest(`Invalid pattern: ${pattern}: ${(error as Error).message}`);
    }
  });
}
