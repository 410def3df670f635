import { isDeepStrictEqual } from 'node:util';
import type { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { topicRecords } from '../../support/topic-records.ts';
import { expectedStats, expectedWindows, KEYS, type SmokeRecord, VALUES_PER_KEY } from './smoke-data.ts';

export type Guarantee = 'at_least_once' | 'exactly_once_v2';

/** The last eight bytes of a windowed key are the start of the window. */
const WINDOW_BYTES = 8;

type Rows = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * What is wrong, in sentences. Of tables of the stream the newest row of each key is right with either guarantee: at
 * least once, rows may be there twice, but state and positions are one (`engine/runtime/shared/task-commit.ts`). The
 * table of a table counts what goes from one group to another through a topic, which at least once may be there twice,
 * as in Kafka Streams.
 */
export async function smokeProblems(
  broker: KafkaBroker,
  suffix: string,
  guarantee: Guarantee,
  records: readonly SmokeRecord[],
): Promise<readonly string[]> {
  const stats = await newestRows(broker, `stats${suffix}`, (key) => key.toString());
  const windowed = await newestRows(broker, `windowed${suffix}`, (key) => {
    const end = key.length - WINDOW_BYTES;
    return `${key.subarray(0, end)}@${key.readBigInt64BE(end)}`;
  });
  const problems = [
    ...differences('stats', expectedStats(), stats),
    ...differences('windowed', expectedWindows(records), windowed),
  ];
  if (guarantee === 'at_least_once') return problems;
  const tagg = await newestRows(broker, `tagg${suffix}`, (key) => key.readBigInt64BE().toString());
  return [...problems, ...differences('tagg', new Map([[String(VALUES_PER_KEY), { KEYS }]]), withoutEmpty(tagg))];
}

/** Groups that every key has left have a count of zero. */
const withoutEmpty = (rows: Rows): Rows => new Map([...rows].filter(([, row]) => row['KEYS'] !== 0));

function* differences(table: string, expected: ReadonlyMap<string, object>, found: Rows): Iterable<string> {
  for (const [key, row] of expected)
    if (!isDeepStrictEqual(found.get(key), row))
      yield `${table} ${key}: ${JSON.stringify(found.get(key))} instead of ${JSON.stringify(row)}`;
  for (const [key, row] of found)
    if (!expected.has(key)) yield `${table} ${key}: ${JSON.stringify(row)} should not be there`;
}

async function newestRows(broker: KafkaBroker, topic: string, keyText: (key: Buffer) => string): Promise<Rows> {
  const rows = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { key, value } of await topicRecords(broker, topic)) {
    const text = keyText(Buffer.from(key!, 'latin1'));
    if (value === null) rows.delete(text);
    else rows.set(text, JSON.parse(value));
  }
  return rows;
}
