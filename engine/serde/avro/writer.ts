import { rescaleExact } from '../../../language/types/decimal.ts';
import { type SqlType, type SqlValue, struct, typeToString } from '../../../language/types/sql-type.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { type SerdeColumn, SerdeError } from '../encoding/serde.ts';
import { signExtend, toTwosComplement } from '../encoding/twos-complement.ts';
import { checkedDate } from '../json/writer.ts';
import { writeLengthPrefixed, writeLong, writeString } from './binary.ts';
import { type AvroField, type AvroNode, avroToSqlType, branchName, mapEntryOf, splitUnion } from './schema.ts';

/** Writes one value. */
export type AvroValueWriter = (writer: ByteWriter, value: SqlValue) => void;
/** Writes the columns of a row as a record. */
export type AvroRowWriter = (writer: ByteWriter, row: readonly SqlValue[]) => void;

/**
 * A writer of rows as records of a schema. Columns belong to fields of the same name, whatever the letter case.
 * @throws SerdeError when a column has no field, a field without a default no column, or their types do not fit
 */
export function compileRowWriter(node: AvroNode, columns: readonly SerdeColumn[]): AvroRowWriter {
  const { branches } = splitUnion(node);
  const [record] = branches;
  if (branches.length !== 1 || record?.kind !== 'record') throw incompatible(node, struct(columns), '');
  const writers = record.fields.map((field) => fieldWriter(field, columns));
  const unknown = columns.find((column) => !record.fields.some((field) => isNamed(field, column.name)));
  if (unknown)
    throw new SerdeError(`The Avro record ${branchName(record)} has no field for the column ${unknown.name}`);
  const branch = node.kind === 'union' ? node.branches.indexOf(record) : -1;
  return (writer, row) => {
    if (branch >= 0) writeLong(writer, branch);
    for (let i = 0; i < writers.length; i++) writers[i]!(writer, row);
  };
}

const isNamed = (field: AvroField, name: string): boolean =>
  field.name === name || field.name.toUpperCase() === name.toUpperCase();

function fieldWriter(field: AvroField, columns: readonly SerdeColumn[]): AvroRowWriter {
  const column = columns.find(({ name }) => name === field.name) ?? columns.find(({ name }) => isNamed(field, name));
  if (!column) {
    const missing = missingFieldWriter(field);
    return (writer) => missing(writer);
  }
  const write = compileWriter(field.type, column.type, field.name);
  const { slot } = column;
  // As in Connect, a field that may not be NULL gets its default instead.
  const instead = field.type.kind === 'union' ? null : scalarDefault(field);
  return (writer, row) => write(writer, row[slot] ?? instead);
}

function scalarDefault({ default: value }: AvroField): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** A field without a column gets its default, or NULL where it may be. */
function missingFieldWriter(field: AvroField): (writer: ByteWriter) => void {
  const type = avroToSqlType(field.type) ?? { kind: 'STRING' };
  const write = compileWriter(field.type, type, field.name);
  const constant = scalarDefault(field);
  return (writer) => write(writer, constant);
}

/**
 * A writer of values of a SQL type as values of a schema.
 * @param field name for messages
 * @throws SerdeError when the two do not fit
 */
export function compileWriter(node: AvroNode, type: SqlType, field: string): AvroValueWriter {
  if (node.kind === 'union') return unionWriter(node, type, field);
  const write = presentWriter(node, type, field);
  const message = `Invalid value: null used for required field: "${field}", schema type: ${branchName(node).toUpperCase()}`;
  return (writer, value) => {
    if (value === null) throw new SerdeError(message);
    write(writer, value);
  };
}

function unionWriter(node: Extract<AvroNode, { kind: 'union' }>, type: SqlType, field: string): AvroValueWriter {
  const nullBranch = node.branches.findIndex((branch) => branch.kind === 'null');
  const { branches } = splitUnion(node);
  const write =
    branches.length === 1 ? singleBranchWriter(node, branches[0]!, type, field) : severalWriter(node, type, field);
  return (writer, value) => {
    if (value !== null) {
      write(writer, value);
      return;
    }
    if (nullBranch < 0) throw new SerdeError(`Invalid value: null used for required field: "${field}"`);
    writeLong(writer, nullBranch);
  };
}

function singleBranchWriter(
  union: Extract<AvroNode, { kind: 'union' }>,
  branch: AvroNode,
  type: SqlType,
  field: string,
): AvroValueWriter {
  const index = union.branches.indexOf(branch);
  const write = presentWriter(branch, type, field);
  return (writer, value) => {
    writeLong(writer, index);
    write(writer, value);
  };
}

