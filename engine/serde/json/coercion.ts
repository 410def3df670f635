import type { JsonNode } from '../../../language/java/text/json-text.ts';
import { parseDecimal } from '../../../language/types/decimal.ts';
import { EvaluationError } from '../../../language/types/evaluation-error.ts';
import { type Long, toLong } from '../../../language/types/integer.ts';
import { parseDouble } from '../../../language/types/java-double.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { SerdeError } from '../encoding/serde.ts';
import { decodeJsonBase64, fitExactly, parseInteger, parseLong } from '../encoding/text-value.ts';
import { checkedTime } from '../encoding/time-of-day.ts';
import { nodeClass, nodeText, truncatedInteger } from './node.ts';

/**
 * The SQL value of a JSON node by ksqlDB's rules. Undefined stands for a document without any content.
 * @param path of the node within the document, `$` for the root
 * @throws SerdeError that names the type found, the type required and the path
 */
export function coerceNode(node: JsonNode | undefined, type: SqlType, path: string): SqlValue {
  if (node?.kind === 'null') return null;
  let value: SqlValue | undefined;
  let cause: unknown;
  try {
    value = node && coerce(node, type, path);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    cause = error;
  }
  if (value !== undefined) return value;
  const message = `Can't convert type. sourceType: ${nodeClass(node)}, requiredType: ${type.kind}, path: ${path}`;
  throw new SerdeError(message, cause === undefined ? {} : { cause });
}

/** Undefined, or an EvaluationError, for a node that does not fit. */
function coerce(node: JsonNode, type: SqlType, path: string): SqlValue | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
      return node.kind === 'boolean' ? node.value : undefined;
    case 'INTEGER':
      if (node.kind === 'number') return Number(BigInt.asIntN(32, truncatedInteger(node)));
      return node.kind === 'string' ? parseInteger(node.value) : undefined;
    case 'BIGINT':
      return longOf(node);
    case 'DATE':
    case 'TIMESTAMP': {
      const value = longOf(node);
      return value === undefined ? undefined : Number(value);
    }
    case 'TIME': {
      const value = longOf(node);
      return value === undefined ? undefined : checkedTime(Number(value));
    }
    case 'DOUBLE':
      // A JSON number never is a negative zero in Java, since BigDecimal knows none.
      if (node.kind === 'number') return Number(node.text) + 0;
      return node.kind === 'string' ? parseDouble(node.value) : undefined;
    case 'DECIMAL': {
      const text = node.kind === 'number' ? node.text : node.kind === 'string' ? node.value : undefined;
      return text === undefined ? undefined : fitExactly(parseDecimal(text), type);
    }
    case 'STRING':
      return nodeText(node);
    case 'BYTES':
      return node.kind === 'string' ? decodeJsonBase64(node.value) : undefined;
    case 'ARRAY':
      if (node.kind !== 'array') return undefined;
      return node.items.map((item, i) => coerceNode(item, type.element, `${path}[${i}]`));
    case 'MAP':
      if (node.kind !== 'object') return undefined;
      return new Map(
        [...node.fields].map(([key, value]) => [
          coerceNode({ kind: 'string', value: key }, type.key, `${path}.${key}.key`),
          coerceNode(value, type.value, `${path}.${key}.value`),
        ]),
      );
    case 'STRUCT':
      return node.kind === 'object' ? coerceFields(node.fields, type.fields, path) : undefined;
    default:
      return type satisfies never;
  }
}

/** The integer of a number, its fraction cut off and wrapping, or of a text. */
function longOf(node: JsonNode): Long | undefined {
  if (node.kind === 'number') return toLong(truncatedInteger(node));
  return node.kind === 'string' ? parseLong(node.value) : undefined;
}

/**
 * The values of columns or struct fields. A field belongs to a name that is equal, or else to one that its own name in
 * upper case is equal to; of several such fields the last counts.
 */
export function coerceFields(
  fields: ReadonlyMap<string, JsonNode>,
  columns: readonly { readonly name: string; readonly type: SqlType }[],
  path: string,
): SqlValue[] {
  const upperCased = new Map<string, JsonNode>();
  for (const [name, value] of fields) upperCased.set(name.toUpperCase(), value);
  return columns.map(({ name, type }) => {
    const node = fields.get(name) ?? upperCased.get(name);
    return node ? coerceNode(node, type, `${path}.${name}`) : null;
  });
}
