import protobuf from 'protobufjs';
import { type SqlType, type StructField, struct } from '../../../language/types/sql-type.ts';
import { SerdeError } from '../encoding/serde.ts';
import { COMMON_PROTOS } from './common-types.ts';

export type ProtoScalar =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes';

export type ProtoType =
  | { readonly kind: ProtoScalar }
  | { readonly kind: 'enum'; readonly name: string; readonly numbers: ReadonlyMap<string, number> }
  | { readonly kind: 'message'; readonly message: ProtoMessage };

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  readonly type: ProtoType;
  readonly repeated: boolean;
  /** Repeated numbers: written as one run. */
  readonly packed: boolean;
  /** Declared `optional`: what is missing differs from what has the default value. */
  readonly optional: boolean;
  /** Whether it may be on the wire with its default value. */
  readonly hasPresence: boolean;
  /** Of a map field the type of the keys; `type` is that of the values. */
  readonly mapKey?: ProtoType;
  /** The group of fields of which one is set. */
  readonly oneof?: string;
  /** Of a decimal, from the options that Connect writes. */
  readonly decimal?: { readonly precision: number; readonly scale: number };
}

export interface ProtoMessage {
  readonly fullName: string;
  /** Recursive messages make this a graph. */
  readonly fields: readonly ProtoField[];
  readonly oneofs: readonly string[];
  readonly nested: readonly ProtoMessage[];
}

/** The messages of a .proto file. */
export interface ProtoSchema {
  readonly messages: readonly ProtoMessage[];
  /** Full names of the messages and enums at the top, in the order of the file. */
  readonly definitions: readonly string[];
}

/**
 * Parses the text of a .proto file.
 * @param dependencies texts of the files that it imports; Google's and Confluent's own are known
 * @throws SerdeError
 */
export function parseProtoSchema(text: string, dependencies: ReadonlyMap<string, string> = new Map()): ProtoSchema {
  try {
    const root = new protobuf.Root();
    const pending = [...(protobuf.parse(text, root, { keepCase: true }).imports ?? [])];
    const own = topLevel(root);
    const loaded = new Set<string>();
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (loaded.has(name)) continue;
      loaded.add(name);
      const imported = dependencies.get(name) ?? COMMON_PROTOS[name];
      if (imported === undefined) throw new SerdeError(`The Protobuf schema imports an unknown file: ${name}`);
      pending.push(...(protobuf.parse(imported, root, { keepCase: true }).imports ?? []));
    }
    root.resolveAll();
    return new ProtoModel().schema(own);
  } catch (error) {
    if (error instanceof SerdeError) throw error;
    throw new SerdeError(`Not a Protobuf schema: ${(error as Error).message}`, { cause: error });
  }
}

/** The types of a file, wherever its package puts them. */
function topLevel(namespace: protobuf.NamespaceBase): (protobuf.Type | protobuf.Enum)[] {
  return namespace.nestedArray.flatMap((object) => {
    if (object instanceof protobuf.Type || object instanceof protobuf.Enum) return [object];
    return object instanceof protobuf.Namespace ? topLevel(object) : [];
  });
}

const withoutDot = (fullName: string): string => fullName.replace(/^\./, '');

/** Turns protobufjs' reflection into plain data. */
class ProtoModel {
  readonly #messages = new Map<protobuf.Type, ProtoMessage>();

