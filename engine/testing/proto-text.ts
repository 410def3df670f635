import protobuf from 'protobufjs';
import { doubleToString } from '../../language/types/java-double.ts';
import { hashOrder } from '../../language/types/java-hash.ts';
import { type SqlValue, STRING } from '../../language/types/sql-type.ts';

/**
 * Prints messages in Protobuf's text format, as Java's TextFormat has it: fields by their numbers, each on a line of
 * its own, defaults left out, map entries as messages.
 *
 * @param schema a `.proto` text; its first message is the one that is printed
 */
export function messagePrinter(schema: string): (bytes: Uint8Array) => string {
  const { root } = protobuf.parse(schema, { keepCase: true });
  const type = root.nestedArray.find((nested) => nested instanceof protobuf.Type)!.resolveAll() as protobuf.Type;
  return (bytes) => messageText(type.decode(bytes), type, '');
}

function messageText(message: protobuf.Message, type: protobuf.Type, indent: string): string {
  const values = message as unknown as Readonly<Record<string, unknown>>;
  return type.fieldsArray
    .toSorted((a, b) => a.id - b.id)
    .filter(({ name }) => Object.hasOwn(message, name))
    .flatMap((field) => {
      const value = values[field.name];
      const all = field.repeated ? inJavaOrder(value as readonly unknown[], field) : [value];
      return all.map((each) => fieldText(each, field, indent));
    })
    .join('');
}

/** A repeated message of a key and a value is a map, which Java keeps in a HashMap. */
function inJavaOrder(values: readonly unknown[], { resolvedType }: protobuf.Field): readonly unknown[] {
  if (
    !(resolvedType instanceof protobuf.Type) ||
    resolvedType.fieldsArray.map(({ name }) => name).join() !== 'key,value'
  )
    return values;
  const byKey = new Map(values.map((entry) => [String((entry as { key?: unknown }).key ?? ''), entry as SqlValue]));
  return hashOrder(byKey, STRING, 16).map(([, entry]) => entry);
}

function fieldText(value: unknown, field: protobuf.Field, indent: string): string {
  const { name, type, resolvedType } = field;
  if (resolvedType instanceof protobuf.Type)
    return `${indent}${name} {\n${messageText(value as protobuf.Message, resolvedType, `${indent}  `)}${indent}}\n`;
  const isDefault =
    value === 0 ||
    value === false ||
    value === '' ||
    (value as { length?: number }).length === 0 ||
    String(value) === '0';
  return isDefault && !field.repeated ? '' : `${indent}${name}: ${scalarText(value, type)}\n`;
}

function scalarText(value: unknown, type: string): string {
  switch (type) {
    case 'string':
      return `"${escaped(Buffer.from(value as string, 'utf8'))}"`;
    case 'bytes':
      return `"${escaped(Buffer.from(value as Uint8Array))}"`;
    case 'double':
    case 'float':
      return doubleToString(value as number);
    default:
      return String(value);
  }
}

const ESCAPES: Readonly<Record<number, string>> = { 10: '\\n', 13: '\\r', 9: '\\t', 34: '\\"', 39: "\\'", 92: '\\\\' };

const escaped = (bytes: Uint8Array): string =>
  Array.from(
    bytes,
    (byte) =>
      ESCAPES[byte] ??
      (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`),
  ).join('');
