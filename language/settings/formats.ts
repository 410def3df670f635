import type { FormatInfo, FormatName } from '../metastore/metastore.ts';
import { type Column, columnToString } from '../types/schema.ts';
import { backQuoted, type SqlType, someType, typeToString } from '../types/sql-type.ts';

/** What a format can do; the rest of the analysis asks here instead of knowing formats by name. */
interface FormatTraits {
  /** How a single column may be laid out: as a record with one field, bare, or either. */
  readonly singles: 'wrapped' | 'unwrapped' | 'either' | 'none';
  /** Schemas are kept in the schema registry, so columns can be inferred. */
  readonly registry: boolean;
  /** Properties besides the name that a statement may set, by ksqlDB's internal names. */
  readonly properties: readonly FormatProperty[];
  /** Properties that the sink of a query takes over from its left-most source when the format stays the same. */
  readonly inherited: readonly FormatProperty[];
  /** Why the format cannot carry these columns, or undefined. */
  readonly problem: (columns: readonly Column[], format: FormatInfo) => string | undefined;
}

/** Property names as ksqlDB's messages print them. */
export type FormatProperty =
  | 'delimiter'
  | 'fullSchemaName'
  | 'schemaId'
  | 'nullableRepresentation'
  | 'unwrapPrimitives';

const REGISTRY_PROPERTIES: readonly FormatProperty[] = ['fullSchemaName', 'schemaId'];

/** In the order in which they are offered. */
const FORMATS: Readonly<Record<FormatName, FormatTraits>> = {
  JSON: {
    singles: 'either',
    registry: false,
    properties: [],
    inherited: [],
    problem: jsonProblem,
  },
  AVRO: { singles: 'either', registry: true, properties: REGISTRY_PROPERTIES, inherited: [], problem: avroProblem },
  PROTOBUF: {
    singles: 'wrapped',
    registry: true,
    properties: [...REGISTRY_PROPERTIES, 'nullableRepresentation', 'unwrapPrimitives'],
    inherited: ['fullSchemaName'],
    problem: protobufProblem,
  },
  JSON_SR: {
    singles: 'either',
    registry: true,
    properties: REGISTRY_PROPERTIES,
    inherited: [],
    problem: jsonProblem,
  },
  DELIMITED: {
    singles: 'unwrapped',
    registry: false,
    properties: ['delimiter'],
    inherited: ['delimiter'],
    problem: delimitedProblem,
  },
  KAFKA: { singles: 'unwrapped', registry: false, properties: [], inherited: [], problem: kafkaProblem },
  PROTOBUF_NOSR: {
    singles: 'either',
    registry: false,
    properties: ['nullableRepresentation', 'unwrapPrimitives'],
    inherited: ['nullableRepresentation', 'unwrapPrimitives'],
    problem: () => undefined,
  },
  NONE: { singles: 'none', registry: false, properties: [], inherited: [], problem: noneProblem },
};

/** The names of all formats, in the order in which they are offered. */
export const FORMAT_NAMES: readonly string[] = Object.keys(FORMATS);

/** The format of that name, whatever its case; undefined for an unknown one. */
export function formatNamed(text: string): FormatName | undefined {
  const name = text.toUpperCase();
  return name in FORMATS ? (name as FormatName) : undefined;
}

/** Whether columns of the format can be inferred from the schema registry. */
export const usesRegistry = (format: FormatName): boolean => FORMATS[format].registry;

/** Whether the format takes the property, e.g. `delimiter` for DELIMITED. */
export const takesProperty = (format: FormatName, property: FormatProperty): boolean =>
  FORMATS[format].properties.includes(property);

/** Whether a single column can be laid out that way in the format. */
export function supportsWrapping(format: FormatName, wrapping: 'WRAP_SINGLES' | 'UNWRAP_SINGLES'): boolean {
  const { singles } = FORMATS[format];
  return singles === 'either' || singles === (wrapping === 'WRAP_SINGLES' ? 'wrapped' : 'unwrapped');
}

/** The format of a sink that inherits it: the name, and those properties that ksqlDB hands on. */
export function inheritedFormat(source: FormatInfo): FormatInfo {
  const { inherited } = FORMATS[source.name];
  const handedOn = <T>(property: FormatProperty, value: T): T | undefined =>
    inherited.includes(property) ? value : undefined;
  return {
    name: source.name,
    delimiter: handedOn('delimiter', source.delimiter),
    schemaFullName: handedOn('fullSchemaName', source.schemaFullName),
    nullableRepresentation: handedOn('nullableRepresentation', source.nullableRepresentation),
    unwrapPrimitives: handedOn('unwrapPrimitives', source.unwrapPrimitives),
  };
}

/** A key format with the layout of its columns: one column is unwrapped where the format leaves a choice. */
export function keyFormatFor(format: FormatInfo, columns: readonly Column[]): FormatInfo {
  const { wrapping: _, ...rest } = format;
  return columns.length === 1 && FORMATS[format.name].singles === 'either'
    ? { ...rest, wrapping: 'UNWRAP_SINGLES' }
    : rest;
}

/**
 * Why the format cannot carry the columns, with ksqlDB's wording, or undefined if it can.
 *
 * @param side which part of the record the columns make up
 */
