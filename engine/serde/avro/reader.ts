import { doubleToString } from '../../../language/types/java-double.ts';
import { type SqlType, type SqlValue, struct, typeToString } from '../../../language/types/sql-type.ts';
import { type SerdeColumn, SerdeError } from '../encoding/serde.ts';
import { fitExactly } from '../encoding/text-value.ts';
import { fromTwosComplement } from '../encoding/twos-complement.ts';
import type { AvroCursor } from './binary.ts';
import { type AvroField, type AvroNode, type AvroRecord, branchName, mapEntryOf, splitUnion } from './schema.ts';

/** Reads one value at the cursor. */
export type AvroReader = (cursor: AvroCursor) => SqlValue;
/** Passes over one value. */
type AvroSkipper = (cursor: AvroCursor) => void;

/** Reads the fields of a record into a row; false for a null record. */
export type AvroRowReader = (cursor: AvroCursor, row: SqlValue[]) => boolean;

/**
 * A reader of the columns out of records written with a schema. Fields belong to columns of the same name, whatever the
 * letter case; columns without a field are NULL.
 * @throws SerdeError when the schema is no record, or a field's type does not fit its column's
 */
export function compileRowReader(node: AvroNode, columns: readonly SerdeColumn[]): AvroRowReader {
  const { branches, nullable } = splitUnion(node);
  const [record] = branches;
  if (branches.length !== 1 || record?.kind !== 'record') {
    throw incompatible(node, struct(columns), '');
  }
  const read = compileFields(record, columns, '');
  if (!nullable || node.kind !== 'union') {
    return (cursor, row) => {
      read(cursor, row);
      return true;
    };
  }
  const nullBranch = node.branches.findIndex((branch) => branch.kind === 'null');
  return (cursor, row) => {
    if (cursor.int() === nullBranch) return false;
    read(cursor, row);
    return true;
  };
}

/** Reads the fields in the order written; what no column wants is passed over. */
function compileFields(
  record: AvroRecord,
  columns: readonly SerdeColumn[],
  path: string,
): (cursor: AvroCursor, row: SqlValue[]) => void {
  const steps = record.fields.map((field) => {
    const column = columnOf(field, columns);
    const read = column && compileReader(field.type, column.type, `${path}->${column.name}`);
    if (!column || !read || column.needed === false)
      return { skip: compileSkipper(field.type), slot: -1, read: undefined };
    return { skip: undefined, slot: column.slot, read };
  });
  const read = new Set(steps.map((step) => step.slot));
  const missing = columns
    .filter((column) => column.needed !== false && !read.has(column.slot))
    .map((column) => column.slot);
  return (cursor, row) => {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.read) row[step.slot] = step.read(cursor);
      else step.skip(cursor);
    }
    for (let i = 0; i < missing.length; i++) row[missing[i]!] = null;
  };
}

function columnOf(field: AvroField, columns: readonly SerdeColumn[]): SerdeColumn | undefined {
  const upper = field.name.toUpperCase();
  return (
    columns.find((column) => column.name === field.name) ??
    columns.find((column) => column.name.toUpperCase() === upper)
  );
}

/**
 * A reader of values of a SQL type out of values written with a schema.
 * @param path of the value, for messages
 * @throws SerdeError when the two do not fit
 */
export function compileReader(node: AvroNode, type: SqlType, path: string): AvroReader {
  if (node.kind === 'union') return compileUnionReader(node, type, path);
  switch (type.kind) {
    case 'BOOLEAN':
      if (node.kind === 'boolean') return (cursor) => cursor.boolean();
      break;
    case 'INTEGER':
      if (node.kind === 'int' || node.kind === 'long') return (cursor) => cursor.int();
      break;
    case 'BIGINT':
      if (node.kind === 'int' || node.kind === 'long') return (cursor) => cursor.long();
      break;
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      if (node.kind === 'int' || node.kind === 'long') return (cursor) => Number(cursor.long());
      break;
    case 'DOUBLE':
      if (node.kind === 'double') return (cursor) => cursor.double();
      if (node.kind === 'float') return (cursor) => cursor.float();
      break;
    case 'DECIMAL': {
      if ((node.kind !== 'bytes' && node.kind !== 'fixed') || node.logical?.kind !== 'decimal') break;
      const { scale } = node.logical;
      const readBytes = bytesReader(node);
      return (cursor) => fitExactly({ unscaled: fromTwosComplement(readBytes(cursor)), scale }, type);
    }
    case 'STRING':
      return stringReader(node) ?? fail(node, type, path);
    case 'BYTES':
      if (node.kind === 'bytes' || node.kind === 'fixed') return bytesReader(node);
      break;
    case 'ARRAY':
      if (node.kind === 'array') return arrayReader(compileReader(node.items, type.element, `${path}[]`));
      break;
    case 'MAP':
      return mapReader(node, type.value, path) ?? fail(node, type, path);
    case 'STRUCT': {
      if (node.kind !== 'record') break;
      const read = compileFields(node, structColumns(type), path);
      const { length } = type.fields;
      return (cursor) => {
        const values: SqlValue[] = new Array(length).fill(null);
        read(cursor, values);
        return values;
      };
    }
    default:
      return type satisfies never;
  }
  return fail(node, type, path);
}

const structColumns = (type: Extract<SqlType, { kind: 'STRUCT' }>): SerdeColumn[] =>
  type.fields.map((field, slot) => ({ ...field, slot }));

