import type { FormatInfo } from '../../../language/metastore/metastore.ts';
import { formatProblem, keyFormatFor } from '../../../language/settings/formats.ts';
import type { Column, Slot } from '../../../language/types/schema.ts';
import type { Row } from '../../operators/operator.ts';
import type { LogicalPlan, PlanNode } from '../../plan/logical-plan.ts';
import { FORMATS } from '../../serde/formats.ts';

/**
 * The bytes of the keys in a query's state, as text of one character a byte: Kafka Streams keeps the rows of a
 * partition in their order. A windowed aggregation has its groups as keys, a foreign-key join the keys of its left
 * side; undefined for other queries, whose state nothing reads in order, and for formats whose bytes depend on a schema
 * registry.
 *
 * ksqlDB writes them in the key format of the source, whatever the format of the sink is, and in JSON where that format
 * cannot carry them.
 */
export async function internalKeyOrder(plan: LogicalPlan): Promise<((key: Row) => string) | undefined> {
  const slots = orderedKey(plan.root);
  const source = plan.sources[0]?.source;
  if (slots === undefined || source === undefined) return undefined;
  const columns = slots.map(({ name, type }): Column => ({ name, type, namespace: 'key' }));
  const format = carrying(source.keyFormat, columns);
  if (format.name !== 'KAFKA' && format.name !== 'JSON' && format.name !== 'DELIMITED') return undefined;
  const encoder = await FORMATS[format.name].createEncoder({
    topic: source.topic,
    isKey: true,
    format: keyFormatFor(format, columns),
    columns: columns.map(({ name, type }, slot) => ({ name, type, slot })),
  });
  return (key) => bytesText(encoder.encode(key));
}

/** Bytes as text of one character a byte. */
export const bytesText = (bytes: Uint8Array | null): string =>
  bytes === null ? '' : Buffer.from(bytes).toString('latin1');

function carrying(format: FormatInfo, columns: readonly Column[]): FormatInfo {
  return formatProblem(format, columns, 'Key') === undefined ? format : { name: 'JSON' };
}

/** The key columns of the step whose state is read in order. */
function orderedKey(node: PlanNode): readonly Slot[] | undefined {
  switch (node.kind) {
    case 'source':
      return undefined;
    case 'join':
      return node.relation.join === 'foreign-key' ? keySlots(node.left.layout) : orderedKey(node.left);
    case 'aggregate':
      return node.window === undefined ? orderedKey(node.input) : keySlots(node.layout);
    case 'filter':
    case 'flat-map':
    case 'select-key':
    case 'project':
    case 'repartition':
      return orderedKey(node.input);
    default:
      return node satisfies never;
  }
}

const keySlots = (layout: readonly Slot[]) => layout.filter(({ role }) => role === 'key');
