import type { Expression } from '../../../../language/binding/expression.ts';
import type { DataSource } from '../../../../language/metastore/metastore.ts';
import { keyColumns } from '../../../../language/types/schema.ts';
import { compileExpression } from '../../../compile/expression.ts';
import type { PipelineAggregate } from '../../../compile/pipeline.ts';
import type { QueryProcessingLog } from '../../monitoring/processing-log.ts';
import type { RecordDecodersOptions } from '../../records/record-decoders.ts';
import { DecodedKey, plainKeyType, type RecordKey, UnreadKey } from '../key-passage.ts';
import { readsKey, SourceRow, slotsOf, sourceParts } from '../source-row.ts';
import { JsonValues, type Values } from '../values.ts';
import type { AggregatePlan } from './aggregate-plan.ts';
import { type GroupKeys, GroupsByRecordKey, GroupsByToken, MadeGroups } from './group-keys.ts';
import { StraightAggregate } from './straight-aggregate.ts';

export interface StraightAggregateOptions extends RecordDecodersOptions {
  readonly plan: AggregatePlan;
  readonly aggregate: PipelineAggregate;
  readonly log: QueryProcessingLog;
}

/** The short way of a query that groups records. @throws SerdeError when a format cannot carry the source's schema */
export async function makeStraightAggregate(options: StraightAggregateOptions): Promise<StraightAggregate> {
  const { plan, source, aggregate, log } = options;
  const parts = await sourceParts(options, plan.source.layout.length);
  const { row, values, decoders, onError } = parts;
  const found = foundGroups(plan, source, values, aggregate);
  const { grouping, aggregates } = plan.node;
  const args = aggregates.flatMap((call) => call.args);
  const read = {
    first: slotsOf(plan.predicates),
    then: slotsOf(found === undefined ? [...grouping.keys, ...args] : args),
  };
  const plainKey = readsKey(parts, read) ? undefined : plainKeyType(source);
  const key: RecordKey =
    (plainKey && UnreadKey.of(plainKey)) ?? new DecodedKey(decoders.key, keyColumns(source.schema).length);
  const compiled = (expression: Expression) => compileExpression(expression, onError);
  return new StraightAggregate(
    {
      topic: source.topic,
      source: new SourceRow(parts, key, plan.predicates, read),
      groups: found ?? new MadeGroups(row, grouping.keys.map(compiled), aggregate.partOf),
      args: args.map(compiled),
      emit: aggregate.emit,
    },
    log,
  );
}

/** Groups that are found by bytes of the records; undefined where their keys have to be made. */
function foundGroups(
  { node, source: { layout } }: AggregatePlan,
  source: DataSource,
  values: Values,
  { partOf }: PipelineAggregate,
): GroupKeys | undefined {
  const [key, ...others] = node.grouping.keys;
  if (key?.kind !== 'column' || others.length > 0) return undefined;
  const { role } = layout[key.index]!;
  if (role === 'key' && plainKeyType(source) !== undefined) return GroupsByRecordKey.of(key.type, partOf);
  if (role !== 'value' || !(values instanceof JsonValues)) return undefined;
  return GroupsByToken.of(key.type, values.tokens, values.wanted([key.index]).columns[0]!, partOf);
}
