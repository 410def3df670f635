import type { CallArgument, Expression } from '../../language/binding/expression.ts';
import { castFor } from '../../language/types/cast.ts';
import { comparisonFor } from '../../language/types/compare.ts';
import { asDecimalType, decimalOperation } from '../../language/types/decimal.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';
import {
  addLong,
  divideInt,
  divideLong,
  multiplyLong,
  negateLong,
  remainderInt,
  remainderLong,
  subtractLong,
} from '../../language/types/integer.ts';
import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import { sameType } from '../../language/types/sql-type.ts';
import type { Row } from '../operators/operator.ts';
import { emitCall } from './call-emitter.ts';
import { inlineOperator, isScalarOf, membership } from './comparison.ts';
import { firstOperand, guardsFirstOperand } from './first-operand.ts';
import { generate } from './generate.ts';
import { dynamicLike, LikePattern } from './like.ts';

/** Told about every expression, or guarded piece of one, that could not be evaluated. */
export type OnEvaluationError = (cause: unknown, row: Row) => void;

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** The variables that the code being emitted may use: the row, the parameters of enclosing lambdas, and temporaries. */
export interface Frame {
  readonly lambdaParameters: ReadonlyMap<string, string>;
  readonly temporaries: string[];
  /** Variables that hold parts which were evaluated before. */
  readonly evaluated?: ReadonlyMap<Expression, string>;
}

/**
 * Expressions inside each other in one piece of code. With many more, V8 cannot read the code, or calls run out of
 * stack.
 */
const MOST_NESTED = 32;

/**
 * Writes expressions as JavaScript source. User text never enters it: columns are `r[2]`, constants `k[0]`, functions
 * `f[1]`, and lambda parameters get names of our own.
 */
export class ExpressionEmitter {
  readonly #constants: unknown[] = [];
  readonly #functions: unknown[] = [];
  readonly #declarations: string[] = [];
  #names = 0;
  /** How many expressions are being emitted inside each other in the present function. */
  #nested = 0;
  readonly #fail: string;
  readonly #missing: string;

  constructor(onError: OnEvaluationError) {
    this.#fail = this.callable(onError);
    this.#missing = this.callable(failOnNull);
  }

