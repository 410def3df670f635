import type * as ast from '../generated/ast.ts';
import { identifierText, stringText } from './identifier-text.ts';

/** How names are printed: ksqlDB puts the source before a column's name once it has resolved it. */
export interface NamePrinter {
  column(name: string, qualifier: string | undefined): string;
}

export const PLAIN_NAMES: NamePrinter = {
  column: (name, qualifier) =>
    qualifier === undefined ? identifierText(name) : `${identifierText(qualifier)}.${identifierText(name)}`,
};

/** An expression as ksqlDB's formatter prints it: operators in parentheses, keywords in capitals. */
export function printExpression(node: ast.Expression, names: NamePrinter = PLAIN_NAMES): string {
  const print = (child: ast.Expression) => printExpression(child, names);
  switch (node.$type) {
    case 'LogicalExpression':
    case 'BinaryExpression':
    case 'Comparison':
      return `(${print(node.left)} ${node.operator} ${print(node.right)})`;
    case 'NotExpression':
      return `(NOT ${print(node.operand)})`;
    case 'IsNull':
      return `(${print(node.operand)} IS ${node.negated ? 'NOT ' : ''}NULL)`;
    case 'IsDistinct':
      return `(${print(node.left)} IS ${node.negated ? 'NOT ' : ''}DISTINCT FROM ${print(node.right)})`;
    case 'Between':
      return `(${print(node.operand)} ${node.negated ? 'NOT ' : ''}BETWEEN ${print(node.low)} AND ${print(node.high)})`;
    case 'InList':
      return `(${print(node.operand)} ${node.negated ? 'NOT ' : ''}IN (${node.list.map(print).join(', ')}))`;
    case 'Like':
      return `(${print(node.operand)} ${node.negated ? 'NOT ' : ''}LIKE ${print(node.pattern)}${node.escape === undefined ? '' : ` ESCAPE ${stringText(node.escape)}`})`;
    case 'UnaryExpression':
      return `${node.operator}${print(node.operand)}`;
    case 'AtTimeZone':
      return `${print(node.operand)} AT TIME ZONE ${stringText(node.zone)}`;
    case 'Subscript':
      return `${print(node.base)}[${print(node.index)}]`;
    case 'Dereference':
      return `${print(node.base)}->${identifierText(node.field)}`;
    case 'QualifiedReference':
      return names.column(node.name, node.qualifier);
    case 'ColumnReference':
      return names.column(node.name, undefined);
    case 'FunctionCall':
      return `${identifierText(node.name)}(${node.star ? '*' : node.args.map((argument) => printArgument(argument, names)).join(', ')})`;
    case 'CaseExpression':
      return printCase(node, print);
    case 'Cast':
      return `CAST(${print(node.operand)} AS ${printType(node.type)})`;
    case 'ArrayConstructor':
      return `ARRAY[${node.elements.map(print).join(', ')}]`;
    case 'MapConstructor':
      return `MAP(${node.entries.map(({ key, value }) => `${print(key)}:=${print(value)}`).join(', ')})`;
    case 'StructConstructor':
      return `STRUCT(${node.fields.map(({ name, value }) => `${identifierText(name)}:=${print(value)}`).join(', ')})`;
    case 'Parenthesized':
      return print(node.expression);
    case 'NullLiteral':
      return 'null';
    case 'BooleanLiteral':
      return node.value.toLowerCase();
    case 'NumberLiteral':
      return node.value;
    case 'StringLiteral':
      return stringText(node.value);
    case 'VariableReference':
      return node.name;
    default:
      return node satisfies never;
  }
}

function printArgument(argument: ast.FunctionArgument, names: NamePrinter): string {
  if (argument.$type === 'IntervalUnit') return argument.unit;
  if (argument.$type !== 'Lambda') return printExpression(argument as ast.Expression, names);
  const [only] = argument.parameters;
  const parameters = argument.parameters.length === 1 ? only! : `(${argument.parameters.join(', ')})`;
  return `${parameters} => ${printExpression(argument.body, names)}`;
}

function printCase({ operand, whens, otherwise }: ast.CaseExpression, print: (node: ast.Expression) => string): string {
  const parts = ['(CASE'];
  if (operand !== undefined) parts.push(print(operand));
  for (const { when, then } of whens) parts.push(`WHEN ${print(when)} THEN ${print(then)}`);
  if (otherwise !== undefined) parts.push(`ELSE ${print(otherwise)}`);
  return `${parts.join(' ')} END)`;
}

/** A type as it is written. */
export function printType(node: ast.Type): string {
  switch (node.$type) {
    case 'ArrayType':
    case 'PostfixArrayType':
      return `ARRAY<${printType(node.element)}>`;
    case 'MapType':
      return `MAP<${printType(node.key)}, ${printType(node.value)}>`;
    case 'StructType':
      return `STRUCT<${node.fields.map((field) => `${identifierText(field.name)} ${printType(field.type)}`).join(', ')}>`;
    case 'DecimalType':
      return `DECIMAL(${node.precision}, ${node.scale})`;
    case 'NamedType':
      return TYPE_ALIASES[node.name] ?? identifierText(node.name);
    default:
      return node satisfies never;
  }
}

const TYPE_ALIASES: Readonly<Record<string, string>> = { INT: 'INTEGER', VARCHAR: 'STRING' };