  schema(own: readonly (protobuf.Type | protobuf.Enum)[]): ProtoSchema {
    return {
      messages: own.flatMap((type) => (type instanceof protobuf.Type ? [this.#message(type)] : [])),
      definitions: own.map((type) => withoutDot(type.fullName)),
    };
  }

  #message(type: protobuf.Type): ProtoMessage {
    const known = this.#messages.get(type);
    if (known) return known;
    const fields: ProtoField[] = [];
    const nested: ProtoMessage[] = [];
    const oneofs = type.oneofsArray.filter((oneof) => !oneof.isProto3Optional).map((oneof) => oneof.name);
    const message: ProtoMessage = { fullName: withoutDot(type.fullName), fields, oneofs, nested };
    this.#messages.set(type, message);
    for (const field of type.fieldsArray) fields.push(this.#field(field));
    for (const inner of type.nestedArray) if (inner instanceof protobuf.Type) nested.push(this.#message(inner));
    return message;
  }

  #field(field: protobuf.Field): ProtoField {
    const group = field.partOf;
    const mapKey = field instanceof protobuf.MapField ? { kind: field.keyType as ProtoScalar } : undefined;
    const decimal = decimalOptions(field);
    return {
      name: field.name,
      number: field.id,
      type: this.#type(field),
      repeated: field.repeated,
      packed: field.packed,
      optional: group?.isProto3Optional === true,
      hasPresence: field.hasPresence || field.resolvedType instanceof protobuf.Type,
      ...(mapKey ? { mapKey } : {}),
      ...(group && !group.isProto3Optional ? { oneof: group.name } : {}),
      ...(decimal ? { decimal } : {}),
    };
  }

  #type(field: protobuf.Field): ProtoType {
    const { resolvedType } = field;
    if (resolvedType instanceof protobuf.Type) return { kind: 'message', message: this.#message(resolvedType) };
    if (resolvedType instanceof protobuf.Enum) {
      const numbers = new Map(Object.entries(resolvedType.values));
      return { kind: 'enum', name: resolvedType.name, numbers };
    }
    return { kind: field.type as ProtoScalar };
  }
}

/** Precision and scale as Connect writes them among the options of a field. */
function decimalOptions(field: protobuf.Field): { precision: number; scale: number } | undefined {
  const options = (field.parsedOptions ?? []) as readonly Record<string, { params?: unknown }>[];
  const params = options.flatMap((option) => option['(confluent.field_meta)']?.params ?? []) as {
    key: string;
    value: string;
  }[];
  const parameter = (name: string) => params.find(({ key }) => key === name)?.value;
  const precision = parameter('precision');
  const scale = parameter('scale');
  if (precision === undefined && scale === undefined) return undefined;
  return { precision: Number(precision ?? 64), scale: Number(scale ?? 0) };
}

/** The message that an entry of a map is on the wire. */
export const mapEntry = (field: ProtoField): ProtoMessage => ({
  fullName: `${field.name}Entry`,
  oneofs: [],
  nested: [],
  fields: [
    { ...ENTRY_PART, name: 'key', number: 1, type: field.mapKey! },
    { ...ENTRY_PART, name: 'value', number: 2, type: field.type },
  ],
});

const ENTRY_PART = { repeated: false, packed: false, optional: false, hasPresence: true };

/** Messages that stand for values of a type of their own. */
export const VALUE_MESSAGES: Readonly<Record<string, SqlType['kind']>> = {
  'google.protobuf.Timestamp': 'TIMESTAMP',
  'google.type.Date': 'DATE',
  'google.type.TimeOfDay': 'TIME',
  'confluent.type.Decimal': 'DECIMAL',
};

/** Whether the message is one of Google's wrappers, which make a primitive that may be missing. */
export const isWrapper = (message: ProtoMessage): boolean =>
  /^google\.protobuf\.\w+Value$/.test(message.fullName) && message.fields.length === 1;

/** The name of the STRUCT column that a group of fields makes, by its place among the groups of the message. */
export const oneofColumn = (message: ProtoMessage, oneof: string): string =>
  `${oneof}_${message.oneofs.indexOf(oneof)}`;

/**
 * The STRUCT of a message's fields, names in their own case.
 * @param unwrapPrimitives whether Google's wrappers are the primitives within them
 * @throws SerdeError for recursive messages
 */
export function protoToSqlType(
  message: ProtoMessage,
  unwrapPrimitives: boolean,
  within: readonly ProtoMessage[] = [],
): SqlType {
  if (within.includes(message)) {
    throw new SerdeError(`The Protobuf message ${message.fullName} contains itself: KSQL has no recursive types`);
  }
  const inside = [...within, message];
  const fieldOf = (field: ProtoField): StructField => ({
    name: field.name,
    type: fieldType(field, unwrapPrimitives, inside),
  });
  const groups = message.oneofs.map((oneof) => ({
    name: oneofColumn(message, oneof),
    type: struct(message.fields.filter((field) => field.oneof === oneof).map(fieldOf)),
  }));
  return struct([...groups, ...message.fields.filter((field) => field.oneof === undefined).map(fieldOf)]);
}

function fieldType(field: ProtoField, unwrapPrimitives: boolean, within: readonly ProtoMessage[]): SqlType {
  const type = valueType(field, unwrapPrimitives, within);
  // Keys of every type are text in SQL.
  if (field.mapKey) return { kind: 'MAP', key: { kind: 'STRING' }, value: type };
  return field.repeated ? { kind: 'ARRAY', element: type } : type;
}

function valueType(field: ProtoField, unwrapPrimitives: boolean, within: readonly ProtoMessage[]): SqlType {
  if (field.type.kind !== 'message') return scalarType(field.type);
  const { message } = field.type;
  const kind = VALUE_MESSAGES[message.fullName];
  if (kind === 'DECIMAL') {
    return { kind, precision: field.decimal?.precision ?? 64, scale: field.decimal?.scale ?? 0 };
  }
  if (kind !== undefined) return { kind } as SqlType;
  if (unwrapPrimitives && isWrapper(message)) return scalarType(message.fields[0]!.type);
  return protoToSqlType(message, unwrapPrimitives, within);
}

function scalarType(type: ProtoType): SqlType {
  switch (type.kind) {
    case 'double':
    case 'float':
      return { kind: 'DOUBLE' };
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return { kind: 'INTEGER' };
    case 'bool':
      return { kind: 'BOOLEAN' };
    case 'string':
    case 'enum':
      return { kind: 'STRING' };
    case 'bytes':
      return { kind: 'BYTES' };
    case 'message':
      return struct([]);
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'sint64':
    case 'fixed32':
    case 'fixed64':
    case 'sfixed64':
      // Unsigned 32 bits need more than an INTEGER has.
      return { kind: 'BIGINT' };
    default:
      return type satisfies never;
  }
}