  /** Turns what was emitted into a function. `result` returns it and may use every name that was handed out. */
  finish<T>(result: string): T {
    const hoisted = [
      ...this.#constants.map((_, i) => `const k${i} = k[${i}];`),
      ...this.#functions.map((_, i) => `const f${i} = f[${i}];`),
    ];
    return generate<T>([...hoisted, ...this.#declarations, result].join('\n'), this.#constants, this.#functions);
  }

  /** Makes a function reachable from the code; gives its name there. */
  callable(implementation: unknown): string {
    return `f${this.#functions.push(implementation) - 1}`;
  }

  /** A value as source: plain numbers and booleans are written, everything else is a constant. */
  literal(value: SqlValue): string {
    if (value === null || typeof value === 'boolean') return String(value);
    if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return `(${value})`;
    return `k${this.#constants.push(value) - 1}`;
  }

  /**
   * Declares a function of the row that gives the value of an expression, or `fallback` when it fails; gives its name.
   *
   * @param before source to run first.
   */
  guardedFunction(expression: Expression, fallback: string, before = '', frame?: Frame): string {
    const name = `g${this.#names++}`;
    const parameters = ['r', ...(frame?.lambdaParameters.values() ?? [])].join(', ');
    const inner: Frame = { lambdaParameters: frame?.lambdaParameters ?? new Map(), temporaries: [] };
    const nested = this.#nested;
    this.#nested = 0;
    const code = this.emit(expression, inner);
    this.#nested = nested;
    this.#declarations.push(
      `function ${name}(${parameters}) { ${declare(inner)}try { ${before}return ${code}; } catch (e) { ${this.#fail}(e, r); return ${fallback}; } }`,
    );
    return name;
  }

  /** An expression guarded on its own where it can fail at all. */
  guarded(expression: Expression, frame: Frame): string {
    if (isLeaf(expression) || frame.evaluated?.has(expression)) return this.emit(expression, frame);
    return call(this.guardedFunction(expression, 'null', '', frame), frame);
  }

  /** A new temporary variable. */
  temporary(frame: Frame): string {
    const name = `t${this.#names++}`;
    frame.temporaries.push(name);
    return name;
  }

  /** The source of an expression. It throws at run time where ksqlDB would raise an error. */
  emit(expression: Expression, frame: Frame): string {
    const variable = frame.evaluated?.get(expression);
    if (variable !== undefined) return variable;
    if (this.#nested === MOST_NESTED || hasManyOperands(expression, frame)) return this.#inSteps(expression, frame);
    this.#nested++;
    const code = this.#emit(expression, frame);
    this.#nested--;
    return code;
  }

  /**
   * Declares a function that evaluates an expression in steps from its innermost first operand outwards, so that a
   * chain of ten thousand operators neither nests in the code nor in calls; gives the call of it.
   */
  #inSteps(expression: Expression, outer: Frame): string {
    const nested = this.#nested;
    this.#nested = 0;
    const evaluated = new Map<Expression, string>();
    const frame: Frame = { lambdaParameters: outer.lambdaParameters, temporaries: [], evaluated };
    const operands: Expression[] = [expression];
    for (let next = firstOperand(expression); next !== undefined; next = firstOperand(next)) operands.push(next);
    const code: string[] = [];
    // What an error ends, up to the next operand that is guarded.
    let unguarded = '';
    for (let i = operands.length - 1; i > 0; i--) {
      const operand = operands[i]!;
      const guarded = guardsFirstOperand(operands[i - 1]!);
      if (isLeaf(operand) || !(guarded || i % MOST_NESTED === 0)) continue;
      const value = this.emit(operand, frame);
      const variable = this.temporary(frame);
      evaluated.set(operand, variable);
      unguarded += `${variable} = ${value}; `;
      if (!guarded) continue;
      code.push(`try { ${unguarded}} catch (e) { ${this.#fail}(e, r); ${variable} = null; }`);
      unguarded = '';
    }
    const result = this.#emit(expression, frame);
    this.#nested = nested;
    return this.#declare(frame, `${code.join('\n')}${unguarded}return ${result};`, outer);
  }

  #emit(expression: Expression, frame: Frame): string {
    switch (expression.kind) {
      case 'literal':
        return this.literal(expression.value);
      case 'column':
        return `r[${expression.index}]`;
      case 'lambda-parameter':
        return frame.lambdaParameters.get(expression.name)!;
      case 'arithmetic':
        return this.#arithmetic(expression, frame);
      case 'string-plus':
        return `(\`\${${this.emit(expression.left, frame)}}\${${this.emit(expression.right, frame)}}\`)`;
      case 'negate':
        return this.#negate(expression, frame);
      case 'comparison':
        return this.#comparison(expression, frame);
      case 'and':
        return `(${this.#truths(expression, frame).join(' && ')})`;
      case 'or':
        return `(${this.#truths(expression, frame).join(' || ')})`;
      case 'not':
        return `!${this.#truth(expression.operand, frame)}`;
      case 'is-null':
        return `(${this.emit(expression.operand, frame)} ${expression.negated ? '!==' : '==='} null)`;
      case 'between':
        return this.#between(expression, frame);
      case 'in':
        return this.#in(expression, frame);
      case 'like':
        return this.#like(expression, frame);
      case 'case':
        return this.#case(expression, frame);
      case 'cast':
        return this.#cast(expression, frame);
      case 'call':
        return emitCall(this, expression, frame);
      case 'array':
        return `[${expression.elements.map((element) => this.guarded(element, frame)).join(', ')}]`;
      case 'map':
        return `new Map([${expression.entries.map(({ key, value }) => `[${this.guarded(key, frame)}, ${this.guarded(value, frame)}]`).join(', ')}])`;
      case 'struct':
        return `[${expression.fields.map((field) => this.guarded(field, frame)).join(', ')}]`;
      case 'subscript':
        return this.#subscript(expression, frame);
      case 'field': {
        const base = this.temporary(frame);
        return `((${base} = ${this.emit(expression.base, frame)}) === null ? null : ${base}[${expression.index}])`;
      }
      default:
        return expression satisfies never;
    }
  }

