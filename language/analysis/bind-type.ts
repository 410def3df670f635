import type * as ast from '../generated/ast.ts';
import { invalidDecimal } from '../types/decimal.ts';
import { MAX_INT } from '../types/integer.ts';
import { PRIMITIVE_TYPES } from '../types/parse-type.ts';
import { array, decimal, map, type SqlType, struct } from '../types/sql-type.ts';
import { AnalysisError } from './analysis-error.ts';
import { propertyRange } from './property-range.ts';
import { closest } from './suggestions.ts';

/**
 * The SQL type that a type in a statement names, whatever the case of the name, even in quotes; custom types are replaced by what they stand for.
 * @throws AnalysisError `Cannot resolve unknown type: X`, or for a DECIMAL with an impossible precision or scale, or a STRUCT with two
 * fields of one name.
 */
export function bindType(node: ast.Type, customTypes: ReadonlyMap<string, SqlType>): SqlType {
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
      return array(bindType(node.element, customTypes));
    case 'MapType':
      return map(bindType(node.key, customTypes), bindType(node.value, customTypes));
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
  return struct(node.fields.map(({ name, type }) => ({ name, type: bindType(type, customTypes) })));
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
