import type * as ast from '../generated/ast.ts';
import { propertyRange } from '../parser/property-range.ts';
import { AnalysisError, type LocatedNode } from '../text/analysis-error.ts';
import { identifierText } from '../text/identifier-text.ts';
import { array, map, type SqlType, sameType, struct, typeToString } from '../types/sql-type.ts';
import type { Binder } from './binder.ts';
import type { Expression } from './expression.ts';
import { ExpressionIndex } from './expression-index.ts';
import { isUntypedNull, requireTyped, typedNull } from './literals.ts';
import { unify } from './unify.ts';

const EMPTY_HINT = '(see https://github.com/confluentinc/ksql/issues/4239).';
const ALL_NULL_HINT = `${EMPTY_HINT} As a workaround, you may cast a NULL value to the desired type.`;

export function bindArray(node: ast.ArrayConstructor, binder: Binder): Expression {
  if (node.elements.length === 0) {
    const message = `Array constructor cannot be empty. Please supply at least one element ${EMPTY_HINT}`;
    throw new AnalysisError('empty-constructor', message, { node });
  }
  const bound = node.elements.map((element) => binder.bind(element));
  const unified = unify(bound);
  if (!unified) throw allNull('Cannot construct an array with all NULL elements', node);
  const text = `ARRAY[${bound.map((element) => element.text).join(', ')}]`;
  return { kind: 'array', elements: unified.expressions, type: array(unified.type), text };
}

const allNull = (what: string, node: LocatedNode) =>
  new AnalysisError('untyped-null', `${what} ${ALL_NULL_HINT}`, { node });

export function bindMap(node: ast.MapConstructor, binder: Binder): Expression {
  if (node.entries.length === 0) {
    const message = `Map constructor cannot be empty. Please supply at least one key value pair ${EMPTY_HINT}`;
    throw new AnalysisError('empty-constructor', message, { node });
  }
  const bound = node.entries.map((entry) => ({ key: binder.bind(entry.key), value: binder.bind(entry.value) }));
  const earlier = new ExpressionIndex<(typeof bound)[number]>();
  for (const [i, entry] of bound.entries()) {
    const { key, value } = entry;
    const other = earlier.get(key);
    earlier.add(key, entry);
    if (!other) continue;
    const message = `Multiple entries with same key: ${key.text}=${value.text} and ${other.key.text}=${other.value.text}`;
    throw new AnalysisError('duplicate-map-key', message, { node: node.entries[i] });
  }
  const keys = unify(bound.map((entry) => entry.key));
  if (!keys) throw allNull('Cannot construct a map with all NULL keys', node);
  const values = unify(bound.map((entry) => entry.value));
  if (!values) throw allNull('Cannot construct a map with all NULL values', node);
  return {
    kind: 'map',
    entries: keys.expressions.map((key, i) => ({ key, value: values.expressions[i]! })),
    type: map(keys.type, values.type),
    text: `MAP(${bound.map(({ key, value }) => `${key.text}:=${value.text}`).join(', ')})`,
  };
}

export function bindStruct(node: ast.StructConstructor, binder: Binder): Expression {
  const seen = new Set<string>();
  const fields = node.fields.map((field) => {
    if (seen.has(field.name)) {
      const message = `Duplicate field names found in STRUCT: '${field.name}'`;
      throw new AnalysisError('duplicate-field', message, { range: propertyRange(field, 'name') });
    }
    seen.add(field.name);
    return { name: field.name, value: requireTyped(binder.bind(field.value)) };
  });
  return {
    kind: 'struct',
    fields: fields.map((field) => field.value),
    type: struct(fields.map(({ name, value }) => ({ name, type: value.type }))),
    text: `STRUCT(${fields.map(({ name, value }) => `${identifierText(name)}:=${value.text}`).join(', ')})`,
  };
}

/** Searched CASE: the conditions are BOOLEAN, the results of one and the same type, NULLs aside. */
export function bindCase(node: ast.CaseExpression, binder: Binder): Expression {
  if (node.operand) throw simpleCase(node);
  const whens = node.whens.map((clause) => ({
    when: condition(clause.when, binder),
    then: binder.bind(clause.then),
  }));
  const otherwise = node.otherwise && binder.bind(node.otherwise);
  const type = resultType(node, whens, otherwise);
  const typed = (expression: Expression) => (isUntypedNull(expression) ? typedNull(expression, type) : expression);
  const clauses = whens.map(({ when, then }) => `WHEN ${when.text} THEN ${then.text}`).join(' ');
  return {
    kind: 'case',
    whens: whens.map(({ when, then }) => ({ when, then: typed(then) })),
    ...(otherwise ? { otherwise: typed(otherwise) } : {}),
    type,
    text: `(CASE ${clauses}${otherwise ? ` ELSE ${otherwise.text}` : ''} END)`,
  };
}

function condition(node: ast.Expression, binder: Binder): Expression {
  const when = binder.bind(node);
  if (!isUntypedNull(when) && when.type.kind === 'BOOLEAN') return when;
  const type = isUntypedNull(when) ? 'NULL' : typeToString(when.type);
  throw new AnalysisError(
    'case-condition',
    `WHEN operand type should be boolean.\nType for '${when.text}' is ${type}`,
    {
      node,
    },
  );
}

function resultType(
  node: ast.CaseExpression,
  whens: readonly { readonly then: Expression }[],
  otherwise: Expression | undefined,
): SqlType {
  let type: SqlType | undefined;
  for (const [i, { then }] of whens.entries()) {
    if (isUntypedNull(then)) continue;
    if (type && !sameType(type, then.type)) {
      const message =
        "Invalid Case expression. Type for all 'THEN' clauses should be the same.\n" +
        `THEN expression '${then.text}' has type: ${typeToString(then.type)}.\n` +
        `Previous THEN expression(s) type: ${typeToString(type)}.`;
      throw new AnalysisError('case-types', message, { node: node.whens[i]!.then });
    }
    type ??= then.type;
  }
  if (otherwise && !isUntypedNull(otherwise)) {
    if (type && !sameType(type, otherwise.type)) {
      const message =
        "Invalid Case expression. Type for the default clause should be the same as for 'THEN' clauses.\n" +
        `THEN type: ${typeToString(type)}.\nDEFAULT type: ${typeToString(otherwise.type)}.`;
      throw new AnalysisError('case-types', message, { node: node.otherwise });
    }
    type ??= otherwise.type;
  }
  if (type) return type;
  throw new AnalysisError('untyped-null', 'Invalid Case expression. All case branches have NULL type', { node });
}

/** ksqlDB parses `CASE x WHEN v` but cannot run it; the other form says the same. */
function simpleCase(node: ast.CaseExpression): AnalysisError {
  const written = (part: ast.Expression) => part.$cstNode?.text ?? '';
  const { operand } = node;
  const first = operand?.$cstNode;
  const start = node.$cstNode?.offset;
  const fixes =
    operand && first && start !== undefined
      ? [
          {
            title: 'Rewrite as CASE WHEN … = …',
            edits: [
              { range: { start: first.offset, end: first.end }, text: '' },
              ...node.whens.flatMap(({ when }) =>
                when.$cstNode
                  ? [
                      {
                        range: { start: when.$cstNode.offset, end: when.$cstNode.offset },
                        text: `${written(operand)} = `,
                      },
                    ]
                  : [],
              ),
            ],
          },
        ]
      : [];
  const message = 'Simple CASE (CASE x WHEN v THEN …) is not supported. Use CASE WHEN x = v THEN … instead.';
  return new AnalysisError('simple-case', message, { node, fixes });
}
