import type * as ast from '../generated/ast.ts';
import { propertyRange } from '../parser/property-range.ts';
import { AnalysisError, rangeOf } from '../text/analysis-error.ts';
import { identifierText } from '../text/identifier-text.ts';
import { closest } from '../text/suggestions.ts';
import type { TextRange } from '../text/text-range.ts';
import { castable } from '../types/cast.ts';
import { INTEGER, type SqlType, typeToString } from '../types/sql-type.ts';
import type { BindContext } from './bind-context.ts';
import { bindCall } from './calls.ts';
import { bindArray, bindCase, bindMap, bindStruct } from './constructors.ts';
import type { Expression } from './expression.ts';
import { bindLiteral, isUntypedNull, typedNull } from './literals.ts';
import {
  bindBetween,
  bindBinary,
  bindComparison,
  bindInList,
  bindIsDistinct,
  bindLike,
  bindLogical,
  bindNot,
  bindUnary,
} from './operators.ts';
import type { Scope } from './scope.ts';
import { bindType } from './type-names.ts';

/**
 * Gives an expression of a statement its meaning: names become slots of the input row, overloads are chosen, implicit
 * casts put in, every node gets its type.
 *
 * @throws AnalysisError at the first fault, with ksqlDB's words for it
 */
export function bindExpression(node: ast.Expression, scope: Scope, context: BindContext): Expression {
  return new Binder(scope, context, { lambdaParameters: new Map() }).bind(node);
}

/** What encloses the expression that is being bound. */
export interface Surroundings {
  /** The parameters of the enclosing lambdas, by name. */
  readonly lambdaParameters: ReadonlyMap<string, SqlType>;
  /** The aggregate or table function whose arguments these are; neither can be nested. */
  readonly within?: { readonly kind: 'aggregate' | 'table'; readonly name: string };
  /** The CASE around; table functions cannot stand in one. */
  readonly inCase?: boolean;
}

/** Binds the nodes below one expression, all in the same surroundings. */
export class Binder {
  readonly scope: Scope;
  readonly context: BindContext;
  readonly surroundings: Surroundings;

  constructor(scope: Scope, context: BindContext, surroundings: Surroundings) {
    this.scope = scope;
    this.context = context;
    this.surroundings = surroundings;
  }

  /** A binder for what is further in. */
  inside(changes: Partial<Surroundings>): Binder {
    return new Binder(this.scope, this.context, { ...this.surroundings, ...changes });
  }

  bind(node: ast.Expression): Expression {
    const bound = this.#bind(node);
    const range = rangeOf(node);
    const expression: Expression = range ? { ...bound, range } : bound;
    this.context.onTyped?.(node, expression);
    return expression;
  }

