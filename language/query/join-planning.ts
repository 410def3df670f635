import type { Expression } from '../binding/expression.ts';
import { columnsOf, sameExpression, shiftColumns } from '../binding/expression-tree.ts';
import {
  type DataSource,
  type FormatInfo,
  type SourceKind,
  WINDOW_TYPES,
  type WindowInfo,
} from '../metastore/metastore.ts';
import { usesRegistry } from '../settings/formats.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { keyColumns, type Slot } from '../types/schema.ts';
import { backQuoted, type SqlType, sameType, typeToString } from '../types/sql-type.ts';
import type { JoinRelation, JoinType, Relation, SourceRelation } from './analyzed.ts';
import { joinedColumnName, syntheticKeyName } from './column-names.ts';
import { unlikeJoinKeys } from './join-key-cast.ts';

/** A source and where its slots begin in the row of the whole FROM clause. */
export interface PlacedSource {
  readonly source: DataSource;
  readonly alias: string;
  readonly offset: number;
  readonly layout: readonly Slot[];
}

/** A relation while joins are added to it. */
export interface JoinTree {
  readonly relation: Relation;
  readonly sources: readonly PlacedSource[];
  readonly kind: SourceKind;
  readonly window: WindowInfo | undefined;
  /** In which its keys are written; undefined where its joins write them anew, and so in whatever is asked for. */
  readonly keyFormat: FormatInfo | undefined;
  /** Expressions over the row that equal its key, left to right; empty when nothing but the key itself does. */
  readonly keyEquivalents: readonly Expression[];
  /** Columns among them that may name the key of the result. Empty: the key is synthetic. */
  readonly viableKeys: readonly ColumnExpression[];
}

export type ColumnExpression = Extract<Expression, { kind: 'column' }>;

/**
 * A join as it is written: ON holds the two sides of an equality over the slots of the left row and then of the source.
 */
export interface JoinClause {
  readonly type: JoinType;
  readonly source: DataSource;
  readonly alias: string;
  readonly layout: readonly Slot[];
  readonly on: { readonly left: Expression; readonly right: Expression; readonly range: TextRange };
  readonly within?: NonNullable<JoinRelation['within']>;
  readonly range: TextRange;
  /** Dialect 2018: tables may lack a declared key, which then is the text of the column that is joined on. */
  readonly undeclaredKeys: boolean;
}

/** The tree of a FROM clause without joins. */
export function treeOfSource(source: DataSource, alias: string, layout: readonly Slot[]): JoinTree {
  const relation: SourceRelation = { kind: 'source', source, alias, layout };
  const keys = layout.flatMap((slot, index) => (slot.role === 'key' ? [columnAt(layout, index, alias)] : []));
  return {
    relation,
    sources: [{ source, alias, offset: 0, layout }],
    kind: source.kind,
    window: source.window,
    keyFormat: source.keyFormat,
    keyEquivalents: keys.length === 1 ? keys : [],
    viableKeys: [],
  };
}

/**
 * Adds a join to the tree.
 *
 * @throws AnalysisError for joins that ksqlDB does not support, with its wording
 */
export function joinSource(left: JoinTree, clause: JoinClause): JoinTree {
  const sides = orderSides(left, clause);
  const right = treeOfSource(clause.source, clause.alias, clause.layout);
  const join = joinKind(left, right, clause, sides);
  checkWithin(join, clause);
  if (join !== 'foreign-key') {
    checkPartitions(left, clause);
    checkWindows(left, right, clause);
  }
  return join === 'foreign-key'
    ? foreignKeyJoin(left, right, clause, sides)
    : keyedJoin(left, right, clause, sides, join);
}

/**
 * The sides of ON: the one over the row so far, and the one over the source that is being joined, over its own slots.
 */
interface Sides {
  readonly left: Expression;
  readonly right: Expression;
  /** The condition as messages print it: as it is written. */
  readonly text: string;
}

/** @throws AnalysisError when the source is in the FROM clause already */
export function checkNotYetJoined(left: JoinTree, source: DataSource, range: TextRange): void {
  if (!left.sources.some((placed) => placed.source.name === source.name)) return;
  const message =
    left.sources.length === 1
      ? `Can not join '${source.name}' to '${source.name}': self joins are not yet supported.`
      : `N-way joins do not support multiple occurrences of the same source. Source: '${source.name}'.`;
  throw new AnalysisError('self-join', message, { range });
}