  /** The source of a lambda: a function of its parameters that sees the row. */
  lambda({ parameters, body }: Extract<CallArgument, { kind: 'lambda' }>, frame: Frame): string {
    const names = parameters.map(() => `p${this.#names++}`);
    const inner: Frame = {
      lambdaParameters: new Map([
        ...frame.lambdaParameters,
        ...parameters.map((name, i) => [name, names[i]!] as const),
      ]),
      temporaries: [],
    };
    const code = this.emit(body, inner);
    return `(${names.join(', ')}) => { ${declare(inner)}return ${code}; }`;
  }

  /** An operand that must not be NULL: NULL is an error, as unboxing null is in ksqlDB's generated Java. */
  required(expression: Expression, frame: Frame): string {
    const code = this.emit(expression, frame);
    if (neverNull(expression)) return code;
    const value = this.temporary(frame);
    return `((${value} = ${code}) === null ? ${this.#missing}() : ${value})`;
  }

  #truth(expression: Expression, frame: Frame): string {
    return this.required(expression, frame);
  }

  /** The operands of a chain of one logical operator. */
  #truths(chain: Of<'and' | 'or'>, frame: Frame): string[] {
    const truths: string[] = [];
    let first: Expression = chain;
    while (first.kind === chain.kind && !frame.evaluated?.has(first)) {
      truths.push(this.#truth(first.right, frame));
      first = first.left;
    }
    truths.push(this.#truth(first, frame));
    return truths.reverse();
  }

  #arithmetic({ operator, left, right, type }: Of<'arithmetic'>, frame: Frame): string {
    const a = this.required(left, frame);
    const b = this.required(right, frame);
    switch (type.kind) {
      case 'DOUBLE':
        return `(${a} ${operator} ${b})`;
      case 'INTEGER':
        if (operator === '+' || operator === '-') return `((${a} ${operator} ${b}) | 0)`;
        if (operator === '*') return `Math.imul(${a}, ${b})`;
        return `${this.callable(operator === '/' ? divideInt : remainderInt)}(${a}, ${b})`;
      case 'BIGINT':
        return `${this.callable(LONG_OPERATIONS[operator])}(${a}, ${b})`;
      case 'DECIMAL': {
        const operation = decimalOperation(operator, asDecimalType(left.type)!, asDecimalType(right.type)!);
        return `${this.callable(operation)}(${asBigInt(left.type, a)}, ${asBigInt(right.type, b)})`;
      }
      case 'BOOLEAN':
      case 'STRING':
      case 'BYTES':
      case 'DATE':
      case 'TIME':
      case 'TIMESTAMP':
      case 'ARRAY':
      case 'MAP':
      case 'STRUCT':
        throw new TypeError(`No arithmetic on ${type.kind}`);
      default:
        return type satisfies never;
    }
  }

  #negate({ operand, type }: Of<'negate'>, frame: Frame): string {
    const value = this.required(operand, frame);
    if (type.kind === 'INTEGER') return `((-${value}) | 0)`;
    return type.kind === 'BIGINT' ? `${this.callable(negateLong)}(${value})` : `(-${value})`;
  }

  #comparison({ operator, left, right }: Of<'comparison'>, frame: Frame): string {
    const inline = inlineOperator(operator, left.type, right.type);
    if (inline === undefined) {
      const test = this.callable(comparisonFor(operator, left.type, right.type));
      if (operator.startsWith('IS')) return `${test}(${this.emit(left, frame)}, ${this.emit(right, frame)})`;
      // What NULL is compared with is not evaluated, and so cannot fail.
      const [a, aSet = 'true'] = this.#operand(left, frame);
      return `(${aSet} && ${test}(${a}, ${this.emit(right, frame)}))`;
    }
    const [a, aSet] = this.#operand(left, frame);
    const [b, bSet] = this.#operand(right, frame);
    return `(${[aSet, bSet].filter(Boolean).concat(`${a} ${inline} ${b}`).join(' && ')})`;
  }

  /** The name or literal of an operand, and the test that it is not NULL (which also evaluates it). */
  #operand(expression: Expression, frame: Frame): [string, string | undefined] {
    if (expression.kind === 'literal' && expression.value !== null) return [this.literal(expression.value), undefined];
    const value = this.temporary(frame);
    return [value, `(${value} = ${this.emit(expression, frame)}) !== null`];
  }

  #between({ operand, low, high, negated }: Of<'between'>, frame: Frame): string {
    const value = this.temporary(frame);
    const atLeast = this.callable(comparisonFor('>=', operand.type, low.type));
    const atMost = this.callable(comparisonFor('<=', operand.type, high.type));
    const test = `((${value} = ${this.emit(operand, frame)}) !== null && ${atLeast}(${value}, ${this.emit(low, frame)}) && ${atMost}(${value}, ${this.emit(high, frame)}))`;
    return negated ? `!${test}` : test;
  }

  #in({ operand, list, negated }: Of<'in'>, frame: Frame): string {
    const sign = negated ? '!' : '';
    const items = list.filter((item) => item.kind !== 'literal' || item.value !== null);
    if (items.every((item) => item.kind === 'literal' && isScalarOf(operand.type, item.type))) {
      const set = new Set(items.map((item) => (item as Of<'literal'>).value));
      return `${sign}k${this.#constants.push(set) - 1}.has(${this.emit(operand, frame)})`;
    }
    const value = this.temporary(frame);
    // As arguments of a Java method all are evaluated, whether or not one before is equal.
    const steps = [`${value} = ${this.emit(operand, frame)}`];
    const tests = items.map((item) => {
      const listed = isLeaf(item) ? this.emit(item, frame) : this.temporary(frame);
      if (!isLeaf(item)) steps.push(`${listed} = ${this.emit(item, frame)}`);
      return `${this.callable(membership(operand.type, item.type))}(${value}, ${listed})`;
    });
    return `${sign}(${steps.join(', ')}, ${value} !== null && (${tests.join(' || ') || 'false'}))`;
  }

  #like({ operand, pattern, escape: escapeCharacter, negated }: Of<'like'>, frame: Frame): string {
    const text = this.required(operand, frame);
    const sign = negated ? '!' : '';
    if (pattern.kind === 'literal' && typeof pattern.value === 'string') {
      const compiled = new LikePattern(pattern.value, escapeCharacter);
      return `${sign}k${this.#constants.push(compiled) - 1}.test(${text})`;
    }
    return `${sign}${this.callable(dynamicLike(escapeCharacter))}(${text}, ${this.required(pattern, frame)})`;
  }

  #case(expression: Of<'case'>, frame: Frame): string {
    const { whens, otherwise } = expression;
    if (whens.length > MOST_NESTED) return this.#longCase(expression, frame);
    const last = otherwise === undefined ? 'null' : this.emit(otherwise, frame);
    return whens.reduceRight(
      (rest, { when, then }) => `(${this.#truth(when, frame)} ? ${this.emit(then, frame)} : ${rest})`,
      last,
    );
  }

  /** Many branches are a function of their own: as one expression, each would stand inside the one before. */
  #longCase({ whens, otherwise }: Of<'case'>, outer: Frame): string {
    const nested = this.#nested;
    this.#nested = 0;
    const frame: Frame = { lambdaParameters: outer.lambdaParameters, temporaries: [] };
    const branches = whens.map(({ when, then }) => {
      return `if (${this.#truth(when, frame)}) return ${this.emit(then, frame)};`;
    });
    const last = otherwise === undefined ? 'null' : this.emit(otherwise, frame);
    this.#nested = nested;
    return this.#declare(frame, `${branches.join('\n')}\nreturn ${last};`, outer);
  }

  /** Declares a function over the row; gives the call of it. */
  #declare(frame: Frame, body: string, caller: Frame): string {
    const name = `g${this.#names++}`;
    const parameters = ['r', ...frame.lambdaParameters.values()].join(', ');
    this.#declarations.push(`function ${name}(${parameters}) { ${declare(frame)}${body} }`);
    return call(name, caller);
  }

  #cast({ operand, type, implicit }: Of<'cast'>, frame: Frame): string {
    const code = this.guarded(operand, frame);
    if (sameType(operand.type, type)) return code;
    const value = this.temporary(frame);
    const cast = this.callable(castFor(operand.type, type));
    // One that the analyser has put in is a part of what it stands in, which fails with it.
    if (implicit === true || neverFails(operand.type, type))
      return `((${value} = ${code}) === null ? null : ${cast}(${value}))`;
    // What cannot be cast is NULL to whatever is around it.
    const name = `g${this.#names++}`;
    this.#declarations.push(
      `function ${name}(v, r) { try { return ${cast}(v); } catch (e) { ${this.#fail}(e, r); return null; } }`,
    );
    return `((${value} = ${code}) === null ? null : ${name}(${value}, r))`;
  }

  #subscript({ base, index }: Of<'subscript'>, frame: Frame): string {
    if (base.type.kind === 'MAP')
      return `${this.callable(lookUp)}(${this.emit(base, frame)}, ${this.emit(index, frame)})`;
    return `${this.callable(elementAt)}(${this.emit(base, frame)}, ${this.required(index, frame)})`;
  }
}

