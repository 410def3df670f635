import type * as ast from '../generated/ast.ts';
import { identifierText, stringText } from '../text/identifier-text.ts';

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
    case 'BinaryExpression':
    case 'LogicalExpression':
      return printChain(node.operands.map(print), node.operators);
    case 'Comparison':
      return `(${print(node.left)} ${node.operator === '!=' ? '<>' : node.operator} ${print(node.right)})`;
    case 'NotExpression':
      return `(NOT ${print(node.operand)})`;
    case 'IsNull':
      return `(${print(node.operand)} IS ${node.negated ? 'NOT ' : ''}NULL)`;
    case 'IsDistinct':
      return negatable(node.negated, `(${print(node.left)} IS DISTINCT FROM ${print(node.right)})`);
    case 'Between':
      return negatable(node.negated, `(${print(node.operand)} BETWEEN ${print(node.low)} AND ${print(node.high)})`);
    case 'InList':
      return negatable(node.negated, `(${print(node.operand)} IN (${node.list.map(print).join(', ')}))`);
    case 'Like':
      return negatable(
        node.negated,
        `(${print(node.operand)} LIKE ${print(node.pattern)}${node.escape === undefined ? '' : ` ESCAPE ${stringText(node.escape)}`})`,
      );
    case 'UnaryExpression':
      return signed(node.operator, print(node.operand));
    case 'AtTimeZone':
      return `${print(node.operand)} AT TIME ZONE ${stringText(node.zone)}`;
    case 'AccessPath':
      return print(node.base) + node.steps.map((step) => printStep(step, print)).join('');
    case 'QualifiedReference':
      return names.column(node.name, node.qualifier);
    case 'ColumnReference':
      return names.column(node.name, undefined);
    case 'FunctionCall':
      return printCall(node, names);
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
      return numberText(node.value);
    case 'StringLiteral':
      return stringText(node.value);
    case 'VariableReference':
      return node.name;
    default:
      return node satisfies never;
  }
}

/** The first operators are the innermost; ksqlDB reads `||` as a call. */
function printChain([first, ...others]: readonly string[], operators: readonly string[]): string {
  const opening = operators.map((operator) => (operator === '||' ? 'CONCAT(' : '(')).join('');
  const following = others.map((operand, i) => `${operators[i] === '||' ? ',' : ` ${operators[i]}`} ${operand})`);
  return opening + first + following.join('');
}

const printStep = (step: ast.AccessStep, print: (node: ast.Expression) => string): string =>
  step.$type === 'Subscript' ? `[${print(step.index)}]` : `->${identifierText(step.field)}`;

/** A number as Java prints it: a DOUBLE with one digit before the point, and neither a leading nor a trailing point. */
function numberText(written: string): string {
  if (/e/i.test(written)) return Number(written).toExponential().replace('e+', 'E').replace('e', 'E');
  return written
    .replace(/^(-?)0*(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.$/, '');
}

/** ksqlDB reads `a NOT IN (…)` and its like as the negation of the whole, and prints them so. */
const negatable = (negated: boolean | undefined, text: string): string => (negated ? `(NOT ${text})` : text);

/** A second minus in a row would begin a comment. */
const signed = (sign: '+' | '-', operand: string): string =>
  `${sign}${sign === '-' && operand.startsWith('-') ? ' ' : ''}${operand}`;

/**
 * A call without arguments only counts rows where it is COUNT; there the star is printed whether it was written or not.
 */
function printCall({ name, star, args }: ast.FunctionCall, names: NamePrinter): string {
  const list = args.map((argument) => printArgument(argument, names)).join(', ');
  const counts = name === 'COUNT' && args.length === 0;
  return `${identifierText(name)}(${star || counts ? '*' : list})`;
}

function printArgument(argument: ast.FunctionArgument, names: NamePrinter): string {
  if (argument.$type === 'IntervalUnit') return pluralUnit(argument.unit);
  if (argument.$type !== 'Lambda') return printExpression(argument as ast.Expression, names);
  return `(${argument.parameters.join(', ')}) => ${printExpression(argument.body, names)}`;
}

/** A unit of time as it is printed, whichever form was written: `DAYS`. */
export function pluralUnit(unit: string): string {
  const upper = unit.toUpperCase();
  return upper.endsWith('S') ? upper : `${upper}S`;
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
