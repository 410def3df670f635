import { findProperty, isEditable, propertyValueProblem } from '../../../language/settings/properties.ts';
import { SERVER_PROPERTIES } from '../../../language/settings/property-table.ts';
import { badRequest, EngineError, ERROR_CODE } from '../../api/errors.ts';
import type { JsonValue, Properties } from '../../api/protocol.ts';

/** Settings by name, as text; the values that statements and queries run with. */
export type PropertyMap = ReadonlyMap<string, string>;

const INTERNAL_ERROR =
  'The server encountered an internal error when processing the query. Please consult the server logs for more information.';
const DENYLIST = 'ksql.properties.overrides.denylist';
/** Denied whatever the list says: other servers of the cluster go by it. */
const SERVICE_ID = 'ksql.service.id';

/** The value as text; a list is its elements, as in settings of Kafka that are lists. */
function text(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(text).join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** The name without the prefix that says for which part of ksqlDB a setting of Kafka Streams is. */
export const bareName = (name: string): string =>
  name.startsWith('ksql.streams.') ? name.slice('ksql.streams.'.length) : name;

/** Why a property may not be set for a request, in ksqlDB's words, or undefined when it may. */
export function overrideProblem(name: string, server: PropertyMap = new Map()): string | undefined {
  const denied = server
    .get(DENYLIST)
    ?.split(',')
    .map((entry) => entry.trim());
  if (name !== SERVICE_ID && denied?.includes(name) !== true) return undefined;
  return `One or more properties overrides set locally are prohibited by the KSQL server (use UNSET to reset their default value): [${name}]`;
}

/**
 * The settings of a request. On /ksql and /query every name must be known and every value fit; on /query-stream those
 * that do not are passed over, as in ksqlDB.
 * @throws EngineError
 */
export function requestProperties(
  sent: Properties,
  server: PropertyMap,
  endpoint: 'ksql' | 'query' | 'query-stream' | 'websocket',
): Map<string, string> {
  const result = new Map<string, string>();
  const lenient = endpoint === 'query-stream';
  for (const [name, value] of Object.entries(sent)) {
    const prohibited = overrideProblem(name, server);
    if (prohibited !== undefined) throw badRequest(prohibited);
    if (SERVER_PROPERTIES.has(bareName(name))) {
      const message = `Failed to coerce type of value '${text(value)}' for key '${name}'\nCaused by: Cannot override property '${bareName(name)}'`;
      throw lenient ? new EngineError(ERROR_CODE.serverError, INTERNAL_ERROR) : badRequest(message);
    }
    const property = findProperty(name);
    if (property === undefined) {
      if (lenient) continue;
      throw new EngineError(
        ERROR_CODE.serverError,
        `Not recognizable as ksql, streams, consumer, or producer property: '${name}'`,
      );
    }
    const problem = propertyValueProblem(property, text(value));
    if (problem !== undefined) {
      // Lookups pass it over; other queries fail of it (checkFit).
      if (lenient) continue;
      throw badRequest(`Failed to coerce type of value '${text(value)}' for key '${name}'\nCaused by: ${problem}`);
    }
    result.set(name, text(value));
  }
  return result;
}

/** On /query-stream what starts a query with a value that does not fit is a fault of the server. @throws EngineError */
export function checkFit(sent: Properties): void {
  for (const [name, value] of Object.entries(sent)) {
    const property = findProperty(name);
    // Values are taken as they came there: a list is none of theirs.
    const fits =
      !Array.isArray(value) && property !== undefined && propertyValueProblem(property, text(value)) === undefined;
    if (property === undefined || fits) continue;
    throw new EngineError(ERROR_CODE.serverError, INTERNAL_ERROR);
  }
}

/** Settings of a query: its own over the server's, looked up with or without the prefix `ksql.streams.`. */
export class QueryProperties {
  readonly own: PropertyMap;
  readonly #server: PropertyMap;

  constructor(own: PropertyMap, server: PropertyMap) {
    this.own = own;
    this.#server = server;
  }

  /** The value in force: set, or the default. */
  get(name: string): string | undefined {
    return this.explicit(name) ?? findProperty(name)?.default;
  }

  /** The value that somebody set, if anybody did. */
  explicit(name: string): string | undefined {
    const prefixed = `ksql.streams.${name}`;
    return this.own.get(name) ?? this.own.get(prefixed) ?? this.#server.get(name) ?? this.#server.get(prefixed);
  }

  isTrue(name: string): boolean {
    return this.get(name)?.trim().toLowerCase() === 'true';
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    return value === undefined || value.trim() === '' ? undefined : Number(value);
  }

  /** All settings in force that are not defaults, the query's own last. */
  all(): Map<string, string> {
    return new Map([...this.#server, ...this.own]);
  }
}

/** Whether clients may change the property at all; what SHOW PROPERTIES calls editable. */
export function isPropertyEditable(name: string): boolean {
  const property = findProperty(name);
  return property !== undefined && isEditable(property) && !SERVER_PROPERTIES.has(name);
}
