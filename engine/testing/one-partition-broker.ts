import type { TopicDescription, TopicSpec } from '../broker/broker.ts';
import { MemoryBroker } from '../broker/embedded/memory-broker.ts';
import type { RecordBatch } from '../broker/record-batch.ts';

/**
 * The broker of ksqlDB's own test runner: topics have the partitions that statements want of them, but all records go
 * to the first, because there is one task only. So the order of results does not depend on how keys are spread. A topic
 * keeps the number of replicas it was made with, though there is one copy only.
 */
export class OnePartitionBroker extends MemoryBroker {
  readonly #replicas = new Map<string, number>();

  override async createTopic(spec: TopicSpec): Promise<void> {
    await super.createTopic(spec);
    this.#replicas.set(spec.name, Math.max(1, spec.replicas));
  }

  override async listTopics(): Promise<readonly TopicDescription[]> {
    return (await super.listTopics()).map((topic) => this.#withReplicas(topic));
  }

  override async describeTopic(name: string): Promise<TopicDescription | undefined> {
    const topic = await super.describeTopic(name);
    return topic && this.#withReplicas(topic);
  }

  #withReplicas(topic: TopicDescription): TopicDescription {
    return { ...topic, replicas: this.#replicas.get(topic.name) ?? topic.replicas };
  }

  override append(topic: string, _partition: number, batches: readonly RecordBatch[]): Promise<number> {
    return super.append(topic, 0, batches);
  }
}
