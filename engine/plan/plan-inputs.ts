import type { PlanNode } from './logical-plan.ts';

/** The steps that feed a step. */
export function inputsOf(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'source':
      return [];
    case 'join':
      return [node.left, node.right];
    case 'filter':
    case 'flat-map':
    case 'select-key':
    case 'aggregate':
    case 'project':
    case 'repartition':
      return [node.input];
    default:
      return node satisfies never;
  }
}
