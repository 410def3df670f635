import { groupingTopic, isRepartitioned } from './grouping-topic.ts';
import { type JoinSide, joinTopic, repartitionedSides } from './join-topic.ts';
import type { AggregateNode, JoinNode, LogicalPlan, PlanNode, RepartitionNode, SourceNode } from './logical-plan.ts';
import { inputsOf } from './plan-inputs.ts';
import type { RepartitionTopic } from './repartition-topic.ts';

export type { RepartitionTopic } from './repartition-topic.ts';

/** A part of a plan whose tasks can be done apart, one for each partition of what it reads. */
export interface SubTopology {
  /** Its place in the list. Its tasks are called by it and their partition: `0_1`. */
  readonly index: number;
  /** What its tasks compile; its sources may be repartition topics. */
  readonly plan: LogicalPlan;
  /** The repartition topics among its sources. */
  readonly reads: readonly RepartitionTopic[];
  /** Where its results go; undefined for the sink of the query. */
  readonly writes: RepartitionTopic | undefined;
  /**
   * One task has all partitions: foreign-key joins, whose sides are spread by different keys, and joins that spread
   * windows anew.
   */
  readonly isWhole: boolean;
}

/**
 * Cuts a plan at the topics that spread its rows anew, into parts that can be done apart, as Kafka Streams does and
 * with its numbers: by the order in which ksqlDB makes their first sources. Kafka Streams also cuts a foreign-key join
 * in two; here it stays one.
 *
 * @param applicationId what the names of internal topics begin with
 */
export function cutPlan(plan: LogicalPlan, applicationId: string): readonly SubTopology[] {
  if (spreadsWindows(plan.root)) return [{ index: 0, plan, reads: [], writes: undefined, isWhole: true }];
  return new PlanCutter(plan, applicationId).cut();
}

/**
 * How many partitions the repartition topics have, by their full names, as Kafka Streams decides it: as many as what is
 * joined with them, or else as what their rows come from.
 *
 * @param partitionsOf those of the topics that are there
 */
export function repartitionCounts(
  parts: readonly SubTopology[],
  partitionsOf: (topic: string) => number,
): ReadonlyMap<string, number> {
  const internal = new Map(parts.flatMap(({ reads }) => reads).map((topic) => [topic.source.topic, topic]));
  const writerOf = (topic: string) => parts.find(({ writes }) => writes?.source.topic === topic)!;
  const readerOf = (topic: string) => parts.find(({ reads }) => reads.some(({ source }) => source.topic === topic))!;
  const ofPart = (part: SubTopology): number => Math.max(...topicsOf(part).map(ofTopic));
  const ofTopic = (topic: string): number => {
    if (!internal.has(topic)) return partitionsOf(topic);
    const joined = topicsOf(readerOf(topic));
    const given = joined.filter((each) => !internal.has(each));
    return given.length > 0
      ? Math.max(...given.map(partitionsOf))
      : Math.max(...joined.map((each) => ofPart(writerOf(each))));
  };
  return new Map([...internal.keys()].map((topic) => [topic, ofTopic(topic)]));
}

const topicsOf = ({ plan }: SubTopology): readonly string[] => plan.sources.map(({ source }) => source.topic);

/** A sub-topology while it is being made. */
class Part {
  readonly sources: SourceNode[] = [];
  readonly reads: RepartitionTopic[] = [];
  /** How many sources of the plan were made before its first. */
  order = Number.POSITIVE_INFINITY;
  /** All columns of its sources are read, since the topic that it writes has them all. */
  readonly needsAll: boolean;

  constructor(needsAll: boolean) {
    this.needsAll = needsAll;
  }
}

