import { type SqlType, type StructField, struct } from '../../../language/types/sql-type.ts';
import { SerdeError } from '../encoding/serde.ts';

export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

/** The logical types that ksqlDB knows; the others leave the type as it is. */
export type AvroLogical =
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'date' }
  | { readonly kind: 'time-millis' }
  | { readonly kind: 'timestamp-millis' };

export interface AvroField {
  readonly name: string;
  readonly type: AvroNode;
  /** JSON of the default; undefined when there is none. */
  readonly default?: unknown;
}

export interface AvroRecord {
  readonly kind: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
  /** Connect's mark on the records that stand for the entries of a map. */
  readonly isMapEntry: boolean;
}

/** An Avro schema with its names resolved; recursive records make it a graph. */
export type AvroNode =
  | { readonly kind: AvroPrimitive; readonly logical?: AvroLogical }
  | { readonly kind: 'fixed'; readonly name: string; readonly sizeBytes: number; readonly logical?: AvroLogical }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroNode }
  | { readonly kind: 'map'; readonly values: AvroNode }
  | AvroRecord
  | { readonly kind: 'union'; readonly branches: readonly AvroNode[] };

type Json = Readonly<Record<string, unknown>>;

const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/**
 * Parses the JSON of an Avro schema.
 * @param dependencies texts of the schemas that it may refer to by name
 * @throws SerdeError
 */
export function parseAvroSchema(text: string, dependencies: ReadonlyMap<string, string> = new Map()): AvroNode {
  const names = new Map<string, AvroNode>();
  const pending = new Map([...dependencies].map(([name, dependency]) => [name, JSON.parse(dependency) as unknown]));
  return new AvroSchemaParser(names, pending).node(parseSchemaJson(text), '');
}

