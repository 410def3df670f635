import { type JsonNode, parseJson } from '../../../language/java/text/json-text.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import { decodingError, encodingError } from '../encoding/payload-error.ts';
import {
  type Decoder,
  type Encoder,
  encoderOf,
  type Format,
  NO_ENCODER,
  type SerdeContext,
} from '../encoding/serde.ts';
import { isUnwrapped } from '../encoding/single-column.ts';
import { coerceFields, coerceNode } from './coercion.ts';
import { JsonScanner } from './scanner.ts';
import { JsonTokens } from './tokens.ts';
import { jsonFields, jsonValueWriter, writeJsonFields } from './writer.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The document's tree; undefined when there is nothing but blanks. */
function readTree(bytes: Uint8Array, start: number, end: number): JsonNode | undefined {
  return parseJson(strictUtf8.decode(bytes.subarray(start, end)));
}

/** A decoder of JSON text; without columns it reads nothing. */
export function createJsonDecoder(context: SerdeContext): Decoder {
  if (context.columns.length === 0) return { decode: () => true };
  return isUnwrapped(context) ? createValueDecoder(context) : createObjectDecoder(context);
}

function createObjectDecoder(context: SerdeContext): Decoder {
  const { columns } = context;
  const scanned = columns.map(({ name, type, slot, needed }) => ({ name, type, slot, build: needed !== false }));
  const tokens = new JsonTokens(scanned);
  const built = scanned.flatMap(({ build }, column) => (build ? [column] : []));
  const readTokens = (row: SqlValue[]): boolean => {
    for (let i = 0; i < built.length; i++) {
      const value = tokens.value(built[i]!);
      if (value === undefined) return false;
      row[scanned[built[i]!]!.slot] = value;
    }
    return true;
  };
  const decodeTree = (node: JsonNode | undefined, row: SqlValue[]): boolean => {
    if (node?.kind === 'null') return false;
    if (node?.kind !== 'object') {
      const type = { kind: 'STRUCT' as const, fields: columns };
      coerceNode(node, type, '$');
      return true;
    }
    const values = coerceFields(node.fields, columns, '$');
    for (let i = 0; i < columns.length; i++) {
      const { slot, needed } = columns[i]!;
      if (needed !== false) row[slot] = values[i]!;
    }
    return true;
  };
  return {
    decode(bytes, start, end, row) {
      if (tokens.find(bytes, start, end) && readTokens(row)) return true;
      try {
        return decodeTree(readTree(bytes, start, end), row);
      } catch (error) {
        throw decodingError(context, error);
      }
    },
  };
}

function createValueDecoder(context: SerdeContext): Decoder {
  const { name, type, slot, needed } = context.columns[0]!;
  const build = needed !== false;
  const scanner = new JsonScanner([{ name, type, slot, build }], false);
  return {
    decode(bytes, start, end, row) {
      let value = scanner.readRoot(bytes, start, end);
      if (value === undefined || !build) {
        try {
          value = coerceNode(readTree(bytes, start, end), type, '$');
        } catch (error) {
          throw decodingError(context, error);
        }
      }
      if (build) row[slot] = value;
      return value !== null;
    },
  };
}

/** An encoder of JSON text; without columns it writes nothing. */
export function createJsonEncoder(context: SerdeContext): Encoder {
  const { columns } = context;
  const [first] = columns;
  if (!first) return NO_ENCODER;
  const fields = jsonFields(columns);
  const writeBare = isUnwrapped(context) ? jsonValueWriter(first.type) : undefined;
  return encoderOf((row, writer) => {
    if (writeBare && (row[first.slot] ?? null) === null) return false;
    try {
      if (writeBare) writeBare(writer, row[first.slot]!);
      else writeJsonFields(writer, row, fields);
    } catch (error) {
      throw encodingError(context, error);
    }
    return true;
  });
}

/** JSON text without a schema registry. */
export const jsonFormat: Format = {
  createDecoder: async (context) => createJsonDecoder(context),
  createEncoder: async (context) => createJsonEncoder(context),
};
