import type { Expression } from '../binding/expression.ts';
import { sameExpression } from '../binding/expression-tree.ts';
import { requireTyped } from '../binding/literals.ts';
import type * as ast from '../generated/ast.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { typeToString } from '../types/sql-type.ts';
import type { SelectItem } from './analyzed.ts';
import { type GeneratedNames, isPseudoColumn, isWindowBound, joinedColumnName } from './column-names.ts';
import { type BindOptions, bindExpression } from './expression-binding.ts';
import type { JoinTree, PlacedSource } from './join-planning.ts';
import type { KeyPart } from './projection.ts';
import { type RowScope, slotReference, unknownQualifier } from './row-scope.ts';
import type { StatementContext } from './statement-context.ts';

export interface SelectListRequest {
  readonly items: readonly ast.SelectItem[];
  readonly tree: JoinTree;
  readonly scope: RowScope;
  readonly names: GeneratedNames;
  readonly bind: Omit<BindOptions, 'clause'>;
  /** PARTITION BY that changes the key: `*` then has its parts first and the old key last. */
  readonly partition?: readonly KeyPart[] | undefined;
  /** A pull query on a table: `*` then has the header columns before the value columns, else after them. */
  readonly headersFirst: boolean;
}

/**
 * The select items with stars expanded, expressions bound and names given. An item with a fault is reported and left
 * out, so that the others are still looked at.
 */
export function expandSelectList(request: SelectListRequest, context: StatementContext): readonly SelectItem[] {
  return request.items.flatMap((item) => context.attempt(() => expandItem(item, request, context)) ?? []);
}

function expandItem(
  item: ast.SelectItem,
  request: SelectListRequest,
  context: StatementContext,
): readonly SelectItem[] {
  const range = context.rangeOf(item);
  switch (item.$type) {
    case 'SelectAll':
      return allColumns(request, range);
    case 'SelectAllOf':
      return columnsOfSource(item.source, request, range);
    case 'SelectStructFields':
      return structFields(bind(item.base.expression, request, context), range);
    case 'SelectExpression': {
      if (item.alias === '') throw new AnalysisError('empty-name', 'name is empty', { node: item });
      const expression = requireTyped(bind(item.expression, request, context));
      const name = item.alias ?? defaultName(item.expression, expression, request);
      return [{ name, expression, aliased: item.alias !== undefined, fromStar: false, range }];
    }
    default:
      return item satisfies never;
  }
}

const bind = (
  node: ast.Expression,
  { scope, bind: options }: SelectListRequest,
  context: StatementContext,
): Expression => bindExpression(node, scope, context, { ...options, clause: 'SELECT' });

/** The name of an expression without AS: the column's or field's own, or a generated one. */
function defaultName(node: ast.Expression, expression: Expression, { scope, names }: SelectListRequest): string {
  const plain = node.$type === 'Parenthesized' ? node.expression : node;
  switch (plain.$type) {
    case 'ColumnReference':
    case 'QualifiedReference':
      return expression.kind === 'column' ? columnName(expression.name, expression.source, scope) : plain.name;
    case 'AccessPath':
      return names.forPath(plain);
    default:
      return names.nextColumn();
  }
}

/**
 * A plain column's name in the result; in joins with the source's alias before it where the name alone is not enough.
 */
export function columnName(name: string, source: string | undefined, scope: RowScope): string {
  if (!scope.isJoin || !source) return name;
  const owners = scope.sources.filter(({ layout }) => layout.some((slot) => slot.name === name));
  return owners.length > 1 || isPseudoColumn(name) ? joinedColumnName(source, name) : name;
}

function allColumns(request: SelectListRequest, range: TextRange): readonly SelectItem[] {
  const { tree, scope } = request;
  const { partition } = request;
  const synthetic = syntheticKeyItem(tree, range);
  if (partition && scope.isJoin) {
    const columns = scope.sources.flatMap((source) => joinedColumns(source, range));
    return [...partitionItems(partition, columns, range), ...withoutKeys(columns, partition), ...synthetic];
  }
  const columns = scope.sources.flatMap((source) => starColumns(source, request, range));
  return [...synthetic, ...repartitioned(columns, request, range)];
}