/** Casts to text, and between numbers that wrap. */
const neverFails = (from: SqlType, to: SqlType): boolean =>
  to.kind === 'STRING' || (WRAPPING.has(from.kind) && WRAPPING.has(to.kind));

const WRAPPING: ReadonlySet<SqlType['kind']> = new Set(['INTEGER', 'BIGINT', 'DOUBLE']);

const isLeaf = ({ kind }: Expression): boolean =>
  kind === 'column' || kind === 'literal' || kind === 'lambda-parameter';

/** Whether there are so many first operands inside each other that the expression has to be evaluated in steps. */
function hasManyOperands(expression: Expression, { evaluated }: Frame): boolean {
  let operand = firstOperand(expression);
  for (let count = 0; operand !== undefined && !evaluated?.has(operand); count++) {
    if (count > 2 * MOST_NESTED) return true;
    operand = firstOperand(operand);
  }
  return false;
}

/** The call of a function that was declared for a part of the code. */
const call = (name: string, { lambdaParameters }: Frame): string =>
  `${name}(${['r', ...lambdaParameters.values()].join(', ')})`;

const declare = (frame: Frame) => (frame.temporaries.length === 0 ? '' : `let ${frame.temporaries.join(', ')}; `);

function failOnNull(): never {
  throw new EvaluationError('An operand is NULL');
}

