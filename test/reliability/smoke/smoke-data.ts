import type { Chance } from '../../support/chance.ts';

/** The data of Kafka Streams' smoke test: for each key every whole number from its least to its greatest, once. */

export const KEYS = 20;
export const VALUES_PER_KEY = 1_000;
export const WINDOW_MS = 5_000;
/** Each record is so much later than the one before. */
const STEP_MS = 2;

export interface SmokeRecord {
  readonly key: string;
  readonly value: number;
  readonly timeMs: number;
}

/** What the statements are to have found out about a key. */
export interface ExpectedStats {
  readonly LO: number;
  readonly HI: number;
  readonly DIF: number;
  readonly DIFFERENT: number;
  readonly TOTAL: number;
  readonly N: number;
  readonly AVERAGE: number;
}

const keyOf = (number: number): string => `${number}-${number + VALUES_PER_KEY - 1}`;

/**
 * All records, the values of a key in an order of their own, in an order by chance.
 * @param startMs the time of the first; topics must not be so old that their retention takes them away
 */
export function smokeRecords(chance: Chance, startMs: number): readonly SmokeRecord[] {
  const values = Array.from({ length: KEYS * VALUES_PER_KEY }, (_, i) => {
    const number = i % KEYS;
    return { key: keyOf(number), value: number + Math.floor(i / KEYS) };
  });
  return chance.shuffled(values).map((each, i) => ({ ...each, timeMs: startMs + i * STEP_MS }));
}

export function expectedStats(): ReadonlyMap<string, ExpectedStats> {
  return new Map(
    Array.from({ length: KEYS }, (_, number) => {
      const [LO, HI] = [number, number + VALUES_PER_KEY - 1];
      const TOTAL = ((LO + HI) * VALUES_PER_KEY) / 2;
      const stats = { LO, HI, DIF: HI - LO, DIFFERENT: VALUES_PER_KEY, TOTAL, N: VALUES_PER_KEY };
      return [keyOf(number), { ...stats, AVERAGE: TOTAL / VALUES_PER_KEY }];
    }),
  );
}

/** Counts and sums by key and start of the window, as `key@start`. */
export function expectedWindows(
  records: readonly SmokeRecord[],
): ReadonlyMap<string, { readonly N: number; readonly TOTAL: number }> {
  const windows = new Map<string, { N: number; TOTAL: number }>();
  for (const { key, value, timeMs } of records) {
    const at = `${key}@${timeMs - (timeMs % WINDOW_MS)}`;
    const window = windows.get(at) ?? { N: 0, TOTAL: 0 };
    windows.set(at, { N: window.N + 1, TOTAL: window.TOTAL + value });
  }
  return windows;
}

/** The topics of a round, as which its sources are called, too. */
export const SMOKE_TOPICS = ['data', 'stats', 'windowed', 'tagg'] as const;

/**
 * What the engines run.
 * @param suffix of all names, so that rounds can go side by side
 */
export const smokeStatements = (suffix: string, partitions: number): string => `
CREATE STREAM data${suffix} (k STRING KEY, v INT)
  WITH (KAFKA_TOPIC = 'data${suffix}', VALUE_FORMAT = 'JSON', PARTITIONS = ${partitions});
CREATE TABLE stats${suffix} WITH (KAFKA_TOPIC = 'stats${suffix}') AS
  SELECT k, MIN(v) AS lo, MAX(v) AS hi, MAX(v) - MIN(v) AS dif, ARRAY_LENGTH(COLLECT_SET(v)) AS different,
    SUM(v) AS total, COUNT(*) AS n, AVG(v) AS average
  FROM data${suffix} GROUP BY k;
CREATE TABLE windowed${suffix} WITH (KAFKA_TOPIC = 'windowed${suffix}') AS
  SELECT k, COUNT(*) AS n, SUM(v) AS total
  FROM data${suffix} WINDOW TUMBLING (SIZE ${WINDOW_MS} MILLISECONDS) GROUP BY k;
CREATE TABLE tagg${suffix} WITH (KAFKA_TOPIC = 'tagg${suffix}') AS
  SELECT n, COUNT(*) AS keys FROM stats${suffix} GROUP BY n;
`;

/** Ends it, and deletes the topics. */
export const smokeEnd = (suffix: string): string =>
  [...SMOKE_TOPICS]
    .reverse()
    .map((name) => `DROP ${name === 'data' ? 'STREAM' : 'TABLE'} ${name}${suffix} DELETE TOPIC;`)
    .join('\n');
