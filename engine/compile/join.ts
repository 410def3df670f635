import type { SqlValue } from '../../language/types/sql-type.ts';
import { ForeignKeyJoin } from '../operators/foreign-key-join.ts';
import type { Change, Emit, Operator, Row } from '../operators/operator.ts';
import { StreamStreamJoin, type StreamStreamJoinOptions } from '../operators/stream-stream-join.ts';
import { type JoinRow, StreamTableJoin } from '../operators/stream-table-join.ts';
import { type RowLookup, TableLookup, TableSource } from '../operators/table-source.ts';
import { TableTableJoin } from '../operators/table-table-join.ts';
import type { JoinNode, PlanNode } from '../plan/logical-plan.ts';
import { type CompileContext, forEachPartition, SILENT } from './compile-context.ts';
import { generate } from './generate.ts';
import { keyOrder } from './key-order.ts';
import { compileKey } from './select-key.ts';

/** Compiles a join: the operator that fits the kinds of its sides. */
export function compileJoin(node: JoinNode, context: CompileContext): Operator {
  const { relation } = node;
  const { log, stores, orderOf } = context;
  const joinRow = generatedJoiner(node);
  const leftKey = compileKey([relation.leftKey], node.context, log);
  const rightKey = compileKey([relation.rightKey], node.context, log);
  switch (relation.join) {
    case 'stream-stream':
      return compileWindowedJoin(node, relation.within!, { keyOf: [leftKey, rightKey], joinRow }, context);
    case 'stream-table':
      return new StreamTableJoin(leftKey, lookup(node.right, context), joinRow, relation.type === 'LEFT');
    case 'table-table':
      return tableJoin(node, context);
    case 'foreign-key': {
      const join = new ForeignKeyJoin({
        foreignKeyOf: leftKey,
        left: lookup(node.left, context),
        right: lookup(node.right, context),
        subscriptions: stores.open(`${node.store}-subscriptions`, 'scanned'),
        joinRow: rowJoiner(relation.left.layout.length, relation.right.layout.length),
        isLeft: relation.type === 'LEFT',
        orderOf,
      });
      return node.keepsResult ? keepResult(node, join, context) : join;
    }
    default:
      return relation.join satisfies never;
  }
}

/** A join of two streams, whose rows wait for each other as long as the time of their partition allows. */
function compileWindowedJoin(
  { relation, store, context: step }: JoinNode,
  within: NonNullable<JoinNode['relation']['within']>,
  parts: Pick<StreamStreamJoinOptions, 'keyOf' | 'joinRow'>,
  context: CompileContext,
): Operator {
  const orderOf = keyOrder(relation.leftKey.type);
  const keyBytes = () => {
    const sides = [
      { key: relation.leftKey, layout: relation.left.layout },
      { key: relation.rightKey, layout: relation.right.layout },
    ].map(({ key, layout }) => ({
      keyOf: compileKey([key], step, SILENT),
      joinsByKey: key.kind === 'column' && layout[key.index]?.role === 'key',
    }));
    return ({ after, key }: Change, input: number) => {
      const { keyOf, joinsByKey } = sides[input]!;
      // A record without a value moves time on in the partition of its key.
      const joinKey = after !== null ? keyOf(after) : joinsByKey ? key : null;
      return joinKey === null ? undefined : orderOf(joinKey);
    };
  };
  return forEachPartition(
    context,
    store,
    keyBytes,
    (suffix) =>
      new StreamStreamJoin({
        ...parts,
        type: relation.type,
        beforeMs: within.beforeMs,
        afterMs: within.afterMs,
        graceMs: within.graceMs,
        orderOf,
        openStore: (name) => context.stores.open(`${store}${suffix}-${name}`),
        openRows: (name) => context.stores.openRows(`${store}${suffix}-${name}`),
      }),
  );
}

function tableJoin({ relation, left, right }: JoinNode, context: CompileContext): TableTableJoin {
  const joinRow = rowJoiner(relation.left.layout.length, relation.right.layout.length);
  return new TableTableJoin(relation.type, lookup(left, context), lookup(right, context), joinRow);
}

/** Finds the present rows of a side that is a table; those of a join are joined when they are looked for. */
function lookup(side: PlanNode, context: CompileContext): RowLookup {
  if (side.kind === 'source') return new TableLookup(context.stores.open(side.store!));
  if (side.kind === 'join')
    return side.keepsResult ? new TableLookup(resultStore(side, context)) : tableJoin(side, context);
  throw new TypeError(`A ${side.kind} step cannot be a side of a join`);
}

const resultStore = ({ store }: JoinNode, { stores }: CompileContext) => stores.open(`${store}-result`);

/** Keeps the joined rows, so that each change of them is known with the row before. */
function keepResult(node: JoinNode, join: Operator, context: CompileContext): Operator {
  const table = new TableSource(resultStore(node, context));
  return {
    process(change: Change, input: number, emit: Emit): void {
      join.process(change, input, (joined) => table.process(joined, 0, emit));
    },
  };
}

/** Puts joined rows together in an array of their final length. */
function rowJoiner(leftWidth: number, rightWidth: number): JoinRow {
  return (left: Row | null, right: Row | null, key: Row): Row => {
    const row = new Array<SqlValue>(leftWidth + rightWidth + key.length);
    for (let i = 0; i < leftWidth; i++) row[i] = left === null ? null : left[i]!;
    for (let i = 0; i < rightWidth; i++) row[leftWidth + i] = right === null ? null : right[i]!;
    for (let i = 0; i < key.length; i++) row[leftWidth + rightWidth + i] = key[i]!;
    return row;
  };
}

/**
 * {@link rowJoiner} for keys of one column as generated code: the slots one by one, without those that nobody reads and
 * that are empty. A side that comes from a topic has its key behind the slots that are joined.
 */
function generatedJoiner({ left, right, relation }: JoinNode): JoinRow {
  const slots = (side: PlanNode, row: 'l' | 'r') =>
    relation[row === 'l' ? 'left' : 'right'].layout.map(({ role }, i) =>
      side.kind === 'source' && side.needed[i] === false && role === 'value' ? 'null' : `${row}[${i}]`,
    );
  const nulls = (side: 'left' | 'right') => relation[side].layout.map(() => 'null');
  const joined = (parts: readonly string[]) => `[${[...parts, 'k[0]'].join(', ')}]`;
  const [ofLeft, ofRight] = [slots(left, 'l'), slots(right, 'r')];
  return generate<JoinRow>(
    `return (l, r, k) =>
      l === null ? ${joined([...nulls('left'), ...ofRight])}
      : r === null ? ${joined([...ofLeft, ...nulls('right')])}
      : ${joined([...ofLeft, ...ofRight])};`,
    [],
    [],
  );
}
