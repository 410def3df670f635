import type { LogicalPlan, PlanNode } from './logical-plan.ts';
import { inputsOf } from './plan-printer.ts';

/** ksqlDB's names of the steps that may not change at all. */
const FIXED: Readonly<Record<string, string>> = { join: 'StreamTableJoin', 'flat-map': 'StreamFlatMap' };

/**
 * Why a query cannot take the place of a running one with its state, or undefined where it can: filters and projections may come,
 * go and change; sources, keys and aggregates must stay (execution-semantics §14.2).
 */
export function upgradeProblem(running: LogicalPlan, replacement: LogicalPlan): string | undefined {
  const [before, after] = [enforcedSteps(running.root), enforcedSteps(replacement.root)];
  const fixed = before.find(
    (node) =>
      node.kind in FIXED || (node.kind === 'aggregate' && (node.window !== undefined || node.input.output === 'TABLE')),
  );
  if (fixed !== undefined) return `Upgrades not yet supported for ${FIXED[fixed.kind] ?? 'StreamWindowedAggregate'}`;
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [old, next] = [before[i], after[i]];
    if (old === undefined)
      return `Query is not upgradeable. Cannot add a ${nameOf(next!)} step that is not in the original query plan.`;
    if (next === undefined)
      return `Query is not upgradeable. Cannot remove the ${nameOf(old)} step of the original query plan.`;
    if (old.kind !== next.kind) {
      if (next.kind === 'join') return 'Query is not upgradeable. Cannot change a non-join source into a join source.';
      return `Query is not upgradeable. Plan step ${nameOf(old)} cannot become ${nameOf(next)}.`;
    }
    const difference = differenceOf(old, next);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** The steps that hold state or decide keys, last first. */
function enforcedSteps(node: PlanNode): readonly PlanNode[] {
  const inputs = inputsOf(node).flatMap(enforcedSteps);
  return node.kind === 'filter' || node.kind === 'project' ? inputs : [node, ...inputs];
}

const nameOf = (node: PlanNode): string =>
  ({
    source: 'Source',
    'select-key': 'SelectKey',
    aggregate: 'StreamAggregate',
    join: 'Join',
    'flat-map': 'FlatMap',
    filter: 'Filter',
    project: 'Select',
  })[node.kind];

function differenceOf(old: PlanNode, next: PlanNode): string | undefined {
  const mustMatch = (property: string, a: string, b: string) =>
    a === b
      ? undefined
      : `Query is not upgradeable. Plan step of type ${nameOf(old)} must have matching ${property}. Values differ: '${a}' vs. '${b}'`;
  if (old.kind === 'source' && next.kind === 'source') return mustMatch('topic', old.source.topic, next.source.topic);
  if (old.kind === 'select-key' && next.kind === 'select-key') {
    return mustMatch(
      'keyExpressions',
      old.keys.map(({ text }) => text).join(', '),
      next.keys.map(({ text }) => text).join(', '),
    );
  }
  if (old.kind === 'aggregate' && next.kind === 'aggregate') {
    if (next.window !== undefined) return 'Upgrades not yet supported for StreamWindowedAggregate';
    return (
      mustMatch('having', old.grouping.having?.text ?? '', next.grouping.having?.text ?? '') ??
      mustMatch(
        'groupByExpressions',
        old.grouping.keys.map(({ text }) => text).join(', '),
        next.grouping.keys.map(({ text }) => text).join(', '),
      ) ??
      mustMatch(
        'aggregationFunctions',
        old.aggregates.map(({ text }) => text).join(', '),
        next.aggregates.map(({ text }) => text).join(', '),
      )
    );
  }
  return undefined;
}
