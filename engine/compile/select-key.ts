import type { Expression } from '../../language/binding/expression.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import type { ProcessingLog, Row } from '../operators/operator.ts';
import { type NullRowKey, SelectKey } from '../operators/select-key.ts';
import { markColumns } from '../plan/column-usage.ts';
import type { SelectKeyNode } from '../plan/logical-plan.ts';
import { compileExpression } from './expression.ts';

/** Compiles PARTITION BY. */
export function compileSelectKey(node: SelectKeyNode, log: ProcessingLog): SelectKey {
  if (node.keys.length === 0)
    return new SelectKey(
      () => null,
      () => null,
    );
  return new SelectKey(compileKey(node.keys, node.context, log), nullRowKey(node, log));
}

/** The values of key expressions for a row; one that fails is NULL, and the processing log is told. */
export function compileKey(keys: readonly Expression[], context: string, log: ProcessingLog): (row: Row) => Row {
  const parts = keys.map((key) =>
    compileExpression(key, (cause, row) =>
      log.recordProcessingError(context, `Error computing new key from expression ${key.text}`, cause, row),
    ),
  );
  const [first] = parts;
  return parts.length === 1 ? (row) => [first!(row)] : (row) => parts.map((part) => part(row));
}

/**
 * A null row has nothing but its old key: parts that are made of key columns alone still have a value, all others are
 * NULL.
 */
export function nullRowKey(node: Pick<SelectKeyNode, 'context' | 'input' | 'keys'>, log: ProcessingLog): NullRowKey {
  const { layout } = node.input;
  const firstKey = layout.findIndex((slot) => slot.role === 'key');
  const known = node.keys.map((key) => {
    const slots = new Set<number>();
    markColumns(key, slots);
    return [...slots].every((slot) => layout[slot]?.role === 'key');
  });
  const partsOf = compileKey(
    node.keys.filter((_, i) => known[i]),
    node.context,
    log,
  );
  return (key) => {
    const row = new Array<SqlValue>(layout.length).fill(null);
    if (key !== null) for (let i = 0; i < key.length; i++) row[firstKey + i] = key[i]!;
    const parts = partsOf(row);
    let next = 0;
    return known.map((isKnown) => (isKnown ? parts[next++]! : null));
  };
}
