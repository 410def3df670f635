import { schemaToString } from '../../language/types/schema.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { cutPlan, type SubTopology } from './cut-plan.ts';
import type { LogicalPlan, PlanNode, SourceNode } from './logical-plan.ts';
import { inputsOf } from './plan-inputs.ts';

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
    case 'repartition':
      return 'REPARTITION';
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

/**
 * The steps in the form of Kafka Streams' topology descriptions: each sub-topology with its sources first.
 *
 * @param sinkTopic where the results go; undefined where they go to whoever asked
 */
export function printTopology(plan: LogicalPlan, sinkTopic?: string): string {
  const parts = cutPlan(plan, '').map((part) => {
    const lines = [`   Sub-topology: ${part.index}`];
    printSteps(part.plan.root, part, sinkTopic, lines);
    return `${lines.join('\n')}\n`;
  });
  return `Topologies:\n${parts.join('\n')}`;
}

function printSteps(node: PlanNode, part: SubTopology, sinkTopic: string | undefined, lines: string[], next?: string) {
  const name = stepName(node, part);
  for (const input of inputsOf(node)) printSteps(input, part, sinkTopic, lines, name);
  const sink = next === undefined ? sinkOf(part, sinkTopic) : undefined;
  const stores = 'store' in node && node.store !== undefined ? node.store : '';
  lines.push(
    node.kind === 'source'
      ? `    Source: ${name} (topics: [${topicOf(node, part)}])`
      : `    Processor: ${name} (stores: [${stores}])`,
    `      --> ${next ?? sink?.name ?? 'none'}`,
  );
  if (node.kind !== 'source')
    lines.push(
      `      <-- ${inputsOf(node)
        .map((input) => stepName(input, part))
        .join(', ')}`,
    );
  if (sink !== undefined) lines.push(`    Sink: ${sink.name} (topic: ${sink.topic})`, `      <-- ${name}`);
}

function sinkOf({ writes }: SubTopology, topic: string | undefined): { name: string; topic: string } | undefined {
  if (writes !== undefined) return { name: `${writes.name}-sink`, topic: writes.name };
  return topic === undefined ? undefined : { name: 'Sink', topic };
}

/** Internal topics are known by their names without the application id. */
const topicOf = (node: SourceNode, part: SubTopology): string =>
  part.reads.find(({ source }) => source === node.source)?.name ?? node.source.topic;

function stepName(node: PlanNode, part: SubTopology): string {
  const isInternal = node.kind === 'source' && part.reads.some(({ source }) => source === node.source);
  return isInternal ? `${topicOf(node, part)}-source` : node.context.replaceAll('/', '-');
}
