import type { Broker } from '../../engine/broker/broker.ts';

export interface ReadRecord {
  readonly key: string | null;
  readonly value: string | null;
}

/** A character a byte, so that no two keys read alike. */
const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('latin1');

/** All records of a topic that were committed, oldest first in each partition. */
export async function topicRecords(
  broker: Pick<Broker, 'offsets' | 'read'>,
  topic: string,
): Promise<readonly ReadRecord[]> {
  const records: ReadRecord[] = [];
  for (const { partition, earliest, latest } of await broker.offsets(topic)) {
    for (let offset = earliest; offset < latest; ) {
      const { batches } = await broker.read({ topic, partition, offset }, 1 << 20);
      for (const batch of batches) {
        const cursor = batch.records();
        while (cursor.next())
          if (cursor.offset >= offset) records.push({ key: text(cursor.key), value: text(cursor.value) });
      }
      // What is in a transaction that is open is not to be read yet.
      const last = batches.at(-1);
      if (last === undefined) break;
      offset = last.lastOffset + 1;
    }
  }
  return records;
}