function syntheticKeyItem({ relation, viableKeys }: JoinTree, range: TextRange): readonly SelectItem[] {
  if (relation.kind !== 'join' || viableKeys.length > 0) return [];
  const slot = relation.layout[relation.keySlot]!;
  const expression: Expression = {
    kind: 'column',
    index: relation.keySlot,
    name: slot.name,
    type: slot.type,
    text: slot.name,
  };
  return [{ name: slot.name, expression, aliased: false, fromStar: true, range }];
}

function columnsOfSource(alias: string, request: SelectListRequest, range: TextRange): readonly SelectItem[] {
  const source = request.scope.sources.find((candidate) => candidate.alias === alias);
  if (!source) {
    throw new AnalysisError('unknown-qualifier', unknownQualifier(alias), { range, subject: alias });
  }
  if (request.partition && request.scope.isJoin) {
    const message =
      `\`${alias}.*\` cannot be selected from a join with PARTITION BY, whose columns are no longer those of ${alias}. ` +
      'Select `*`, or the columns one by one.';
    throw new AnalysisError('star-of-repartitioned', message, { range });
  }
  return repartitioned(starColumns(source, request, range), request, range);
}

/** The columns of a source as `*` gives them: keys, bounds of the window, values; no pseudo columns. */
function starColumns(
  { alias, offset, layout }: PlacedSource,
  { scope, headersFirst }: SelectListRequest,
  range: TextRange,
): readonly SelectItem[] {
  const slots = layout.map((slot, i) => ({ slot, index: offset + i }));
  const values = slots.filter(({ slot }) => slot.role === 'value');
  const headers = slots.filter(({ slot }) => slot.role === 'header');
  const ordered = [
    ...slots.filter(({ slot }) => slot.role === 'key'),
    ...slots.filter(({ slot }) => isWindowBound(slot.name) && slot.role !== 'value'),
    ...(headersFirst ? [...headers, ...values] : [...values, ...headers]),
  ];
  return ordered.map(({ slot, index }) => ({
    name: scope.isJoin ? joinedColumnName(alias, slot.name) : slot.name,
    expression: slotReference(slot, index, alias, scope.isJoin),
    aliased: false,
    fromStar: true,
    range,
  }));
}

/** What a source gives to `*` once a join of it has another key: all that its rows hold, pseudo columns too. */
function joinedColumns({ alias, offset, layout }: PlacedSource, range: TextRange): readonly SelectItem[] {
  return layout.map((slot, i) => ({
    name: joinedColumnName(alias, slot.name),
    expression: slotReference(slot, offset + i, alias, true),
    aliased: false,
    fromStar: true,
    range,
  }));
}

/**
 * What `*` gives of one source after PARTITION BY: the new key first; the old key columns have become the last values.
 */
function repartitioned(
  columns: readonly SelectItem[],
  { partition, tree }: SelectListRequest,
  range: TextRange,
): readonly SelectItem[] {
  if (!partition) return columns;
  const isOldKey = ({ expression }: SelectItem) =>
    expression.kind === 'column' && tree.relation.layout[expression.index]?.role === 'key';
  const rest = withoutKeys(columns, partition);
  const keys = partitionItems(partition, columns, range);
  return [...keys, ...rest.filter((item) => !isOldKey(item)), ...rest.filter(isOldKey)];
}

/** The parts of the new key: under the name of the column, where they are one. */
function partitionItems(
  partition: readonly KeyPart[],
  columns: readonly SelectItem[],
  range: TextRange,
): readonly SelectItem[] {
  return partition.map(({ slot, name }): SelectItem => {
    const selected = columns.find((item) => sameExpression(slot, item.expression));
    return selected ?? { name, expression: slot, aliased: false, fromStar: true, range };
  });
}

const withoutKeys = (columns: readonly SelectItem[], partition: readonly KeyPart[]): readonly SelectItem[] =>
  columns.filter((item) => !partition.some(({ slot }) => sameExpression(slot, item.expression)));

/** `struct->*`: one item for each field. */
function structFields(base: Expression, range: TextRange): readonly SelectItem[] {
  const { type } = base;
  if (type.kind !== 'STRUCT') {
    const message = `Column ${base.text} is not a STRUCT type. It is ${typeToString(type)}.`;
    throw new AnalysisError('not-a-struct', message, { range });
  }
  return type.fields.map((field, index) => ({
    name: field.name,
    expression: { kind: 'field', base, index, name: field.name, type: field.type, text: `${base.text}->${field.name}` },
    aliased: false,
    fromStar: true,
    range,
  }));
}
