import { type Broker, BrokerError } from '../../broker/broker.ts';

/** A topic that a query makes for itself. */
export interface InternalTopic {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
  /** What it is for, as the end of "It …". */
  readonly purpose: string;
}

/**
 * Makes a topic, if it is not there yet; several engines may do so at once.
 *
 * @param replicas -1 for the broker's default (`ksql.internal.topic.replicas`)
 * @throws Error when it is there with another number of partitions; BrokerError
 */
export async function ensureInternalTopic(
  broker: Pick<Broker, 'createTopic' | 'describeTopic'>,
  { name, partitions, config, purpose }: InternalTopic,
  replicas: number,
): Promise<void> {
  let known = await broker.describeTopic(name);
  if (known === undefined) {
    try {
      await broker.createTopic({ name, partitions, replicas, config });
      return;
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'topic-exists') throw error;
    }
    known = await broker.describeTopic(name);
  }
  if (known === undefined || known.partitions === partitions) return;
  throw new Error(
    `Existing internal topic ${name} has invalid partitions: expected: ${partitions}; actual: ${known.partitions}. It ${purpose} of a query whose source had as many partitions when the query was created. TERMINATE the query, which deletes the topic, and create it anew.`,
  );
}
