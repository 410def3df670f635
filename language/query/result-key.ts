import type { Expression } from '../binding/expression.ts';
import { sameExpression } from '../binding/expression-tree.ts';
import type { Dialect } from '../parser/parse-options.ts';
import type { SelectItem } from './analyzed.ts';
import { joinedColumnName } from './column-names.ts';
import type { JoinTree } from './join-planning.ts';
import type { KeyPart, ResultKey } from './projection.ts';

/**
 * The key of a result that is neither grouped nor partitioned anew: the key columns of its only source, or what the
 * last join is keyed by.
 */
export function keyOfRelation(tree: JoinTree, items: readonly SelectItem[], dialect: Dialect): ResultKey {
  const { relation } = tree;
  if (relation.kind === 'source') {
    const parts = relation.layout.flatMap((slot, index): readonly KeyPart[] => {
      if (slot.role !== 'key') return [];
      const { name, type } = slot;
      const column: Expression = { kind: 'column', index, name, type, text: name, source: relation.alias };
      return [{ matches: [column], texts: [name], slot: column, name }];
    });
    return { term: 'key column', parts };
  }
  const keySlots = relation.layout.slice(relation.keySlot);
  const slots = keySlots.map(
    ({ name, type }, i): Expression => ({ kind: 'column', index: relation.keySlot + i, name, type, text: name }),
  );
  if (relation.join === 'foreign-key') {
    const parts = tree.viableKeys.map(
      (column, i): KeyPart => ({
        matches: [column],
        texts: [column.name],
        slot: slots[i]!,
        name: joinedColumnName(column.source ?? '', column.name),
      }),
    );
    return { term: 'join expression', parts, foreignKeyTable: tree.sources[0]!.alias };
  }
  const [slot] = slots as [Expression];
  if (tree.viableKeys.length === 0) {
    const implicitName = dialect === '2018' ? 'ROWKEY' : slot.text;
    return {
      term: 'join expression',
      parts: [{ matches: [slot], texts: [slot.text], slot, name: implicitName }],
      synthetic: true,
    };
  }
  const matches = tree.viableKeys;
  const selected = matches.find((match) => items.some((item) => sameExpression(item.expression, match))) ?? matches[0]!;
  const name = dialect === '2018' ? 'ROWKEY' : joinedColumnName(selected.source ?? '', selected.name);
  return { term: 'join expression', parts: [{ matches, texts: matches.map(({ text }) => text), slot, name }] };
}
