import type { Broker } from '../../engine/broker/broker.ts';
import type { RecordBatch } from '../../engine/broker/record-batch.ts';
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

/**
 * Reads a topic, one partition after another, and lets its records be checked.
 * @throws Error where they are not right
 */
export async function checkTopic(broker: Broker, topic: string, check: AnswerCheck): Promise<number> {
  let count = 0;
  for (const { partition, earliest, latest } of await broker.offsets(topic)) {
    for (let offset = earliest; offset < latest; ) {
      const { batches } = await broker.read({ topic, partition, offset }, READ_BYTES);
      for (const batch of batches) {
        count += seeBatch(batch, offset, check);
        offset = Math.max(offset, batch.lastOffset + 1);
      }
    }
  }
  check.end();
  return count;
}

function seeBatch(batch: RecordBatch, from: number, check: AnswerCheck): number {
  let count = 0;
  const cursor = batch.records();
  while (cursor.next()) {
    if (cursor.offset < from) continue;
    const { value } = cursor;
    check.see(cursor.key!, value === null ? null : JSON.parse(Buffer.from(value).toString('utf8')));
    count++;
  }
  return count;
}
