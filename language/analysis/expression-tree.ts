import type { CallArgument, Expression } from './expression.ts';

/** Replaces parts of an expression: `replace` gives the new part, or undefined to look inside. Unchanged parts are shared. */
export function mapExpression(
  expression: Expression,
  replace: (part: Expression) => Expression | undefined,
): Expression {
  const replaced = replace(expression);
  if (replaced) return replaced;
  const map = (part: Expression) => mapExpression(part, replace);
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'lambda-parameter':
      return expression;
    case 'arithmetic':
    case 'string-plus':
    case 'comparison':
    case 'and':
    case 'or':
      return { ...expression, left: map(expression.left), right: map(expression.right) };
    case 'negate':
    case 'not':
    case 'is-null':
    case 'cast':
      return { ...expression, operand: map(expression.operand) };
    case 'between':
      return { ...expression, operand: map(expression.operand), low: map(expression.low), high: map(expression.high) };
    case 'in':
      return { ...expression, operand: map(expression.operand), list: expression.list.map(map) };
    case 'like':
      return { ...expression, operand: map(expression.operand), pattern: map(expression.pattern) };
    case 'case':
      return {
        ...expression,
        whens: expression.whens.map(({ when, then }) => ({ when: map(when), then: map(then) })),
        ...(expression.otherwise ? { otherwise: map(expression.otherwise) } : {}),
      };
    case 'call':
      return { ...expression, args: expression.args.map((arg) => mapArgument(arg, replace)) };
    case 'array':
      return { ...expression, elements: expression.elements.map(map) };
    case 'map':
      return {
        ...expression,
        entries: expression.entries.map(({ key, value }) => ({ key: map(key), value: map(value) })),
      };
    case 'struct':
      return { ...expression, fields: expression.fields.map(map) };
    case 'subscript':
      return { ...expression, base: map(expression.base), index: map(expression.index) };
    case 'field':
      return { ...expression, base: map(expression.base) };
    default:
      return expression satisfies never;
  }
}

/** As {@link mapExpression}, for an argument of a call; lambda bodies are looked into as well. */
export function mapArgument(
  argument: CallArgument,
  replace: (part: Expression) => Expression | undefined,
): CallArgument {
  switch (argument.kind) {
    case 'value':
      return { ...argument, expression: mapExpression(argument.expression, replace) };
    case 'lambda':
      return { ...argument, body: mapExpression(argument.body, replace) };
    case 'unit':
      return argument;
    default:
      return argument satisfies never;
  }
}

type Column = Extract<Expression, { kind: 'column' }>;

/** The slots that the expression reads, in order of their first appearance, each once. */
export function columnsOf(expression: Expression): readonly Column[] {
  const columns = new Map<number, Column>();
  mapExpression(expression, (part) => {
    if (part.kind === 'column' && !columns.has(part.index)) columns.set(part.index, part);
    return undefined;
  });
  return [...columns.values()];
}

/** The expression with every slot index moved, for a row that has other slots in front. */
export function shiftColumns(expression: Expression, by: number): Expression {
  if (by === 0) return expression;
  return mapExpression(expression, (part) =>
    part.kind === 'column' ? { ...part, index: part.index + by } : undefined,
  );
}

/** The expression without the casts that the analyser has put around it. */
export function withoutImplicitCast(expression: Expression): Expression {
  return expression.kind === 'cast' && expression.implicit ? withoutImplicitCast(expression.operand) : expression;
}

/** Properties of nodes that say how an expression was written or found, not what it means. */
const INCIDENTAL: ReadonlySet<string> = new Set(['text', 'range', 'site', 'source']);

/** Whether two expressions over the same row mean the same, however they were written: `ID` and `INPUT.ID` do. */
export function sameExpression(a: Expression, b: Expression): boolean {
  return sameStructure(a, b);
}

function sameStructure(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || a instanceof Uint8Array) {
    const other = b as ArrayLike<unknown>;
    return a.length === other.length && a.every((element: unknown, i: number) => sameStructure(element, other[i]));
  }
  if (a instanceof Map) return b instanceof Map && sameStructure([...a], [...b]);
  const first = meaningfulEntries(a);
  const second = new Map(meaningfulEntries(b));
  return (
    first.length === second.size &&
    first.every(([key, value]) => second.has(key) && sameStructure(value, second.get(key)))
  );
}

function meaningfulEntries(node: object): readonly (readonly [string, unknown])[] {
  return Object.entries(node).filter(([key, value]) => value !== undefined && !INCIDENTAL.has(key));
}
