import { setTimeout as sleep } from 'node:timers/promises';
import type { KsqlClient } from '../api/client.ts';

/** How often persistent queries are asked how far they are, in milliseconds. */
const INTERVAL_MS = 10;

/** Waits until the persistent queries have processed what their topics hold, or nobody waits any more. */
export async function settled(client: KsqlClient, isAwaited: () => boolean = () => true): Promise<void> {
  for (let quiet = 0; quiet < 2 && isAwaited(); ) {
    const queries = (await client.statistics()) ?? [];
    const busy = queries.some(
      (query) => query.queryType === 'PERSISTENT' && query.state === 'RUNNING' && query.lag > 0,
    );
    quiet = busy ? 0 : quiet + 1;
    await sleep(INTERVAL_MS);
  }
}