  #bind(node: ast.Expression): Expression {
    switch (node.$type) {
      case 'NullLiteral':
      case 'BooleanLiteral':
      case 'NumberLiteral':
      case 'StringLiteral':
      case 'VariableReference':
        return bindLiteral(node);
      case 'Parenthesized':
        return this.bind(node.expression);
      case 'ColumnReference':
        return this.#column(node);
      case 'QualifiedReference':
        return this.#resolve(node.name, node.qualifier, node);
      case 'AccessPath':
        return this.#accessPath(node);
      case 'UnaryExpression':
        return bindUnary(node, this);
      case 'BinaryExpression':
        return bindBinary(node, this);
      case 'Comparison':
        return bindComparison(node, this);
      case 'IsDistinct':
        return bindIsDistinct(node, this);
      case 'LogicalExpression':
        return bindLogical(node, this);
      case 'NotExpression':
        return bindNot(node, this);
      case 'IsNull':
        return this.#isNull(node);
      case 'Between':
        return bindBetween(node, this);
      case 'InList':
        return bindInList(node, this);
      case 'Like':
        return bindLike(node, this);
      case 'CaseExpression':
        return bindCase(node, this.inside({ inCase: true }));
      case 'Cast':
        return this.#cast(node);
      case 'ArrayConstructor':
        return bindArray(node, this);
      case 'MapConstructor':
        return bindMap(node, this);
      case 'StructConstructor':
        return bindStruct(node, this);
      case 'FunctionCall':
        return bindCall(node, this);
      case 'AtTimeZone':
        throw new AnalysisError('not-implemented', 'AT TIME ZONE is not yet implemented. Use CONVERT_TZ instead.', {
          node,
        });
      default:
        return node satisfies never;
    }
  }

  #column(node: ast.ColumnReference): Expression {
    const type = this.surroundings.lambdaParameters.get(node.name);
    if (type) return { kind: 'lambda-parameter', name: node.name, type, text: identifierText(node.name) };
    return this.#resolve(node.name, undefined, node);
  }

  #resolve(
    name: string,
    qualifier: string | undefined,
    node: ast.ColumnReference | ast.QualifiedReference,
  ): Expression {
    const column = this.scope.resolve(name, qualifier, node);
    return {
      kind: 'column',
      index: column.index,
      name: column.name,
      type: column.type,
      text: column.text ?? identifierText(column.name),
      source: column.source,
    };
  }

  /** `a->b[1]->c`, from left to right. */
  #accessPath({ base, steps }: ast.AccessPath): Expression {
    const start = rangeOf(base)?.start;
    return steps.reduce<Expression>((bound, step) => {
      const end = rangeOf(step)?.end;
      const range = start === undefined || end === undefined ? undefined : { start, end };
      const next = step.$type === 'Subscript' ? this.#subscript(bound, step, range) : dereference(bound, step);
      return range ? { ...next, range } : next;
    }, this.bind(base));
  }

  #subscript(base: Expression, node: ast.Subscript, range: TextRange | undefined): Expression {
    const index = this.bind(node.index);
    const text = `${base.text}[${index.text}]`;
    if (base.type.kind === 'MAP') {
      const key = isUntypedNull(index) ? typedNull(index, base.type.key) : index;
      return { kind: 'subscript', base, index: key, type: base.type.value, text };
    }
    if (base.type.kind !== 'ARRAY') {
      const advice =
        base.type.kind === 'STRUCT' ? ` Use the dereference operator for STRUCTS: ${base.text}->${index.text}` : '';
      const message = `Subscript expression (${text}) do not apply to ${typeToString(base.type)}.${advice}`;
      throw new AnalysisError('subscript-type', message, { range });
    }
    if (isUntypedNull(index) || index.type.kind !== INTEGER.kind) {
      const got = isUntypedNull(index) ? 'NULL' : typeToString(index.type);
      const message = `The index of an ARRAY must be an INTEGER, got ${got} in ${text}. Use CAST(${index.text} AS INT).`;
      throw new AnalysisError('array-index-type', message, { node: node.index });
    }
    return { kind: 'subscript', base, index, type: base.type.element, text };
  }

  #isNull(node: ast.IsNull): Expression {
    const operand = this.bind(node.operand);
    const text = `(${operand.text} IS ${node.negated ? 'NOT NULL' : 'NULL'})`;
    return { kind: 'is-null', operand, negated: node.negated, type: { kind: 'BOOLEAN' }, text };
  }

  #cast(node: ast.Cast): Expression {
    const operand = this.bind(node.operand);
    const type = bindType(node.type, this.context.types);
    const text = `CAST(${operand.text} AS ${typeToString(type)})`;
    if (isUntypedNull(operand)) return { ...typedNull(operand, type), text };
    if (!castable(operand.type, type)) {
      const message = `Cast of ${typeToString(operand.type)} to ${typeToString(type)} is not supported.`;
      throw new AnalysisError('cast-not-supported', message, { node });
    }
    return { kind: 'cast', operand, type, text };
  }
}

function dereference(base: Expression, node: ast.Dereference): Expression {
  if (base.type.kind !== 'STRUCT' || isUntypedNull(base)) {
    const message = `Expected STRUCT type, got: ${isUntypedNull(base) ? 'NULL' : typeToString(base.type)}`;
    throw new AnalysisError('struct-expected', message, { range: base.range });
  }
  const { fields } = base.type;
  const index = fields.findIndex((field) => field.name === node.field);
  if (index < 0)
    throw unknownField(
      node,
      base,
      fields.map((field) => field.name),
    );
  const text = `${base.text}->${identifierText(node.field)}`;
  return { kind: 'field', base, index, name: node.field, type: fields[index]!.type, text };
}

function unknownField(node: ast.Dereference, base: Expression, fields: readonly string[]): AnalysisError {
  const suggestion = closest(node.field, fields);
  const hint = suggestion === undefined ? '' : ` Did you mean ${identifierText(suggestion)}?`;
  const range: TextRange | undefined = propertyRange(node, 'field');
  const fixes =
    suggestion !== undefined && range
      ? [{ title: `Change to ${identifierText(suggestion)}`, edits: [{ range, text: identifierText(suggestion) }] }]
      : [];
  const message = `Could not find field '${node.field}' in '${base.text}'.${hint}`;
  return new AnalysisError('unknown-field', message, { range, fixes });
}