function orderSides(left: JoinTree, clause: JoinClause): Sides {
  const { on } = clause;
  const boundary = left.relation.layout.length;
  const first = sourceOf(on.left, left, clause);
  const second = sourceOf(on.right, left, clause);
  if (first === second) {
    const message =
      'Each side of the join must reference exactly one source and not the same source. ' +
      `Left side references ${backQuoted(first)} and right references ${backQuoted(second)}`;
    throw new AnalysisError('join-condition', message, { range: on.range });
  }
  const flipped = first === clause.alias;
  if (!flipped && second !== clause.alias) {
    const message =
      `A join criteria is expected to reference the source (${backQuoted(clause.alias)}) in the FROM clause, instead the right ` +
      `source references ${backQuoted(second)} and the left source references ${backQuoted(first)}`;
    throw new AnalysisError('join-condition', message, { range: on.range });
  }
  const [mine, theirs] = flipped ? [on.right, on.left] : [on.left, on.right];
  return { left: mine, right: shiftColumns(theirs, -boundary), text: `${on.left.text} = ${on.right.text}` };
}

/** The alias of the only source that the side of ON speaks of. */
function sourceOf(side: Expression, left: JoinTree, clause: JoinClause): string {
  const boundary = left.relation.layout.length;
  const aliases = new Set(
    columnsOf(side).map(({ index }) => (index >= boundary ? clause.alias : aliasAt(left, index))),
  );
  if (aliases.size === 1) return [...aliases][0]!;
  const { on } = clause;
  const message =
    `Invalid comparison expression '${side.text}' in join '(${on.left.text} = ${on.right.text})'. ` +
    'Each side of the join comparision must contain references from exactly one source.';
  throw new AnalysisError('join-condition', message, { range: side.range ?? on.range });
}

function aliasAt(tree: JoinTree, index: number): string {
  return tree.sources.find(({ offset, layout }) => index >= offset && index < offset + layout.length)?.alias ?? '';
}

/** What joins are called in messages. */
const JOIN_TEXT: Readonly<Record<JoinType, string>> = {
  INNER: '[INNER] JOIN',
  LEFT: 'LEFT [OUTER] JOIN',
  RIGHT: 'RIGHT [OUTER] JOIN',
  FULL: '[FULL] OUTER JOIN',
};

function joinKind(left: JoinTree, right: JoinTree, clause: JoinClause, sides: Sides): JoinRelation['join'] {
  const fail = (message: string, range = clause.range) => new AnalysisError('unsupported-join', message, { range });
  const leftName = left.sources[0]!.source.name;
  const got = `Got ${leftName} ${JOIN_TEXT[clause.type]} ${clause.source.name}.`;
  if (left.kind === 'STREAM' && right.kind === 'STREAM') return 'stream-stream';
  if (left.kind === 'TABLE' && right.kind === 'STREAM') {
    throw fail(`Invalid join order: table-stream joins are not supported; only stream-table joins. ${got}`);
  }
  const onRightKey = right.keyEquivalents.some((key) => sameExpression(key, sides.right));
  if (left.kind === 'STREAM') {
    if (clause.type === 'FULL')
      throw fail(`Invalid join type: full-outer join not supported for stream-table join. ${got}`);
    if (clause.type === 'RIGHT') throw fail(`Invalid join type encountered: ${JOIN_TEXT.RIGHT}`);
    if (!onRightKey && !undeclaredKey(clause)) {
      const message = `Invalid join condition: stream-table joins require to join on the table's primary key. Got ${sides.text}.`;
      throw fail(message, clause.on.range);
    }
    return 'stream-table';
  }
  if (!onRightKey && !undeclaredKey(clause)) {
    const message =
      'Invalid join condition: table-table joins require to join on the primary key of the right input table. ' +
      `Got ${sides.text}.`;
    throw fail(message, clause.on.range);
  }
  checkTypes(sides, clause);
  if (left.keyEquivalents.some((key) => sameExpression(key, sides.left))) return 'table-table';
  if (left.sources.length > 1) {
    const message =
      'Invalid join condition: foreign-key table-table joins are not supported as part of n-way joins. ' +
      `Got ${sides.text}.`;
    throw fail(message, clause.on.range);
  }
  if (clause.type === 'FULL') {
    throw fail(`Invalid join type: full-outer join not supported for foreign-key table-table join. ${got}`);
  }
  if (clause.type === 'RIGHT') throw fail('RIGHT OUTER JOIN on a foreign key is not supported');
  if (left.window || right.window) throw fail('Foreign-key table-table joins are not supported on windowed tables.');
  return 'foreign-key';
}

function checkTypes(sides: Sides, clause: JoinClause): void {
  if (sameType(sides.left.type, sides.right.type)) return;
  const print = ({ text, type }: Expression) => `${text}{${typeToString(type)}}`;
  const message = `Invalid join condition: types don't match. Got ${print(sides.left)} = ${print(sides.right)}.`;
  throw unlikeJoinKeys(message, sides, clause.on.range, sides.right);
}

