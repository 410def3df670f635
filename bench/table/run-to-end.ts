import type { Broker } from '../../engine/broker/broker.ts';
import type { Engine } from '../../engine/index.ts';
import type { RegisteredQuery } from '../../engine/runtime/query-registry.ts';
import type { AnswerCheck } from './answers.ts';

const LIMIT_MS = 600_000;
const READ_BYTES = 8 * 1024 * 1024;

/**
 * Runs statements, and waits until their queries have written what comes of all that their topics hold.
 * @returns the queries, in the order in which they were made
 */
export async function runToEnd(engine: Engine, statements: string): Promise<readonly RegisteredQuery[]> {
  const known = new Set(engine.queries.all());
  await engine.execute(statements);
  const started = engine.queries.all().filter((query) => !known.has(query));
  // A query may read what one before it writes, so each is waited for in turn.
  for (const { run, inputTopics } of started) {
    const ends = await Promise.all(
      inputTopics.map(async (topic) =>
        (await engine.broker.offsets(topic)).map(({ partition, latest }) => ({ topic, partition, offset: latest })),
      ),
    );
    await run.whenReached(ends.flat(), LIMIT_MS);
  }
  return started;
}

/**
 * Ends queries, and deletes what they made, with its topics.
 * @param between a source that was declared over the topic of the first query
 */
export async function removeResults(
  engine: Engine,
  queries: readonly RegisteredQuery[],
  between?: string,
): Promise<void> {
  for (const { id, sink } of queries.toReversed()) {
    if (id === queries[0]!.id && between !== undefined) await engine.execute(`DROP STREAM ${between};`);
    await engine.execute(`TERMINATE ${id};`);
    await engine.execute(`DROP ${sink!.kind} ${sink!.name} DELETE TOPIC;`);
  }
}

/** Reads a topic of one partition and lets its records be checked. @throws Error where they are not right */
export async function checkTopic(broker: Broker, topic: string, check: AnswerCheck): Promise<number> {
  const [end] = await broker.offsets(topic);
  let count = 0;
  for (let offset = end!.earliest; offset < end!.latest; ) {
    const { batches } = await broker.read({ topic, partition: 0, offset }, READ_BYTES);
    for (const batch of batches) {
      const cursor = batch.records();
      while (cursor.next()) {
        if (cursor.offset < offset) continue;
        const { value } = cursor;
        check.see(cursor.key!, value === null ? null : JSON.parse(Buffer.from(value).toString('utf8')));
        count++;
      }
      offset = Math.max(offset, batch.lastOffset + 1);
    }
  }
  check.end();
  return count;
}