const LONG_OPERATIONS = {
  '+': addLong,
  '-': subtractLong,
  '*': multiplyLong,
  '/': divideLong,
  '%': remainderLong,
} as const;

const asBigInt = (type: SqlType, code: string) => (type.kind === 'DECIMAL' ? code : `BigInt(${code})`);

/** Expressions whose value is never NULL when they do not fail. */
function neverNull(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return expression.value !== null;
    case 'arithmetic':
    case 'string-plus':
    case 'negate':
    case 'comparison':
    case 'and':
    case 'or':
    case 'not':
    case 'is-null':
    case 'between':
    case 'in':
    case 'like':
    case 'array':
    case 'map':
    case 'struct':
      return true;
    case 'column':
    case 'lambda-parameter':
    case 'case':
    case 'cast':
    case 'call':
    case 'subscript':
    case 'field':
      return false;
    default:
      return expression satisfies never;
  }
}

/** `array[index]`: from 1, negative from the end, NULL outside. */
function elementAt(base: readonly SqlValue[] | null, index: number): SqlValue {
  if (base === null) return null;
  const at = index < 0 ? base.length + index : index - 1;
  return base[at] ?? null;
}

function lookUp(base: ReadonlyMap<SqlValue, SqlValue> | null, key: SqlValue): SqlValue {
  return base === null ? null : (base.get(key) ?? null);
}
