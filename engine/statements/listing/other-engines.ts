import type { Entity } from '../../api/protocol.ts';
import type { ExecutionContext } from '../preparation/statement-handler.ts';

/** What another engine of the service answers to a statement; undefined where it does not answer. */
export interface OtherAnswer {
  readonly host: string;
  readonly entities: readonly Entity[] | undefined;
}

const TIMEOUT_PROPERTY = 'ksql.fetch.remote.hosts.max.timeout.seconds';

/** Asks the engines in other threads of this process the same, which others take for one host with it. */
export async function askThreads(text: string, { services }: ExecutionContext): Promise<readonly Entity[]> {
  const threads = [...(services.cluster?.threads ?? [])];
  return (await Promise.all(threads.map((client) => client.execute(text)))).flat();
}

/** Asks all other engines of the service the same; none where another has sent the statement, or there are none. */
export async function askOthers(
  text: string,
  { services, isInternal }: ExecutionContext,
): Promise<readonly OtherAnswer[]> {
  if (isInternal || services.cluster === undefined) return [];
  const signal = AbortSignal.timeout(1000 * Number(services.setting(TIMEOUT_PROPERTY)));
  return Promise.all(
    services.cluster.peers().map(async ({ host, client }) => {
      const entities = await client.execute(text, signal).catch(() => undefined);
      return { host, entities };
    }),
  );
}
