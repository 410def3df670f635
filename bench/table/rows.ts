import type { Broker } from '../../engine/broker/broker.ts';
import { RecordBatchBuilder } from '../../engine/broker/record-batch.ts';

/**
 * The rows of all figures, the same for every engine and byte for byte those of `../shared/tools/bench-kafka.mjs`:
 * about 150 bytes, a millisecond apart, 10,000 users, each of whom comes back after 10,000 rows.
 */
export const USERS = 10_000;
/** The time of the first row in process; on Kafka the rows are younger, because a broker deletes old ones. */
export const START_MS = 1_700_000_000_000;
export const LEVELS = ['gold', 'silver', 'platinum', 'bronze'] as const;
const CHANNELS = ['iOS', 'android', 'web', 'iOS-test'] as const;
const MESSAGE = 'thank you for the most friendly, helpful experience today at your new lounge';
/** The replies come to the user of the rating so many rows later: 8 s before it, at two milliseconds a rating. */
const REPLIES_AHEAD = 4000;
const BATCH_BYTES = 512 * 1024;
const utf8 = new TextEncoder();

export interface Rating {
  readonly rating_id: number;
  readonly stars: number;
  readonly route_id: number;
  readonly rating_time: number;
  readonly channel: string;
  readonly message: string;
}

export const userOf = (n: number): number => (n * 7919) % USERS;
export const starsOf = (n: number): number => (n % 5) + 1;
export const channelOf = (n: number): string => CHANNELS[n % 4]!;
export const levelOf = (user: number): string => LEVELS[user % 4]!;
/** The user of a reply. */
export const repliedTo = (n: number): number => userOf(n + REPLIES_AHEAD);

export function rating(n: number, timeMs: number): Rating {
  return {
    rating_id: n,
    stars: starsOf(n),
    route_id: n % 97,
    rating_time: timeMs,
    channel: channelOf(n),
    message: MESSAGE,
  };
}

interface Written {
  readonly key: string;
  readonly value: unknown;
  readonly timeMs: number;
}

/** Makes a topic of one partition and fills it. */
async function fill(broker: Broker, topic: string, count: number, row: (n: number) => Written): Promise<void> {
  await broker.createTopic({ name: topic, partitions: 1, replicas: 1 });
  const builder = new RecordBatchBuilder(BATCH_BYTES);
  for (let n = 0; n < count; n++) {
    const { key, value, timeMs } = row(n);
    builder.append(utf8.encode(key), utf8.encode(JSON.stringify(value)), timeMs);
    if (builder.sizeBytes >= BATCH_BYTES) await broker.append(topic, 0, [builder.build()]);
  }
  if (builder.count > 0) await broker.append(topic, 0, [builder.build()]);
}

/** Fills `ratings`: rows so many milliseconds apart. */
export const fillRatings = (broker: Broker, rows: number, everyMs = 1): Promise<void> =>
  fill(broker, 'ratings', rows, (n) => {
    const timeMs = START_MS + n * everyMs;
    return { key: String(userOf(n)), value: rating(n, timeMs), timeMs };
  });

/** Fills `users`, all of them before the first rating. */
export const fillUsers = (broker: Broker): Promise<void> =>
  fill(broker, 'users', USERS, (user) => ({
    key: String(user),
    value: { name: `user ${user}`, level: levelOf(user) },
    timeMs: START_MS - 1000,
  }));

/** Fills `replies`: every 2 ms one, between two ratings that are 2 ms apart. */
export const fillReplies = (broker: Broker, rows: number): Promise<void> =>
  fill(broker, 'replies', rows, (n) => ({
    key: String(repliedTo(n)),
    value: { reply_id: n, agent_id: n % 89, reply_time: START_MS + 2 * n + 1, text: MESSAGE },
    timeMs: START_MS + 2 * n + 1,
  }));