function checkWithin(join: JoinRelation['join'], { within, range }: JoinClause): void {
  if (join === 'stream-stream' && !within) {
    const message =
      'Stream-Stream joins must have a WITHIN clause specified. None was provided. ' +
      'To learn about how to specify a WITHIN clause with a stream-stream join, please visit: ' +
      'https://docs.confluent.io/current/ksql/docs/syntax-reference.html#create-stream-as-select';
    throw new AnalysisError('join-without-within', message, { range });
  }
  if (join !== 'stream-stream' && within) {
    const [kinds, that, again] =
      join === 'stream-table' ? ['Stream-Table', 'ie.', 'join'] : ['Table-Table', 'i.e.', 'Table-Table join'];
    const message =
      `A window definition was provided for a ${kinds} join. These joins are not windowed. ` +
      `Please drop the window definition (${that} the WITHIN clause) and try to execute your ${again} again.`;
    throw new AnalysisError('join-with-within', message, { range });
  }
}

function checkPartitions(left: JoinTree, clause: JoinClause): void {
  const first = left.sources[0]!;
  const [mine, theirs] = [first.source.partitions, clause.source.partitions];
  if (mine === undefined || theirs === undefined || mine === theirs) return;
  const [l, r] = [backQuoted(first.alias), backQuoted(clause.alias)];
  const message =
    `Can't join ${l} with ${r} since the number of partitions don't match. ${l} partitions = ${mine}; ${r} partitions = ${theirs}. ` +
    'Please repartition either one so that the number of partitions match.';
  throw new AnalysisError('join-partitions', message, { range: clause.range });
}

function checkWindows(left: JoinTree, right: JoinTree, clause: JoinClause): void {
  const describe = (alias: string, window: WindowInfo | undefined) =>
    `${backQuoted(alias)} is ${window ? `${window.type} windowed` : 'not windowed'}`;
  if (Boolean(left.window) !== Boolean(right.window)) {
    const message =
      'Can not join windowed source to non-windowed source.\n' +
      `${describe(left.sources[0]!.alias, left.window)}\n${describe(clause.alias, right.window)}`;
    throw new AnalysisError('join-windows', message, { range: clause.range });
  }
  if (!left.window || !right.window) return;
  if (WINDOW_TYPES[left.window.type] !== WINDOW_TYPES[right.window.type]) {
    const message =
      `Incompatible windowed sources.\nLeft source: ${left.window.type}\nRight source: ${right.window.type}\n` +
      'Session windowed sources can only be joined to other session windowed sources, and may still not result in ' +
      'expected behaviour as session bounds must be an exact match for the join to work\nHopping and tumbling windowed ' +
      'sources can only be joined to other hopping and tumbling windowed sources';
    throw new AnalysisError('join-windows', message, { range: clause.range });
  }
}

/** Whether ON names the column of a 2018 table that its undeclared key, ROWKEY, is the text of. */
function undeclaredKey({ undeclaredKeys, source }: JoinClause): boolean {
  const keys = keyColumns(source.schema);
  return undeclaredKeys && keys.length === 1 && keys[0]!.name === 'ROWKEY';
}

function foreignKeyJoin(left: JoinTree, right: JoinTree, clause: JoinClause, sides: Sides): JoinTree {
  const width = left.relation.layout.length + clause.layout.length;
  const keys = left.relation.layout.flatMap((slot, index) => (slot.role === 'key' ? [{ slot, index }] : []));
  const relation: JoinRelation = {
    kind: 'join',
    join: 'foreign-key',
    type: clause.type,
    left: left.relation,
    right: right.relation,
    leftKey: sides.left,
    rightKey: sides.right,
    keyFormat: left.keyFormat,
    repartitionLeft: false,
    repartitionRight: false,
    layout: [...left.relation.layout, ...clause.layout, ...keys.map(({ slot }) => slot)],
    resultKind: 'TABLE',
    keySlot: width,
  };
  const alias = left.sources[0]!.alias;
  const keyExpressions = keys.map(({ index }) => columnAt(left.relation.layout, index, alias));
  return {
    relation,
    sources: [...left.sources, placeAfter(left, clause)],
    kind: 'TABLE',
    window: undefined,
    keyFormat: left.keyFormat,
    keyEquivalents: keyExpressions.length === 1 ? keyExpressions : [],
    viableKeys: keyExpressions,
  };
}