class PlanCutter {
  readonly #plan: LogicalPlan;
  readonly #applicationId: string;
  readonly #done: {
    readonly part: Part;
    readonly plan: LogicalPlan;
    readonly writes: RepartitionTopic | undefined;
  }[] = [];
  #sourceCount = 0;

  constructor(plan: LogicalPlan, applicationId: string) {
    this.#plan = plan;
    this.#applicationId = applicationId;
  }

  cut(): readonly SubTopology[] {
    const last = new Part(false);
    const root = { ...this.#plan.root, input: this.#node(this.#plan.root.input, last) };
    const plan = { ...this.#plan, root, sources: last.sources, repartitions: [] };
    this.#done.push({ part: last, plan, writes: undefined });
    return this.#done
      .sort((a, b) => a.part.order - b.part.order)
      .map(({ part, plan, writes }, index) => ({
        index,
        plan,
        reads: part.reads,
        writes,
        isWhole: joinsByForeignKey(plan.root),
      }));
  }

  #node(node: PlanNode, part: Part): PlanNode {
    switch (node.kind) {
      case 'source':
        return this.#source(part.needsAll ? { ...node, needed: node.needed.map(() => true) } : node, part);
      case 'join':
        return this.#join(node, part);
      case 'aggregate':
        return isRepartitioned(node) ? this.#aggregate(node, part) : { ...node, input: this.#node(node.input, part) };
      case 'filter':
      case 'flat-map':
      case 'select-key':
      case 'project':
      case 'repartition':
        return { ...node, input: this.#node(node.input, part) };
      default:
        return node satisfies never;
    }
  }

  #source(node: SourceNode, part: Part): SourceNode {
    part.order = Math.min(part.order, this.#sourceCount++);
    part.sources.push(node);
    return node;
  }

  #aggregate(node: AggregateNode, part: Part): AggregateNode {
    const { topic, repartition, source, aggregates, keys } = groupingTopic(node, this.#applicationId);
    this.#before(repartition, topic, new Part(false));
    part.reads.push(topic);
    const grouping = { ...node.grouping, keys, aggregates };
    return { ...node, input: this.#source(source, part), grouping, aggregates };
  }

  /** ksqlDB makes the table of a stream before the stream, and the topics of a join after both of its sides. */
  #join(node: JoinNode, part: Part): JoinNode {
    const { relation } = node;
    const sides = { left: node.left, right: node.right };
    const keys = { left: relation.leftKey, right: relation.rightKey };
    const repartitioned = repartitionedSides(node);
    const passages = new Map(repartitioned.map((side) => [side, joinTopic(node, side, this.#applicationId)]));
    const inOrder: readonly JoinSide[] = relation.join === 'stream-table' ? ['right', 'left'] : ['left', 'right'];
    for (const side of inOrder) {
      const passage = passages.get(side);
      if (passage === undefined) sides[side] = this.#node(node[side], part);
      else this.#before(passage.repartition, passage.topic, new Part(true));
    }
    for (const [side, { topic, source, key }] of passages) {
      part.reads.push(topic);
      sides[side] = this.#node(source, part);
      keys[side] = key;
    }
    return { ...node, ...sides, relation: { ...relation, leftKey: keys.left, rightKey: keys.right } };
  }

  /** Cuts what comes before a topic off, as a part of its own. */
  #before(repartition: RepartitionNode, topic: RepartitionTopic, part: Part): void {
    const root = { ...repartition, input: this.#node(repartition.input, part) };
    const { schema } = topic.source;
    const output = { kind: 'STREAM', schema, columns: repartition.columns } as const;
    const plan = { root, sources: part.sources, output, persistent: this.#plan.persistent, repartitions: [] };
    this.#done.push({ part, plan, writes: topic });
  }
}

/** ksqlDB spreads both sides of a join of windows anew where the schemas of their keys stand in a registry. */
function spreadsWindows(node: PlanNode): boolean {
  const isSo =
    node.kind === 'join' &&
    repartitionedSides(node).some((side) => node[side].layout.some(({ role }) => role === 'windowstart'));
  return isSo || inputsOf(node).some(spreadsWindows);
}

function joinsByForeignKey(node: PlanNode): boolean {
  return (node.kind === 'join' && node.relation.join === 'foreign-key') || inputsOf(node).some(joinsByForeignKey);
}