export function formatProblem(
  format: FormatInfo,
  columns: readonly Column[],
  side: 'Key' | 'Value',
): string | undefined {
  if (side === 'Key') {
    const withMap = columns.find((column) => containsMap(column.type));
    if (withMap) {
      return (
        'Map keys, including types that contain maps, are not supported as they may lead to unexpected behavior due to ' +
        `inconsistent serialization. Key column name: ${backQuoted(withMap.name)}. Column type: ${typeToString(withMap.type)}. ` +
        'See https://github.com/confluentinc/ksql/issues/6621 for more.'
      );
    }
  }
  const reason = FORMATS[format.name].problem(columns, format);
  if (reason === undefined) return undefined;
  return (
    `${side} format does not support schema.\nformat: ${format.name}\n` +
    `schema: Persistence{columns=[${columns.map(columnToString).join(', ')}], features=[${format.wrapping ?? ''}]}\n` +
    `reason: ${reason}`
  );
}

/** Whether a MAP is the type or is anywhere inside it. */
const containsMap = (type: SqlType): boolean => someType(type, ({ kind }) => kind === 'MAP');

function noneProblem(columns: readonly Column[]): string | undefined {
  return columns.length === 0
    ? undefined
    : `The 'NONE' format can only be used when no columns are defined. Got: [${columns.map(columnToString).join(', ')}]`;
}

const KAFKA_TYPES: ReadonlySet<string> = new Set(['INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES']);

function kafkaProblem(columns: readonly Column[]): string | undefined {
  if (columns.length > 1) {
    return `The 'KAFKA' format only supports a single field. Got: [${columns.map(columnToString).join(', ')}]`;
  }
  const type = columns[0]?.type;
  return type === undefined || KAFKA_TYPES.has(type.kind)
    ? undefined
    : `The 'KAFKA' format does not support type '${type.kind}'`;
}

function delimitedProblem(columns: readonly Column[], { delimiter }: FormatInfo): string | undefined {
  if (delimiter === '"') return `The quoteChar character and the delimiter cannot be the same ('${delimiter}')`;
  const nested = columns.find(({ type }) => type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'STRUCT');
  return (
    nested && `The 'DELIMITED' format does not support type '${nested.type.kind}', column: ${backQuoted(nested.name)}`
  );
}

function jsonProblem(columns: readonly Column[]): string | undefined {
  return mapKeyProblem(columns, 'JSON only supports MAP types with STRING keys');
}

/** Columns become fields of a message, whose names Protobuf limits. */
function protobufProblem(columns: readonly Column[]): string | undefined {
  const wrong = fieldNames(columns).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return wrong === undefined
    ? mapKeyProblem(
        columns,
        'PROTOBUF format only supports MAP types with STRING keys. See https://github.com/confluentinc/ksql/issues/6177.',
      )
    : `Schema is not compatible with Protobuf: "${wrong}" is not a valid identifier.`;
}

/** The names of the columns and of all fields of structs inside them. */
function fieldNames(fields: readonly { readonly name: string; readonly type: SqlType }[]): readonly string[] {
  return fields.flatMap(({ name, type }) => [name, ...nestedFieldNames(type)]);
}

function nestedFieldNames(type: SqlType): readonly string[] {
  switch (type.kind) {
    case 'ARRAY':
      return nestedFieldNames(type.element);
    case 'MAP':
      return nestedFieldNames(type.value);
    case 'STRUCT':
      return fieldNames(type.fields);
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return [];
    default:
      return type satisfies never;
  }
}

function mapKeyProblem(columns: readonly Column[], message: string): string | undefined {
  return columns.some(({ type }) => hasNonStringMapKey(type)) ? message : undefined;
}

const hasNonStringMapKey = (type: SqlType): boolean =>
  someType(type, (part) => part.kind === 'MAP' && part.key.kind !== 'STRING');

function avroProblem(columns: readonly Column[], format: FormatInfo): string | undefined {
  const mapKey = mapKeyProblem(columns, 'Avro only supports MAPs with STRING keys');
  if (mapKey) return mapKey;
  const isRecord = columns.length !== 1 || format.wrapping !== 'UNWRAP_SINGLES';
  // Of the name of a record, Avro looks at what follows the last dot.
  const recordName = isRecord ? format.schemaFullName?.replace(/^.*\./, '') : undefined;
  const reason =
    (recordName === undefined ? undefined : avroNameProblem(recordName)) ??
    columns.map(({ name, type }) => avroNameProblem(name) ?? avroFieldProblem(type)).find((r) => r !== undefined);
  return reason && `Schema is not compatible with Avro: ${reason}`;
}

function avroFieldProblem(type: SqlType): string | undefined {
  switch (type.kind) {
    case 'ARRAY':
      return avroFieldProblem(type.element);
    case 'MAP':
      return avroFieldProblem(type.value);
    case 'STRUCT':
      return type.fields.map((f) => avroNameProblem(f.name) ?? avroFieldProblem(f.type)).find((r) => r !== undefined);
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return undefined;
    default:
      return type satisfies never;
  }
}

/** Avro's own rule for the names of records and fields. */
function avroNameProblem(name: string): string | undefined {
  if (name === '') return 'Empty name';
  if (!/^[\p{L}_]/u.test(name)) return `Illegal initial character: ${name}`;
  return /^[\p{L}\p{Nd}_]*$/u.test(name) ? undefined : `Illegal character in: ${name}`;
}
