import type { ListTopics } from '../../../language/generated/ast.ts';
import type { TopicInfo, TopicInfoExtended } from '../../api/protocol.ts';
import type { EngineServices } from '../../runtime/engine-services.ts';
import { matchesAny } from '../preparation/sink-topics.ts';
import type { StatementHandler } from '../preparation/statement-handler.ts';

/** Topics of ksqlDB's own, hidden whatever the configuration says. */
const INTERNAL_TOPIC = /^_confluent-ksql-.*$/;

/** Whether SHOW TOPICS leaves the topic out. */
function isHidden(topic: string, services: EngineServices): boolean {
  return INTERNAL_TOPIC.test(topic) || matchesAny(topic, services.setting('ksql.hidden.topics')?.split(',') ?? []);
}

/** Consumers by topic: each query that runs is a group with one consumer. */
function consumersOf(
  topic: string,
  { queries }: EngineServices,
): Pick<TopicInfoExtended, 'consumerCount' | 'consumerGroupCount'> {
  const reading = queries
    .all()
    .filter((query) => query.run.positions.some((position) => position.topic === topic)).length;
  return { consumerCount: reading, consumerGroupCount: reading };
}

export const listTopics: StatementHandler<ListTopics> = {
  async execute({ node, text }, { services }) {
    const all = await services.broker.listTopics();
    const shown = all
      .filter((topic) => node.all || !isHidden(topic.name, services))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const topics: TopicInfo[] = shown.map((topic) => ({
      name: topic.name,
      replicaInfo: new Array<number>(topic.partitions).fill(topic.replicas),
    }));
    if (!node.extended) return { '@type': 'kafka_topics', statementText: text, topics, warnings: [] };
    const extended = topics.map((topic) => ({ ...topic, ...consumersOf(topic.name, services) }));
    return { '@type': 'kafka_topics_extended', statementText: text, topics: extended, warnings: [] };
  },
};
