import { type SqlType, type SqlValue, typeToString } from '../../language/types/sql-type.ts';
import { bigintValue } from './bigint-value.ts';
import { decodeJsonBase64, fitDecimal, parseDecimal, parseDouble, parseInteger } from './java-text.ts';
import { type JsonNode, nodeClass, nodeText, truncatedInteger } from './json-node.ts';
import { SerdeError } from './serde.ts';
import { checkedTime } from './time-of-day.ts';

/**
 * The SQL value of a JSON node by ksqlDB's rules. Undefined stands for a document without any content.
 * @param path of the node within the document, `$` for the root
 * @throws SerdeError that names the type found, the type required and the path
 */
export function coerceNode(node: JsonNode | undefined, type: SqlType, path: string): SqlValue {
  if (node?.kind === 'null') return null;
  let value: SqlValue | undefined;
  try {
    value = node && coerce(node, type, path);
  } catch (error) {
    if (error instanceof SerdeError) throw error;
    throw new SerdeError(`${error instanceof Error ? error.message : String(error)}, path: ${path}`, { cause: error });
  }
  if (value === undefined) {
    throw new SerdeError(
      `Can't convert type. sourceType: ${nodeClass(node)}, requiredType: ${typeToString(type)}, path: ${path}`,
    );
  }
  return value;
}

/** Undefined for a node that does not fit. */
function coerce(node: JsonNode, type: SqlType, path: string): SqlValue | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
      return node.kind === 'boolean' ? node.value : undefined;
    case 'INTEGER': {
      const value = integerOf(node, 32);
      return value === undefined ? undefined : Number(BigInt.asIntN(32, value));
    }
    case 'BIGINT': {
      const value = integerOf(node, 64);
      return value === undefined ? undefined : bigintValue(value);
    }
    case 'DATE':
    case 'TIMESTAMP': {
      const value = integerOf(node, 64);
      return value === undefined ? undefined : Number(BigInt.asIntN(64, value));
    }
    case 'TIME': {
      const value = integerOf(node, 64);
      return value === undefined ? undefined : checkedTime(Number(BigInt.asIntN(64, value)));
    }
    case 'DOUBLE':
      // A JSON number never is a negative zero in Java, since BigDecimal knows none.
      if (node.kind === 'number') return Number(node.text) + 0;
      return node.kind === 'string' ? parseDouble(node.value) : undefined;
    case 'DECIMAL': {
      const text = node.kind === 'number' ? node.text : node.kind === 'string' ? node.value : undefined;
      const value = text === undefined ? undefined : parseDecimal(text);
      return value && fitDecimal(value, type.precision, type.scale);
    }
    case 'STRING':
      return nodeText(node);
    case 'BYTES':
      return node.kind === 'string' ? decodeJsonBase64(node.value) : undefined;
    case 'ARRAY':
      if (node.kind !== 'array') return undefined;
      return node.elements.map((element, i) => coerceNode(element, type.element, `${path}[${i}]`));
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

/** The integer of a number, its fraction cut off, or of a text that Java's `parseInt` or `parseLong` would read. */
function integerOf(node: JsonNode, bits: 32 | 64): bigint | undefined {
  if (node.kind === 'number') return truncatedInteger(node.text);
  return node.kind === 'string' ? parseInteger(node.value, bits) : undefined;
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
