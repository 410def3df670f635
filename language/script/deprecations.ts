import type { FunctionDefinition, ParameterType, ReturnType } from '../functions/function.ts';
import type * as ast from '../generated/ast.ts';
import { eachNode } from '../parser/each-node.ts';
import { propertyRange } from '../parser/property-range.ts';
import type { StatementContext } from '../query/statement-context.ts';
import type { TextEdit } from '../text/diagnostic.ts';

/**
 * Hints at calls of functions that have a successor, with a fix that keeps the types of the argument and the result.
 */
export function deprecationHints(node: ast.Statement, context: StatementContext): void {
  for (const call of functionCalls(node)) {
    const definition = context.functions.get(call.name.toUpperCase());
    const successor = context.functions.get(definition?.successor ?? '');
    const range = propertyRange(call, 'name');
    if (definition === undefined || successor === undefined || range === undefined) continue;
    const { edits, text } = replacement(call, definition, successor);
    context.report('deprecated-function', `${definition.name} is deprecated: use ${text}.`, range, {
      tags: ['deprecated'],
      fixes: edits.length === 0 ? [] : [{ title: `Change to ${text}`, edits }],
    });
  }
}

/** The function calls anywhere in a statement. */
export function functionCalls(node: ast.Statement): readonly ast.FunctionCall[] {
  const calls: ast.FunctionCall[] = [];
  eachNode(node, (child) => {
    if (child.$type === 'FunctionCall') calls.push(child as ast.FunctionCall);
  });
  return calls;
}

/**
 * What turns a value of one type into one of another, where a successor works with the proper types of dates and times.
 */
const CONVERSIONS: Readonly<Record<string, string>> = {
  'INTEGER>DATE': 'FROM_DAYS',
  'BIGINT>TIMESTAMP': 'FROM_UNIXTIME',
  'DATE>INTEGER': 'UNIX_DATE',
  'TIMESTAMP>BIGINT': 'UNIX_TIMESTAMP',
};

function replacement(
  call: ast.FunctionCall,
  from: FunctionDefinition,
  to: FunctionDefinition,
): { readonly edits: readonly TextEdit[]; readonly text: string } {
  const name = propertyRange(call, 'name');
  const [first] = call.args;
  const whole = call.$cstNode;
  if (!name || !whole) return { edits: [], text: to.name };
  const argument = CONVERSIONS[`${firstParameter(from)}>${firstParameter(to)}`];
  const result = CONVERSIONS[`${returned(to)}>${returned(from)}`];
  const edits: TextEdit[] = [{ range: name, text: result === undefined ? to.name : `${result}(${to.name}` }];
  if (argument !== undefined && first?.$cstNode) edits.push(...wrapped(first.$cstNode, argument));
  if (result !== undefined) edits.push({ range: { start: whole.end, end: whole.end }, text: ')' });
  const inner = argument === undefined ? `${to.name}(…)` : `${to.name}(${argument}(…), …)`;
  return { edits, text: result === undefined ? (argument === undefined ? to.name : inner) : `${result}(${inner})` };
}

function wrapped(
  { offset, end }: { readonly offset: number; readonly end: number },
  name: string,
): readonly TextEdit[] {
  return [
    { range: { start: offset, end: offset }, text: `${name}(` },
    { range: { start: end, end }, text: ')' },
  ];
}

const firstParameter = ({ overloads }: FunctionDefinition): string => kindOf(overloads[0]?.parameters[0]?.type);
const returned = ({ overloads }: FunctionDefinition): string => kindOf(overloads[0]?.returns);

const kindOf = (type: ParameterType | ReturnType | undefined): string =>
  type === undefined || typeof type === 'function' ? '' : type.kind;