/** A union of several types takes a STRUCT of which one field is set. */
function severalWriter(union: Extract<AvroNode, { kind: 'union' }>, type: SqlType, field: string): AvroValueWriter {
  if (type.kind !== 'STRUCT') throw incompatible(union, type, field);
  const writers = type.fields.map(({ name, type: fieldType }) => {
    const branch = union.branches.find((candidate) => branchName(candidate).toUpperCase() === name.toUpperCase());
    if (!branch) throw incompatible(union, type, field);
    return singleBranchWriter(union, branch, fieldType, field);
  });
  return (writer, value) => {
    const values = value as readonly SqlValue[];
    const set = values.findIndex((candidate) => candidate !== null);
    if (set < 0) throw new SerdeError(`None of the fields of the union "${field}" is set`);
    writers[set]!(writer, values[set]!);
  };
}

/** Writes values that are not NULL. */
function presentWriter(node: AvroNode, type: SqlType, field: string): AvroValueWriter {
  switch (type.kind) {
    case 'BOOLEAN':
      if (node.kind === 'boolean') return (writer, value) => writer.byte(value === true ? 1 : 0);
      break;
    case 'INTEGER':
    case 'BIGINT':
    case 'TIME':
    case 'TIMESTAMP':
      if (node.kind === 'int' || node.kind === 'long')
        return (writer, value) => writeLong(writer, value as number | bigint);
      if (node.kind === 'float' || node.kind === 'double') return floatingWriter(node.kind);
      break;
    case 'DATE':
      if (node.kind === 'int' || node.kind === 'long')
        return (writer, value) => writeLong(writer, checkedDate(value as number));
      break;
    case 'DOUBLE':
      if (node.kind === 'float' || node.kind === 'double') return floatingWriter(node.kind);
      break;
    case 'DECIMAL':
      if (node.kind === 'bytes' || node.kind === 'fixed') return decimalWriter(node, type.scale);
      break;
    case 'STRING':
      if (node.kind === 'string') return (writer, value) => writeString(writer, value as string);
      if (node.kind === 'enum') return enumWriter(node.symbols, field);
      break;
    case 'BYTES':
      if (node.kind === 'bytes') return (writer, value) => writeLengthPrefixed(writer, value as Uint8Array);
      if (node.kind === 'fixed') return (writer, value) => writer.raw(value as Uint8Array);
      break;
    case 'ARRAY':
      if (node.kind === 'array') return arrayWriter(compileWriter(node.items, type.element, field));
      break;
    case 'MAP':
      return mapWriter(node, type.value, field) ?? fail(node, type, field);
    case 'STRUCT':
      if (node.kind === 'record') {
        const write = compileRowWriter(
          node,
          type.fields.map((f, slot) => ({ ...f, slot })),
        );
        return (writer, value) => write(writer, value as readonly SqlValue[]);
      }
      break;
    default:
      return type satisfies never;
  }
  return fail(node, type, field);
}

function fail(node: AvroNode, type: SqlType, field: string): never {
  throw incompatible(node, type, field);
}

function incompatible(node: AvroNode, type: SqlType, field: string): SerdeError {
  return new SerdeError(`Cannot serialize type ${typeToString(type)} as type ${branchName(node)}, field: "${field}"`);
}

function floatingWriter(kind: 'float' | 'double'): AvroValueWriter {
  return kind === 'float'
    ? (writer, value) => writer.float32LittleEndian(Number(value))
    : (writer, value) => writer.float64LittleEndian(Number(value));
}

function decimalWriter(node: AvroNode, scale: number): AvroValueWriter {
  const logical = node.kind === 'bytes' || node.kind === 'fixed' ? node.logical : undefined;
  const target = logical?.kind === 'decimal' ? logical.scale : scale;
  return (writer, value) => {
    const bytes = toTwosComplement(rescaleExact(value as bigint, scale, target));
    if (node.kind === 'fixed') writer.raw(signExtend(bytes, node.sizeBytes));
    else writeLengthPrefixed(writer, bytes);
  };
}

function enumWriter(symbols: readonly string[], field: string): AvroValueWriter {
  return (writer, value) => {
    const index = symbols.indexOf(value as string);
    if (index < 0)
      throw new SerdeError(`Invalid value: ${JSON.stringify(value)} is no symbol of the enum field "${field}"`);
    writeLong(writer, index);
  };
}

function arrayWriter(write: AvroValueWriter): AvroValueWriter {
  return (writer, value) => {
    const elements = value as readonly SqlValue[];
    if (elements.length > 0) writeLong(writer, elements.length);
    for (const element of elements) write(writer, element);
    writeLong(writer, 0);
  };
}

function mapWriter(node: AvroNode, type: SqlType, field: string): AvroValueWriter | undefined {
  const entry = node.kind === 'array' ? mapEntryOf(node.items) : undefined;
  if (node.kind !== 'map' && !entry) return undefined;
  const writeKey = compileWriter(entry ? entry.key : { kind: 'string' }, { kind: 'STRING' }, field);
  const writeValue = compileWriter(entry ? entry.value : (node as { values: AvroNode }).values, type, field);
  return (writer, value) => {
    const entries = value as ReadonlyMap<SqlValue, SqlValue>;
    if (entries.size > 0) writeLong(writer, entries.size);
    for (const [key, element] of entries) {
      writeKey(writer, key);
      writeValue(writer, element);
    }
    writeLong(writer, 0);
  };
}