function fail(node: AvroNode, type: SqlType, path: string): never {
  throw incompatible(node, type, path);
}

function incompatible(node: AvroNode, type: SqlType, path: string): SerdeError {
  return new SerdeError(`Cannot deserialize type ${branchName(node)} as type ${typeToString(type)} for path: ${path}`);
}

/** A union with null is its other branch or NULL; one of several types is a STRUCT with one field set. */
function compileUnionReader(node: Extract<AvroNode, { kind: 'union' }>, type: SqlType, path: string): AvroReader {
  const { branches } = splitUnion(node);
  const several = branches.length > 1;
  if (several && type.kind !== 'STRUCT') fail(node, type, path);
  const readers: AvroReader[] = node.branches.map((branch) => {
    if (branch.kind === 'null') return () => null;
    if (!several) return compileReader(branch, type, path);
    const { fields } = type as Extract<SqlType, { kind: 'STRUCT' }>;
    const index = fields.findIndex((field) => field.name.toUpperCase() === branchName(branch).toUpperCase());
    if (index < 0) {
      const skip = compileSkipper(branch);
      return (cursor) => {
        skip(cursor);
        return new Array(fields.length).fill(null);
      };
    }
    const read = compileReader(branch, fields[index]!.type, `${path}->${fields[index]!.name}`);
    return (cursor) => {
      const values: SqlValue[] = new Array(fields.length).fill(null);
      values[index] = read(cursor);
      return values;
    };
  });
  return (cursor) => {
    const reader = readers[cursor.int()];
    if (!reader) throw new SerdeError('Avro payload has an unknown branch of a union');
    return reader(cursor);
  };
}

function bytesReader(node: AvroNode): (cursor: AvroCursor) => Uint8Array {
  if (node.kind !== 'fixed') return (cursor) => cursor.lengthPrefixed();
  const { sizeBytes } = node;
  return (cursor) => cursor.fixed(sizeBytes);
}

/** Text, and what Java would print for the other scalars. */
function stringReader(node: AvroNode): AvroReader | undefined {
  switch (node.kind) {
    case 'string':
      return (cursor) => cursor.string();
    case 'enum': {
      const { symbols } = node;
      return (cursor) => symbols[cursor.int()] ?? null;
    }
    case 'boolean':
      return (cursor) => String(cursor.boolean());
    case 'int':
    case 'long':
      return (cursor) => String(cursor.long());
    case 'float':
    case 'double':
      return (cursor) => doubleToString(node.kind === 'float' ? cursor.float() : cursor.double());
    case 'null':
    case 'bytes':
    case 'fixed':
    case 'array':
    case 'map':
    case 'record':
    case 'union':
      return undefined;
    default:
      return node satisfies never;
  }
}

function arrayReader(read: AvroReader): AvroReader {
  return (cursor) => {
    const elements: SqlValue[] = [];
    for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
      for (let i = 0; i < count; i++) elements.push(read(cursor));
    }
    return elements;
  };
}

function mapReader(node: AvroNode, type: SqlType, path: string): AvroReader | undefined {
  const entry = node.kind === 'array' ? mapEntryOf(node.items) : undefined;
  if (node.kind !== 'map' && !entry) return undefined;
  const readKey: AvroReader = entry
    ? compileReader(entry.key, { kind: 'STRING' }, `${path}->KEY`)
    : (cursor) => cursor.string();
  const readValue = compileReader(entry ? entry.value : (node as { values: AvroNode }).values, type, `${path}->VALUE`);
  return (cursor) => {
    const entries = new Map<SqlValue, SqlValue>();
    for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
      for (let i = 0; i < count; i++) {
        const key = readKey(cursor);
        entries.set(key, readValue(cursor));
      }
    }
    return entries;
  };
}

/** Recursive records may be passed over, though not read: their skippers are made when they are first needed. */
function compileSkipper(node: AvroNode): AvroSkipper {
  switch (node.kind) {
    case 'null':
      return () => {};
    case 'boolean':
      return (cursor) => cursor.skip(1);
    case 'int':
    case 'long':
    case 'enum':
      return (cursor) => void cursor.long();
    case 'float':
      return (cursor) => cursor.skip(4);
    case 'double':
      return (cursor) => cursor.skip(8);
    case 'bytes':
    case 'string':
      return (cursor) => cursor.skip(Number(cursor.long()));
    case 'fixed':
      return (cursor) => cursor.skip(node.sizeBytes);
    case 'array':
      return blockSkipper(compileSkipper(node.items));
    case 'map': {
      const skipValue = compileSkipper(node.values);
      return blockSkipper((cursor) => {
        cursor.skip(Number(cursor.long()));
        skipValue(cursor);
      });
    }
    case 'record': {
      let skippers: AvroSkipper[] | undefined;
      return (cursor) => {
        skippers ??= node.fields.map((field) => compileSkipper(field.type));
        for (const skip of skippers) skip(cursor);
      };
    }
    case 'union': {
      const skippers = node.branches.map(compileSkipper);
      return (cursor) => {
        const skip = skippers[cursor.int()];
        if (!skip) throw new SerdeError('Avro payload has an unknown branch of a union');
        skip(cursor);
      };
    }
    default:
      return node satisfies never;
  }
}

function blockSkipper(skip: AvroSkipper): AvroSkipper {
  return (cursor) => {
    for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
      for (let i = 0; i < count; i++) skip(cursor);
    }
  };
}
