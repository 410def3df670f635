import type { Broker } from '../../broker/broker.ts';
import { createUnlessThere } from '../../broker/create-topic.ts';

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
  const known = await createUnlessThere(broker, { name, partitions, replicas, config });
  if (known === undefined || known.partitions === partitions) return;
  throw new Error(
    `Existing internal topic ${name} has invalid partitions: expected: ${partitions}; actual: ${known.partitions}. It ${purpose} of a query whose source had as many partitions when the query was created. TERMINATE the query, which deletes the topic, and create it anew.`,
  );
}
