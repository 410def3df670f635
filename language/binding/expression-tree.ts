import type { CallArgument, Expression } from './expression.ts';

/** The expressions directly inside an expression, from left to right, bodies of lambdas included. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'lambda-parameter':
      return [];
    case 'arithmetic':
    case 'string-plus':
    case 'comparison':
    case 'and':
    case 'or':
      return [expression.left, expression.right];
    case 'negate':
    case 'not':
    case 'is-null':
    case 'cast':
      return [expression.operand];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'in':
      return [expression.operand, ...expression.list];
    case 'like':
      return [expression.operand, expression.pattern];
    case 'case':
      return [
        ...expression.whens.flatMap(({ when, then }) => [when, then]),
        ...(expression.otherwise === undefined ? [] : [expression.otherwise]),
      ];
    case 'call':
      return expression.args.flatMap((argument) => childOf(argument) ?? []);
    case 'array':
      return expression.elements;
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expression.fields;
    case 'subscript':
      return [expression.base, expression.index];
    case 'field':
      return [expression.base];
    default:
      return expression satisfies never;
  }
}

function childOf(argument: CallArgument): Expression | undefined {
  if (argument.kind === 'value') return argument.expression;
  return argument.kind === 'lambda' ? argument.body : undefined;
}

/** The expression with other expressions in the places of those that {@link childrenOf} gives. */
function withChildren(expression: Expression, children: readonly Expression[]): Expression {
  const [first, second, third] = children as readonly [Expression, Expression, Expression];
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
      return { ...expression, left: first, right: second };
    case 'negate':
    case 'not':
    case 'is-null':
    case 'cast':
      return { ...expression, operand: first };
    case 'between':
      return { ...expression, operand: first, low: second, high: third };
    case 'in':
      return { ...expression, operand: first, list: children.slice(1) };
    case 'like':
      return { ...expression, operand: first, pattern: second };
    case 'case': {
      const whens = expression.whens.map((_, i) => ({ when: children[2 * i]!, then: children[2 * i + 1]! }));
      return { ...expression, whens, ...(expression.otherwise ? { otherwise: children.at(-1)! } : {}) };
    }
    case 'call': {
      let next = 0;
      return { ...expression, args: expression.args.map((arg) => withChild(arg, () => children[next++]!)) };
    }
    case 'array':
      return { ...expression, elements: children };
    case 'map': {
      const entries = expression.entries.map((_, i) => ({ key: children[2 * i]!, value: children[2 * i + 1]! }));
      return { ...expression, entries };
    }
    case 'struct':
      return { ...expression, fields: children };
    case 'subscript':
      return { ...expression, base: first, index: second };
    case 'field':
      return { ...expression, base: first };
    default:
      return expression satisfies never;
  }
}

function withChild(argument: CallArgument, take: () => Expression): CallArgument {
  if (argument.kind === 'value') return { ...argument, expression: take() };
  return argument.kind === 'lambda' ? { ...argument, body: take() } : argument;
}

/** An expression that is being mapped: those of its children that are done. */
interface Unfinished {
  readonly expression: Expression;
  readonly children: readonly Expression[];
  readonly mapped: Expression[];
}

/**
 * Replaces parts of an expression: `replace` gives the new part, or undefined to look inside; it is asked from the
 * outside in and from left to right. Unchanged parts are shared. A chain of operators is as deep as it is long, so this
 * must not recurse.
 */
export function mapExpression(
  expression: Expression,
  replace: (part: Expression) => Expression | undefined,
): Expression {
  const open: Unfinished[] = [];
  let part = expression;
  for (;;) {
    let done = replace(part);
    if (done === undefined) {
      const children = childrenOf(part);
      if (children.length > 0) {
        open.push({ expression: part, children, mapped: [] });
        part = children[0]!;
        continue;
      }
      done = part;
    }
    let around = open.at(-1);
    while (around !== undefined) {
      around.mapped.push(done);
      if (around.mapped.length < around.children.length) break;
      open.pop();
      done = rebuilt(around);
      around = open.at(-1);
    }
    if (around === undefined) return done;
    part = around.children[around.mapped.length]!;
  }
}

const rebuilt = ({ expression, children, mapped }: Unfinished): Expression =>
  mapped.every((child, i) => child === children[i]) ? expression : withChildren(expression, mapped);

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
  return a === b || (fingerprint(a) === fingerprint(b) && sameStructure(a, b));
}

const fingerprints = new WeakMap<Expression, number>();

/**
 * A number made of the expression's kind, columns, constants and parts: the same for all expressions that mean the
 * same.
 */
export function fingerprint(expression: Expression): number {
  const known = fingerprints.get(expression);
  if (known !== undefined) return known;
  // Each part stands behind all those around it.
  const parts: Expression[] = [];
  const pending = [expression];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    parts.push(part);
    for (const child of childrenOf(part)) if (!fingerprints.has(child)) pending.push(child);
  }
  for (let i = parts.length - 1; i >= 0; i--) fingerprints.set(parts[i]!, fingerprintOfParts(parts[i]!));
  return fingerprints.get(expression)!;
}

function fingerprintOfParts(expression: Expression): number {
  let print = mixedText(17, expression.kind);
  if (expression.kind === 'column') print = mixed(print, expression.index);
  if (expression.kind === 'literal' && typeof expression.value !== 'object')
    print = mixedText(print, String(expression.value));
  for (const child of childrenOf(expression)) print = mixed(print, fingerprints.get(child)!);
  return print;
}

const mixed = (print: number, value: number): number => (Math.imul(print, 31) + value) | 0;

function mixedText(print: number, text: string): number {
  let result = print;
  for (let i = 0; i < text.length; i++) result = mixed(result, text.charCodeAt(i));
  return result;
}

/** Compares pair by pair instead of recursing: a chain of operators is as deep as it is long. */
function sameStructure(first: unknown, second: unknown): boolean {
  const pairs: [unknown, unknown][] = [[first, second]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const parts = partsOf(...pair);
    if (parts === undefined) return false;
    for (const part of parts) pairs.push(part);
  }
  return true;
}

const ALIKE: readonly [unknown, unknown][] = [];

/** The pairs of parts that have to be the same for both to be so; undefined where they differ already. */
function partsOf(a: unknown, b: unknown): readonly [unknown, unknown][] | undefined {
  if (Object.is(a, b)) return ALIKE;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return undefined;
  if (Array.isArray(a) || a instanceof Uint8Array) {
    const other = b as ArrayLike<unknown>;
    return a.length === other.length ? Array.from(a, (element, i) => [element, other[i]]) : undefined;
  }
  if (a instanceof Map) return b instanceof Map ? partsOf([...a], [...b]) : undefined;
  const entries = meaningfulEntries(a);
  const others = new Map(meaningfulEntries(b));
  if (entries.length !== others.size || !entries.every(([key]) => others.has(key))) return undefined;
  return entries.map(([key, value]) => [value, others.get(key)]);
}

function meaningfulEntries(node: object): readonly (readonly [string, unknown])[] {
  return Object.entries(node).filter(([key, value]) => value !== undefined && !INCIDENTAL.has(key));
}