function keyedJoin(
  left: JoinTree,
  right: JoinTree,
  clause: JoinClause,
  sides: Sides,
  join: 'stream-stream' | 'stream-table' | 'table-table',
): JoinTree {
  const castLeft = join !== 'stream-stream' && !right.keyEquivalents.some((key) => sameExpression(key, sides.right));
  const leftSide = castLeft ? castTo(sides.left, right.keyEquivalents[0]!.type) : sides.left;
  const rightSide = castLeft ? right.keyEquivalents[0]! : sides.right;
  if (!sameType(leftSide.type, rightSide.type)) {
    const message = `Invalid join. Key types differ: ${typeToString(leftSide.type)} vs ${typeToString(rightSide.type)}`;
    throw unlikeJoinKeys(message, sides, clause.on.range, join === 'stream-stream' ? undefined : sides.right);
  }
  const onLeftKey = left.keyEquivalents.some((key) => sameExpression(key, leftSide));
  const onRightKey = right.keyEquivalents.some((key) => sameExpression(key, rightSide));
  // Sides that are not keyed by ON are written anew, and the right one where only the formats of the keys differ.
  const keyFormat = (onLeftKey ? left.keyFormat : undefined) ?? (onRightKey ? right.keyFormat : undefined);
  const staysRight = onRightKey && sameFormat(keyFormat, right.keyFormat) && sameWindows(left.window, right.window);
  const repartition = { left: !onLeftKey, right: onLeftKey ? !staysRight : !onRightKey };
  // ksqlDB writes both sides anew where the left key has its schema in a registry; keys of windows stay whole in that.
  const keepsWindows = onLeftKey && onRightKey && keyFormat !== undefined && usesRegistry(keyFormat.name);
  if (!keepsWindows && ((repartition.left && left.window) || (repartition.right && right.window))) {
    const message =
      'Implicit repartitioning of windowed sources is not supported. See https://github.com/confluentinc/ksql/issues/4385.';
    throw new AnalysisError('windowed-repartition', message, { range: clause.on.range });
  }
  const boundary = left.relation.layout.length;
  const rightOver = shiftColumns(sides.right, boundary);
  const keyEquivalents = clause.type === 'FULL' ? [] : [...(onLeftKey ? left.keyEquivalents : [sides.left]), rightOver];
  const viableKeys = keyEquivalents.filter(
    (key): key is ColumnExpression => key.kind === 'column' && isOfSource(key, left, boundary),
  );
  const keySlot: Slot = { name: keyName(viableKeys[0], left, clause), type: leftSide.type, role: 'key' };
  const layout = [...left.relation.layout, ...clause.layout, keySlot];
  const relation: JoinRelation = {
    kind: 'join',
    join,
    type: clause.type,
    left: onLeftKey ? withKeyFormat(left.relation, keyFormat) : left.relation,
    right: right.relation,
    leftKey:
      onLeftKey && left.relation.kind === 'join' ? columnAt(left.relation.layout, left.relation.keySlot) : leftSide,
    rightKey: rightSide,
    keyFormat,
    repartitionLeft: repartition.left,
    repartitionRight: repartition.right,
    ...(clause.within ? { within: clause.within } : {}),
    layout,
    resultKind: left.kind,
    keySlot: layout.length - 1,
  };
  return {
    relation,
    sources: [...left.sources, placeAfter(left, clause)],
    kind: left.kind,
    window: left.window,
    keyFormat,
    keyEquivalents,
    viableKeys,
  };
}

/** A join whose sides are both written anew is written as the join that its rows go on to has its keys. */
function withKeyFormat(relation: Relation, keyFormat: FormatInfo | undefined): Relation {
  if (relation.kind === 'source' || relation.keyFormat !== undefined) return relation;
  const left = relation.repartitionLeft ? relation.left : withKeyFormat(relation.left, keyFormat);
  return { ...relation, left, keyFormat };
}

/** Columns of sources can name the key; the key slots of inner joins cannot. */
const isOfSource = (key: ColumnExpression, left: JoinTree, boundary: number): boolean =>
  key.index >= boundary || aliasAt(left, key.index) !== '';

function keyName(viable: ColumnExpression | undefined, left: JoinTree, clause: JoinClause): string {
  const schemas = [...left.sources.map(({ source }) => source.schema), clause.source.schema];
  return viable ? joinedColumnName(viable.source ?? '', viable.name) : syntheticKeyName(schemas);
}

const placeAfter = (left: JoinTree, { source, alias, layout }: JoinClause): PlacedSource => ({
  source,
  alias,
  layout,
  offset: left.relation.layout.length,
});

const sameFormat = (a: FormatInfo | undefined, b: FormatInfo | undefined): boolean =>
  a?.name === b?.name && a?.delimiter === b?.delimiter;

const sameWindows = (a: WindowInfo | undefined, b: WindowInfo | undefined): boolean =>
  a?.type === b?.type && a?.sizeMs === b?.sizeMs;

function columnAt(layout: readonly Slot[], index: number, source?: string): ColumnExpression {
  const { name, type } = layout[index]!;
  const text = source === undefined ? name : `${source}.${name}`;
  return { kind: 'column', index, name, type, text, source };
}

function castTo(operand: Expression, type: SqlType): Expression {
  if (sameType(operand.type, type)) return operand;
  return { kind: 'cast', operand, type, text: `CAST(${operand.text} AS ${typeToString(type)})`, implicit: true };
}
