import type { ClusterClient } from '../../api/cluster/cluster-client.ts';
import type { Entity } from '../../api/protocol.ts';
import type { EngineServices } from '../../runtime/engine-services.ts';
import type { ExecutionContext } from '../preparation/statement-handler.ts';

/** What another engine of the service answers to a statement; undefined where it does not answer. */
export interface OtherAnswer {
  readonly host: string;
  readonly entities: readonly Entity[] | undefined;
}

const TIMEOUT_PROPERTY = 'ksql.fetch.remote.hosts.max.timeout.seconds';

/**
 * Asks the engines in other threads of this process the same, which others take for one host with it. One that does not
 * answer, since it has not got so far in the command topic, has nothing to add.
 */
export async function askThreads(text: string, { services }: ExecutionContext): Promise<readonly Entity[]> {
  const threads = [...(services.cluster?.threads ?? [])];
  const answers = await askAll(threads, text, services);
  return answers.flatMap((entities) => entities ?? []);
}

/** Asks all other engines of the service the same; none where another has sent the statement, or there are none. */
export async function askOthers(
  text: string,
  { services, isInternal }: ExecutionContext,
): Promise<readonly OtherAnswer[]> {
  if (isInternal || services.cluster === undefined) return [];
  const peers = services.cluster.peers();
  const clients = peers.map(({ client }) => client);
  const answers = await askAll(clients, text, services);
  return peers.map(({ host }, i) => ({ host, entities: answers[i] }));
}

/** Undefined where there is no answer in time. */
function askAll(
  clients: readonly ClusterClient[],
  text: string,
  { setting }: EngineServices,
): Promise<readonly (readonly Entity[] | undefined)[]> {
  const signal = AbortSignal.timeout(1000 * Number(setting(TIMEOUT_PROPERTY)));
  return Promise.all(clients.map((client) => client.execute(text, signal).catch(() => undefined)));
}
