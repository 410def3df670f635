import { BrokerError } from '../../broker.ts';
import { nameInService } from '../../service-names.ts';
import type { KafkaCluster } from '../cluster.ts';
import { describeGroupRequest } from '../group-messages.ts';
import { engineSessionMs, whileInTheWay } from '../in-the-way.ts';
import { decodeDescription } from './member-messages.ts';

/** A killed engine is a member of its groups for a session yet; for so long more it is looked, in milliseconds. */
const MARGIN_MS = 500;

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
  const patienceMs = engineSessionMs(cluster.settings) + MARGIN_MS;
  const where = await whileInTheWay(
    async () => (await servingEngines(cluster, listGroups, serviceId)).join(', ') || undefined,
    patienceMs,
    (engines) =>
      onWait(
        `Engines serve service id ${serviceId}: ${engines}. Waiting up to ${patienceMs / 1000} s whether they are gone.`,
      ),
  );
  if (where === undefined) return;
  throw new BrokerError(
    `Engines that serve share the queries of service id ${serviceId} on this Kafka: ${where}. One that runs here as well would write every row twice. Send the statements to one of them (--server URL), or give this engine an id of its own (--service-id, or the property ksql.service.id).`,
    'other',
  );
}

/** Where they are reached, or the ids of their processes. */
async function servingEngines(
  cluster: KafkaCluster,
  listGroups: () => Promise<readonly string[]>,
  serviceId: string,
): Promise<readonly string[]> {
  const prefix = nameInService(serviceId, 'query_');
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
