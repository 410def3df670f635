import type * as ast from '../generated/ast.ts';
import { MOST_NESTED } from '../parser/fragments.ts';
import { propertyRange } from '../parser/property-range.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { closest } from '../text/suggestions.ts';
import { invalidDecimal } from '../types/decimal.ts';
import { MAX_INT } from '../types/integer.ts';
import { PRIMITIVE_TYPES } from '../types/parse-type.ts';
import { array, decimal, map, type SqlType, struct } from '../types/sql-type.ts';
import { typeSize } from '../types/type-size.ts';

/**
 * Parts that a type may have: a few types, each with the one before twice, would have more than there is memory to
 * print them.
 */
const MOST_PARTS = 100_000;

/**
 * The SQL type that a type in a statement names, whatever the case of the name, even in quotes; custom types are
 * replaced by what they stand for.
 * @throws AnalysisError `Cannot resolve unknown type: X`, or for a DECIMAL with an impossible precision or scale, a
 * STRUCT with two fields of one name, or a type that is nested too deep or has too many parts.
 */
export function bindType(node: ast.Type, customTypes: ReadonlyMap<string, SqlType>): SqlType {
  const type = typeOf(node, customTypes);
  const { levels, parts } = typeSize(type);
  if (levels > MOST_NESTED) {
    const message = `With its custom types written out, this type is nested ${levels} levels deep; at most ${MOST_NESTED} are possible.`;
    throw new AnalysisError('type-too-large', message, { node });
  }
  if (parts > MOST_PARTS) {
    const message = `With its custom types written out, this type has more than ${MOST_PARTS} parts.`;
    throw new AnalysisError('type-too-large', message, { node });
  }
  return type;
}

function typeOf(node: ast.Type, customTypes: ReadonlyMap<string, SqlType>): SqlType {
  switch (node.$type) {
    case 'NamedType': {
      const name = node.name.toUpperCase();
      const type = PRIMITIVE_TYPES.get(name) ?? customTypes.get(name);
      if (!type) throw unknownType(node, customTypes);
      return type;
    }
    case 'DecimalType': {
      const precision = Number(node.precision);
      const scale = Number(node.scale);
      const isTooLarge = Math.max(precision, scale) > MAX_INT;
      const problem = isTooLarge ? 'The precision of a DECIMAL is an INTEGER.' : invalidDecimal(precision, scale);
      if (problem) throw new AnalysisError('invalid-decimal', problem, { node });
      return decimal(precision, scale);
    }
    case 'ArrayType':
    case 'PostfixArrayType':
      return array(typeOf(node.element, customTypes));
    case 'MapType':
      return map(typeOf(node.key, customTypes), typeOf(node.value, customTypes));
    case 'StructType':
      return structType(node, customTypes);
    default:
      return node satisfies never;
  }
}

function structType(node: ast.StructType, customTypes: ReadonlyMap<string, SqlType>): SqlType {
  const seen = new Set<string>();
  for (const field of node.fields) {
    if (seen.has(field.name)) {
      const message = `Duplicate field names found in STRUCT: '${field.name}'`;
      throw new AnalysisError('duplicate-field', message, { range: propertyRange(field, 'name') });
    }
    seen.add(field.name);
  }
  return struct(node.fields.map(({ name, type }) => ({ name, type: typeOf(type, customTypes) })));
}

function unknownType(node: ast.NamedType, customTypes: ReadonlyMap<string, SqlType>): AnalysisError {
  const suggestion = closest(node.name, [...PRIMITIVE_TYPES.keys(), 'DECIMAL', ...customTypes.keys()]);
  const range = node.$cstNode && { start: node.$cstNode.offset, end: node.$cstNode.end };
  const hint = suggestion === undefined ? '' : `\nDid you mean ${suggestion}?`;
  return new AnalysisError('unknown-type', `Cannot resolve unknown type: ${node.name}${hint}`, {
    node,
    fixes:
      suggestion === undefined || !range
        ? []
        : [{ title: `Change to ${suggestion}`, edits: [{ range, text: suggestion }] }],
  });
}