/** Avro primitives may stand in a registry without quotes. */
function parseSchemaJson(text: string): unknown {
  const trimmed = text.trim();
  if (PRIMITIVES.has(trimmed)) return trimmed;
  try {
    return JSON.parse(trimmed);
  } catch (error) {
    throw new SerdeError(`The Avro schema is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

class AvroSchemaParser {
  readonly #names: Map<string, AvroNode>;
  readonly #pending: Map<string, unknown>;

  constructor(names: Map<string, AvroNode>, pending: Map<string, unknown>) {
    this.#names = names;
    this.#pending = pending;
  }

  node(json: unknown, namespace: string): AvroNode {
    if (typeof json === 'string') return this.#named(json, namespace);
    if (Array.isArray(json)) return { kind: 'union', branches: json.map((branch) => this.node(branch, namespace)) };
    if (typeof json !== 'object' || json === null) throw new SerdeError(`Not an Avro schema: ${JSON.stringify(json)}`);
    const schema = json as Json;
    const { type } = schema;
    switch (type) {
      case 'array':
        return { kind: 'array', items: this.node(schema.items, namespace) };
      case 'map':
        return { kind: 'map', values: this.node(schema.values, namespace) };
      case 'record':
      case 'error':
        return this.#record(schema, namespace);
      case 'enum':
        return this.#define(schema, namespace, (name) => ({ kind: 'enum', name, symbols: schema.symbols as string[] }));
      case 'fixed':
        return this.#define(schema, namespace, (name) => ({
          kind: 'fixed',
          name,
          sizeBytes: schema.size as number,
          ...logicalOf(schema),
        }));
      default:
        if (typeof type === 'string' && PRIMITIVES.has(type)) {
          return { kind: type as AvroPrimitive, ...logicalOf(schema) };
        }
        return this.node(type, namespace);
    }
  }

  #record(schema: Json, namespace: string): AvroNode {
    const fields: AvroField[] = [];
    const isMapEntry = schema['connect.internal.type'] === 'MapEntry' || schema.name === 'MapEntry';
    const record = this.#define(schema, namespace, (name) => ({ kind: 'record', name, fields, isMapEntry }));
    const inner = namespaceOf((record as AvroRecord).name);
    for (const field of schema.fields as readonly Json[]) {
      const type = this.node(field.type, inner);
      fields.push({ name: field.name as string, type, ...('default' in field ? { default: field.default } : {}) });
    }
    return record;
  }

  #define(schema: Json, namespace: string, create: (fullName: string) => AvroNode): AvroNode {
    const name = schema.name as string;
    const own = (schema.namespace as string | undefined) ?? namespace;
    const fullName = name.includes('.') || own === '' ? name : `${own}.${name}`;
    const node = create(fullName);
    this.#names.set(fullName, node);
    return node;
  }

  #named(name: string, namespace: string): AvroNode {
    if (PRIMITIVES.has(name)) return { kind: name as AvroPrimitive };
    const qualified = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
    for (const candidate of [qualified, name]) {
      const known = this.#names.get(candidate);
      if (known) return known;
      const dependency = this.#pending.get(candidate);
      if (dependency !== undefined) {
        this.#pending.delete(candidate);
        return this.node(dependency, namespaceOf(candidate));
      }
    }
    throw new SerdeError(`Undefined name in the Avro schema: "${name}"`);
  }
}

const namespaceOf = (fullName: string): string => fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')));

const CONNECT_LOGICAL: Readonly<Record<string, AvroLogical['kind']>> = {
  'org.apache.kafka.connect.data.Decimal': 'decimal',
  'org.apache.kafka.connect.data.Date': 'date',
  'org.apache.kafka.connect.data.Time': 'time-millis',
  'org.apache.kafka.connect.data.Timestamp': 'timestamp-millis',
};
const LOGICAL_BASE: Readonly<Record<string, readonly string[]>> = {
  decimal: ['bytes', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'timestamp-millis': ['long'],
};

function logicalOf(schema: Json): { logical?: AvroLogical } {
  const kind = (schema.logicalType as string | undefined) ?? CONNECT_LOGICAL[schema['connect.name'] as string];
  if (kind === undefined || !LOGICAL_BASE[kind]?.includes(schema.type as string)) return {};
  if (kind !== 'decimal') return { logical: { kind: kind as 'date' | 'time-millis' | 'timestamp-millis' } };
  const parameters = (schema['connect.parameters'] ?? {}) as Json;
  const precision = Number(schema.precision ?? parameters['connect.decimal.precision'] ?? 64);
  return { logical: { kind: 'decimal', precision, scale: Number(schema.scale ?? parameters.scale ?? 0) } };
}

/** The branches of a union without null, and whether null is one of them. */
export function splitUnion(node: AvroNode): { readonly branches: readonly AvroNode[]; readonly nullable: boolean } {
  if (node.kind !== 'union') return { branches: [node], nullable: node.kind === 'null' };
  const branches = node.branches.filter((branch) => branch.kind !== 'null');
  return { branches, nullable: branches.length < node.branches.length };
}

/**
 * The key and value of the records that stand for a map's entries; Connect writes maps so unless their keys are plain
 * strings.
 */
export function mapEntryOf(node: AvroNode): { readonly key: AvroNode; readonly value: AvroNode } | undefined {
  if (node.kind !== 'record' || node.fields.length !== 2) return undefined;
  const [key, value] = node.fields;
  return key?.name === 'key' && value?.name === 'value' ? { key: key.type, value: value.type } : undefined;
}

/** Full name of a named type, name of the kind of others: what Connect calls the branches of a union. */
export function branchName(node: AvroNode): string {
  if (node.kind === 'record' || node.kind === 'enum' || node.kind === 'fixed') {
    return node.name.slice(node.name.lastIndexOf('.') + 1);
  }
  return node.kind;
}

/**
 * The SQL type of an Avro schema, names in their own case. Undefined for what KSQL has no type for; records leave such
 * fields out. A union of several types is a STRUCT with a field for each.
 * @throws SerdeError for recursive records
 */
export function avroToSqlType(node: AvroNode, within: readonly AvroNode[] = []): SqlType | undefined {
  if (within.includes(node))
    throw new SerdeError(`The Avro record ${branchName(node)} contains itself: KSQL has no recursive types`);
  switch (node.kind) {
    case 'null':
      return undefined;
    case 'boolean':
      return { kind: 'BOOLEAN' };
    case 'int':
      return node.logical?.kind === 'date' ? { kind: 'DATE' } : node.logical ? { kind: 'TIME' } : { kind: 'INTEGER' };
    case 'long':
      return node.logical ? { kind: 'TIMESTAMP' } : { kind: 'BIGINT' };
    case 'float':
    case 'double':
      return { kind: 'DOUBLE' };
    case 'bytes':
    case 'fixed':
      if (node.logical?.kind !== 'decimal') return { kind: 'BYTES' };
      return { kind: 'DECIMAL', precision: node.logical.precision, scale: node.logical.scale };
    case 'string':
    case 'enum':
      return { kind: 'STRING' };
    case 'array': {
      const entry = node.items.kind === 'record' && node.items.isMapEntry ? mapEntryOf(node.items) : undefined;
      const element = entry ? avroToSqlType(entry.value, within) : avroToSqlType(node.items, within);
      if (!element) return undefined;
      return entry ? { kind: 'MAP', key: { kind: 'STRING' }, value: element } : { kind: 'ARRAY', element };
    }
    case 'map': {
      const value = avroToSqlType(node.values, within);
      return value && { kind: 'MAP', key: { kind: 'STRING' }, value };
    }
    case 'record':
      return struct(fieldTypes(node.fields, [...within, node]));
    case 'union': {
      const { branches } = splitUnion(node);
      if (branches.length < 2) return branches[0] && avroToSqlType(branches[0], within);
      return struct(
        fieldTypes(
          branches.map((type) => ({ name: branchName(type), type })),
          within,
        ),
      );
    }
    default:
      return node satisfies never;
  }
}

function fieldTypes(fields: readonly AvroField[], within: readonly AvroNode[]): StructField[] {
  return fields.flatMap(({ name, type }) => {
    const sqlType = avroToSqlType(type, within);
    return sqlType ? [{ name, type: sqlType }] : [];
  });
}
