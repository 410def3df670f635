import type { EngineServices } from './engine-services.ts';
import type { RegisteredQuery } from './query-registry.ts';

/** How long a pull query waits for those that write what it reads. */
const CATCH_UP_MS = 5000;

/**
 * Waits until a query, and first those that feed it, have processed what their topics hold now, and have written its
 * results.
 */
export async function catchUp(
  query: RegisteredQuery,
  services: EngineServices,
  seen = new Set<string>(),
): Promise<void> {
  if (seen.has(query.id)) return;
  seen.add(query.id);
  for (const name of query.sources) await catchUpWriters(name, services, seen);
  const topics = new Set(query.inputTopics);
  const ends = await Promise.all(
    [...topics].map(async (topic) =>
      (await services.broker.offsets(topic)).map(({ partition, latest }) => ({ topic, partition, offset: latest })),
    ),
  );
  await query.run.whenReached(ends.flat(), CATCH_UP_MS);
}

/** Waits so for all queries that write into a source. */
export async function catchUpWriters(name: string, services: EngineServices, seen = new Set<string>()): Promise<void> {
  for (const writer of services.queries.writersOf(name)) await catchUp(writer, services, seen);
}
