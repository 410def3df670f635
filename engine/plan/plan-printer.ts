import { schemaToString } from '../../language/types/schema.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import type { LogicalPlan, PlanNode } from './logical-plan.ts';

/** The plan as EXPLAIN prints it: the last step first, its inputs indented below. */
export function printPlan(plan: LogicalPlan): string {
  const lines: string[] = [];
  print(plan.root, 0, lines);
  return `${lines.join('\n')}\n`;
}

function print(node: PlanNode, depth: number, lines: string[]): void {
  const indent = ' '.repeat(depth * 2);
  lines.push(
    `${indent}> [ ${title(node)} ] | Schema: ${layoutText(node)} | Logger: ${node.context.replaceAll('/', '.')}`,
  );
  for (const input of inputsOf(node)) print(input, depth + 1, lines);
}

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
      return [node.input];
    default:
      return node satisfies never;
  }
}

function title(node: PlanNode): string {
  switch (node.kind) {
    case 'source':
      return 'SOURCE';
    case 'filter':
      return 'FILTER';
    case 'flat-map':
      return 'FLAT_MAP';
    case 'select-key':
      return 'REKEY';
    case 'join':
      return 'JOIN';
    case 'aggregate':
      return 'AGGREGATE';
    case 'project':
      return 'PROJECT';
    default:
      return node satisfies never;
  }
}

function layoutText(node: PlanNode): string {
  if (node.kind === 'source') return schemaToString(node.source.schema);
  return node.layout
    .filter((slot) => slot.role === 'value' || slot.role === 'key')
    .map((slot) => `\`${slot.name}\` ${typeToString(slot.type)}${slot.role === 'key' ? ' KEY' : ''}`)
    .join(', ');
}

/** The steps in the form of Kafka Streams' topology descriptions, sources first. */
export function printTopology(plan: LogicalPlan): string {
  const lines = ['Topologies:', '   Sub-topology: 0'];
  for (const { context, source } of plan.sources)
    lines.push(`    Source: ${context.replaceAll('/', '-')} (topics: [${source.topic}])`);
  for (const topic of plan.repartitions) lines.push(`    Repartition: ${topic}`);
  return `${lines.join('\n')}\n`;
}
