import type { DataSource } from '../../../../language/metastore/metastore.ts';
import { keyColumns } from '../../../../language/types/schema.ts';
import type { SqlValue } from '../../../../language/types/sql-type.ts';
import { compileExpression, compilePredicate } from '../../../compile/expression.ts';
import type { PipelineAggregate } from '../../../compile/pipeline.ts';
import type { QueryProcessingLog } from '../../monitoring/processing-log.ts';
import {
  decoderContexts,
  decodersOf,
  type RecordDecoders,
  type RecordDecodersOptions,
} from '../../records/record-decoders.ts';
import { RowSlots } from '../../records/row-slots.ts';
import { DecodedKey } from '../key-passage.ts';
import { slotsOf, valuesOf } from '../make-straight-query.ts';
import { JsonValues, type Values } from '../values.ts';
import type { AggregatePlan } from './aggregate-plan.ts';
import { type GroupKeys, GroupsByRecordKey, GroupsByToken, MadeGroups } from './group-keys.ts';
import { type RecordKey, UnreadKey } from './record-key.ts';
import { StraightAggregate } from './straight-aggregate.ts';

export interface StraightAggregateOptions extends RecordDecodersOptions {
  readonly plan: AggregatePlan;
  readonly aggregate: PipelineAggregate;
  readonly log: QueryProcessingLog;
}

/** The short way of a query that groups records. @throws SerdeError when a format cannot carry the source's schema */
export async function makeStraightAggregate(options: StraightAggregateOptions): Promise<StraightAggregate> {
  const { plan, layout, source, aggregate, log } = options;
  const contexts = decoderContexts(options);
  const decoders = await decodersOf(source, contexts);
  const row = new Array<SqlValue>(plan.source.layout.length).fill(null);
  const values = valuesOf(contexts.value, decoders.value, row);
  const failures = { any: false };
  const onError = () => {
    failures.any = true;
  };
  const found = foundGroups(plan, source, values, aggregate);
  const { grouping, aggregates } = plan.node;
  const args = aggregates.flatMap((call) => call.args);
  const first = slotsOf(plan.predicates);
  const then = slotsOf(found === undefined ? [...grouping.keys, ...args] : args);
  const read = new Set([...first, ...then]);
  const besides = [...read].some((slot) => layout[slot]!.role !== 'value' && layout[slot]!.role !== 'rowtime');
  return new StraightAggregate(
    {
      topic: source.topic,
      row,
      values,
      key: recordKey(
        source,
        decoders,
        [...read].some((slot) => layout[slot]!.role === 'key'),
      ),
      slots: besides ? new RowSlots(layout) : undefined,
      timeSlot: [...read].find((slot) => layout[slot]!.role === 'rowtime') ?? -1,
      predicates: plan.predicates.map((predicate) => compilePredicate(predicate, onError)),
      groups:
        found ??
        new MadeGroups(
          row,
          grouping.keys.map((key) => compileExpression(key, onError)),
          aggregate.partOf,
        ),
      args: args.map((argument) => compileExpression(argument, onError)),
      read: { first: values.wanted(first), then: values.wanted([...then].filter((slot) => !first.has(slot))) },
      failures,
      emit: aggregate.emit,
    },
    log,
  );
}

/** Groups that are found by bytes of the records; undefined where their keys have to be made. */
function foundGroups(
  { node, source: { layout } }: AggregatePlan,
  { schema, keyFormat }: DataSource,
  values: Values,
  { partOf }: PipelineAggregate,
): GroupKeys | undefined {
  const [key, ...others] = node.grouping.keys;
  if (key?.kind !== 'column' || others.length > 0) return undefined;
  const { role } = layout[key.index]!;
  if (role === 'key' && keyColumns(schema).length === 1 && keyFormat.name === 'KAFKA')
    return GroupsByRecordKey.of(key.type, partOf);
  if (role !== 'value' || !(values instanceof JsonValues)) return undefined;
  return GroupsByToken.of(key.type, values.tokens, values.wanted([key.index]).columns[0]!, partOf);
}

/** @param isRead whether an expression reads the key's values */
function recordKey({ schema, keyFormat }: DataSource, decoders: RecordDecoders, isRead: boolean): RecordKey {
  const columns = keyColumns(schema);
  const isPlain = !isRead && columns.length === 1 && keyFormat.name === 'KAFKA';
  return (isPlain ? UnreadKey.of(columns[0]!.type) : undefined) ?? new DecodedKey(decoders.key, columns.length);
}
