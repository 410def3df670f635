import type { JoinRelation } from '../../language/query/analyzed.ts';
import { windowTimes } from '../../language/query/window-clauses.ts';
import type { LogicalPlan, PlanNode } from './logical-plan.ts';
import { inputsOf } from './plan-inputs.ts';

/** A store that ksqlDB has, too, and after which it names a changelog topic. */
export interface PrincipalStore {
  readonly name: string;
  /** How long its windows are kept; absent where it has none. */
  readonly retentionMs?: number | undefined;
}

/**
 * The stores of a plan that have changelog topics, from its result to its sources. The names of what else a step keeps
 * begin with its store's name; what the result keeps goes with the first.
 */
export function principalStores({ root }: LogicalPlan): readonly PrincipalStore[] {
  return [...storesOf(root)];
}

function* storesOf(node: PlanNode): Iterable<PrincipalStore> {
  if (node.kind === 'source' && node.store !== undefined) yield { name: node.store };
  if (node.kind === 'aggregate')
    yield { name: node.store, retentionMs: node.window && windowTimes(node.window, node.final).retentionMs };
  if (node.kind === 'join' && (node.relation.join === 'stream-stream' || node.relation.join === 'foreign-key'))
    yield { name: node.store, retentionMs: joinRetentionMs(node.relation.within) };
  for (const input of inputsOf(node)) yield* storesOf(input);
}

/** Kafka Streams' grace period of a join that names none; a little less counts. */
const DEFAULT_GRACE_MS = 24 * 3600 * 1000;

const joinRetentionMs = (within: JoinRelation['within']): number | undefined =>
  within && within.beforeMs + within.afterMs + (within.graceMs ?? DEFAULT_GRACE_MS);
