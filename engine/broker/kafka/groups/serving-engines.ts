import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError } from '../../broker.ts';
import type { KafkaCluster } from '../cluster.ts';
import { describeGroupRequest } from '../group-messages.ts';
import { decodeDescription } from './member-messages.ts';

/** An engine that was killed is a member of its groups for so long yet, unless it is set. */
const SESSION_TIMEOUT_MS = 10_000;
const RETRY_MS = 500;

/**
 * Waits until no engine shares the queries of a service with others, as those do that serve.
 *
 * @param listGroups the names of all groups
 * @param onWait told who is in the way, before it is waited whether that engine is gone
 * @throws BrokerError when there is one all the same
 */
export async function whenNotServed(
  cluster: KafkaCluster,
  listGroups: () => Promise<readonly string[]>,
  serviceId: string,
  onWait: (notice: string) => void,
): Promise<void> {
  const patienceMs = (cluster.settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS) + RETRY_MS;
  const untilMs = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    const engines = await servingEngines(cluster, listGroups, serviceId);
    if (engines.length === 0) return;
    const where = engines.join(', ');
    if (attempt === 1)
      onWait(
        `Engines serve service id ${serviceId}: ${where}. Waiting up to ${patienceMs / 1000} s whether they are gone.`,
      );
    if (Date.now() > untilMs)
      throw new BrokerError(
        `Engines that serve share the queries of service id ${serviceId} on this Kafka: ${where}. One that runs here as well would write every row twice. Send the statements to one of them (--server URL), or give this engine an id of its own (--service-id, or the property ksql.service.id).`,
        'other',
      );
    await sleep(RETRY_MS);
  }
}

/** Where they are reached, or the ids of their processes. */
async function servingEngines(
  cluster: KafkaCluster,
  listGroups: () => Promise<readonly string[]>,
  serviceId: string,
): Promise<readonly string[]> {
  const prefix = `_confluent-ksql-${serviceId}query_`;
  const found = new Set<string>();
  for (const group of await listGroups()) {
    if (!group.startsWith(prefix)) continue;
    const request = describeGroupRequest(group);
    const { members } = await cluster.askCoordinator({ kind: 'group', id: group }, request, ({ code }) => code);
    for (const { description } of members) found.add(nameOf(description));
  }
  return [...found];
}

function nameOf(description: Uint8Array): string {
  try {
    const { endpoint, process } = decodeDescription(description);
    return endpoint ?? process;
  } catch {
    return 'one that is no engine of this kind';
  }
}
