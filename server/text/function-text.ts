import { parametersOf } from '../../language/binding/function-signature.ts';
import type { FunctionDefinition, Parameter, ParameterType } from '../../language/functions/function.ts';
import { type SqlType, typeToString } from '../../language/types/sql-type.ts';

type Overload = FunctionDefinition['overloads'][number];

/** A parameter type as the documentation writes it. */
export function parameterTypeText(type: ParameterType): string {
  switch (type.kind) {
    case 'ANY_DECIMAL':
      return 'DECIMAL';
    case 'GENERIC':
      return type.name;
    case 'ANY':
      return 'ANY';
    case 'INTERVAL_UNIT':
      return 'UNIT';
    case 'ARRAY':
      return `ARRAY<${parameterTypeText(type.element)}>`;
    case 'MAP':
      return `MAP<${parameterTypeText(type.key)}, ${parameterTypeText(type.value)}>`;
    case 'LAMBDA':
      return `(${type.parameters.map(parameterTypeText).join(', ')}) => ${parameterTypeText(type.result)}`;
    case 'STRUCT':
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return typeToString(type as SqlType);
    default:
      return type satisfies never;
  }
}

export const parameterText = (parameter: Parameter): string =>
  `${parameter.name} ${parameterTypeText(parameter.type)}${parameter.variadic ? '…' : ''}`;

/** `CONCAT(first STRING, rest STRING…) → STRING`. */
export function signatureText(definition: FunctionDefinition, overload: Overload): string {
  const returns = typeof overload.returns === 'function' ? '' : ` → ${parameterTypeText(overload.returns)}`;
  return `${definition.name}(${parametersOf(overload).map(parameterText).join(', ')})${returns}`;
}

const SHOWN_OVERLOADS = 6;

const known = new WeakMap<FunctionDefinition, string>();

/** What hover and completion say about a function, in Markdown. */
export function functionMarkdown(definition: FunctionDefinition): string {
  const text = known.get(definition) ?? markdownOf(definition);
  known.set(definition, text);
  return text;
}

function markdownOf(definition: FunctionDefinition): string {
  const signatures = definition.overloads.map((overload) => signatureText(definition, overload));
  const more = signatures.length - SHOWN_OVERLOADS;
  const lines = [...signatures.slice(0, SHOWN_OVERLOADS), ...(more > 0 ? [`-- and ${more} more`] : [])];
  const kind = { scalar: 'function', aggregate: 'aggregate', table: 'table function' }[definition.kind];
  const category = definition.category.toLowerCase();
  const examples = definition.examples.map(({ call, result }) => `${call}  -- ${result}`);
  return [
    `\`\`\`ksql\n${lines.join('\n')}\n\`\`\``,
    `*${category === kind ? kind : `${kind} · ${category}`}*`,
    definition.summary,
    ...(definition.details === undefined ? [] : [definition.details]),
    ...(definition.successor === undefined ? [] : [`Deprecated: use \`${definition.successor}\`.`]),
    ...(examples.length === 0 ? [] : [`\`\`\`ksql\n${examples.join('\n')}\n\`\`\``]),
  ].join('\n\n');
}
