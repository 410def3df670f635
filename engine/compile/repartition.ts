import type { Operator, ProcessingLog, Row } from '../operators/operator.ts';
import { StreamRepartition, TableRepartition } from '../operators/repartition.ts';
import type { RepartitionNode } from '../plan/logical-plan.ts';
import { compileGroup } from './aggregate.ts';
import { compileProjection } from './expression.ts';
import { compileKey, nullRowKey } from './select-key.ts';

/** Compiles what gives rows their new key before they go through a topic. */
export function compileRepartition(node: RepartitionNode, log: ProcessingLog): Operator {
  const select = compileColumns(node, log);
  if (node.isGrouping) {
    const keyOf = compileGroup({ grouping: node }, log);
    return node.output === 'TABLE' ? new TableRepartition({ keyOf, select }) : new StreamRepartition({ keyOf, select });
  }
  const keyOf = compileKey(node.keys, node.context, log);
  const keyOfNullRow = nullRowKey(node, log);
  return new StreamRepartition({
    keyOf: (row) => known(keyOf(row)),
    keyOfNullRow: (key) => known(keyOfNullRow(key)),
    select,
  });
}

/** A row that has nothing to be joined by goes to any partition. */
const known = (key: Row | null): Row | null => (key === null || key[0] === null ? null : key);

/** Parts of the key stand behind the columns that are computed. */
function compileColumns({ columns, context }: RepartitionNode, log: ProcessingLog): (row: Row, key: Row | null) => Row {
  const computed = columns.filter(({ keyIndex }) => keyIndex === undefined);
  const parts = columns.flatMap(({ keyIndex }) => keyIndex ?? []);
  const select = compileProjection(
    computed.map(({ expression }) => expression),
    (index, cause, row) => {
      const { name, expression } = computed[index]!;
      const message = `Error computing expression ${expression.text} for column ${name} with index ${index}`;
      log.recordProcessingError(context, message, cause, row);
    },
  );
  if (parts.length === 0) return select;
  return (row, key) => {
    const selected = select(row);
    for (const part of parts) selected.push(key?.[part] ?? null);
    return selected;
  };
}
