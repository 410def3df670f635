import type { Broker } from '../../engine/broker/broker.ts';
import { RecordBatchBuilder } from '../../engine/broker/record-batch.ts';

/** The rows of all figures, the same for every engine: about 150 bytes, and each user comes back after 10,000 rows. */
export const USERS = 10_000;
const HOUR_MS = 3_600_000;
/** The time of the first row: some hours ago, because a broker deletes results of windows that are older than a day. */
export const START_MS = (Math.floor(Date.now() / HOUR_MS) - 3) * HOUR_MS;
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

/** Where rows go. */
export interface RowTopic {
  readonly topic: string;
  /** Absent: one. Rows of a user are in one of them. */
  readonly partitions?: number;
  readonly everyMs?: number;
}

/** Makes a topic and fills it; one that is there is full. */
async function fill(
  broker: Broker,
  { topic, partitions = 1 }: RowTopic,
  count: number,
  row: (n: number) => Written,
): Promise<void> {
  if ((await broker.describeTopic(topic)) !== undefined) return;
  await broker.createTopic({ name: topic, partitions, replicas: 1 });
  const builders = Array.from({ length: partitions }, () => new RecordBatchBuilder(BATCH_BYTES));
  for (let n = 0; n < count; n++) {
    const { key, value, timeMs } = row(n);
    const partition = Number(key) % partitions;
    const builder = builders[partition]!;
    builder.append(utf8.encode(key), utf8.encode(JSON.stringify(value)), timeMs);
    if (builder.sizeBytes >= BATCH_BYTES) await broker.append(topic, partition, [builder.build()]);
  }
  for (const [partition, builder] of builders.entries())
    if (builder.count > 0) await broker.append(topic, partition, [builder.build()]);
}

/** Fills a topic with ratings that are so many milliseconds apart; absent: `ratings`, every millisecond. */
export const fillRatings = (broker: Broker, rows: number, to: Partial<RowTopic> = {}): Promise<void> =>
  fill(broker, { topic: 'ratings', ...to }, rows, (n) => {
    const timeMs = START_MS + n * (to.everyMs ?? 1);
    return { key: String(userOf(n)), value: rating(n, timeMs), timeMs };
  });

/** Fills `users`, all of them before the first rating. */
export const fillUsers = (broker: Broker): Promise<void> =>
  fill(broker, { topic: 'users' }, USERS, (user) => ({
    key: String(user),
    value: { name: `user ${user}`, level: levelOf(user) },
    timeMs: START_MS - 1000,
  }));

/** Fills `replies`: every 2 ms one, between two ratings that are 2 ms apart. */
export const fillReplies = (broker: Broker, rows: number): Promise<void> =>
  fill(broker, { topic: 'replies' }, rows, (n) => ({
    key: String(repliedTo(n)),
    value: { reply_id: n, agent_id: n % 89, reply_time: START_MS + 2 * n + 1, text: MESSAGE },
    timeMs: START_MS + 2 * n + 1,
  }));
