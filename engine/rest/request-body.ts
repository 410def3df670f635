import { badRequest, EngineError, ERROR_CODE } from '../errors.ts';
import { parseExact } from './exact-json.ts';
import type { JsonValue, KsqlRequest, Properties, QueryStreamRequest } from './protocol.ts';

const invalidJson = (reason: string): EngineError => badRequest(`Invalid JSON in request: ${reason}`);

/** The body as a JSON object. An empty body is the server's fault in ksqlDB, and so it is here. */
function parseObject(text: string): Record<string, unknown> {
  if (text.trim() === '') throw new EngineError(ERROR_CODE.serverError, 'The request has no body.');
  let value: unknown;
  try {
    value = parseExact(text);
  } catch (error) {
    throw invalidJson((error as Error).message);
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
    if (value === null) throw new EngineError(ERROR_CODE.serverError, 'Failed to deserialize buffer');
  }
  return properties;
}

function variablesField(body: Record<string, unknown>): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(objectField(body, 'sessionVariables'))) variables[name] = String(value);
  return variables;
}

function sequenceField(body: Record<string, unknown>): number | null {
  const value = body.commandSequenceNumber;
  if (value === undefined || value === null) return null;
  const number = Number(value);
  if (!Number.isInteger(number))
    throw invalidJson(`'commandSequenceNumber' must be an integer, not ${JSON.stringify(value)}`);
  return number;
}

/** The body of POST /ksql and POST /query. Unknown fields are ignored. @throws EngineError */
export function parseKsqlRequest(text: string): Required<KsqlRequest> {
  const body = parseObject(text);
  return {
    ksql: textField(body, 'ksql') ?? '',
    streamsProperties: propertiesField(body, 'streamsProperties'),
    requestProperties: objectField(body, 'requestProperties'),
    sessionVariables: variablesField(body),
    commandSequenceNumber: sequenceField(body),
  };
}

/** The body of POST /query-stream. @throws EngineError */
export function parseQueryStreamRequest(text: string): Required<QueryStreamRequest> {
  const body = parseObject(text);
  if (!('sql' in body)) throw invalidJson("Missing required creator property 'sql'");
  const sql = textField(body, 'sql');
  if (sql === undefined) throw new EngineError(ERROR_CODE.serverError, 'Failed to deserialize buffer');
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

/** The body of POST /ksql/terminate: patterns of the topics to delete. @throws EngineError */
export function parseTerminateRequest(text: string): readonly RegExp[] {
  const list = text.trim() === '' ? [] : (parseObject(text).deleteTopicList ?? []);
  if (!Array.isArray(list)) throw invalidJson("'deleteTopicList' must be a list");
  return list.map((pattern) => {
    try {
      return new RegExp(`^(?:${pattern})$`);
    } catch {
      throw badRequest(`Invalid pattern: ${pattern}`);
    }
  });
}
