import { type Broker, BrokerError, type TopicDescription, type TopicSpec } from './broker.ts';

/**
 * Makes a topic, unless it is there; several may do so at once.
 *
 * @returns the one that was there, or that another has made in the meantime; undefined: it is as it was asked for
 * @throws BrokerError
 */
export async function createUnlessThere(
  broker: Pick<Broker, 'createTopic' | 'describeTopic'>,
  spec: TopicSpec,
): Promise<TopicDescription | undefined> {
  const known = await broker.describeTopic(spec.name);
  if (known !== undefined) return known;
  try {
    await broker.createTopic(spec);
    return undefined;
  } catch (error) {
    if (!(error instanceof BrokerError && error.code === 'topic-exists')) throw error;
    return broker.describeTopic(spec.name);
  }
}
