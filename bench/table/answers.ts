import { channelOf, levelOf, repliedTo, starsOf, userOf } from './rows.ts';

/** Takes the records of a result one by one, as they stand in its topic, and says at the end whether they are right. */
export interface AnswerCheck {
  /** @throws Error where a record cannot stand there */
  see(key: Uint8Array, value: Readonly<Record<string, unknown>> | null): void;
  /** @throws Error where something is missing */
  end(): void;
}

/** How engines write the names of columns and of windows differs; what they mean does not. */
const column = (value: Readonly<Record<string, unknown>> | null, name: string): unknown =>
  value?.[name.toUpperCase()] ?? value?.[name] ?? null;

const textOf = (bytes: Uint8Array, end = bytes.length): string => Buffer.from(bytes.subarray(0, end)).toString('utf8');

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what} is ${String(found)} instead of ${String(expected)}.`);
}

/** `SELECT user_id, rating_id, stars, UCASE(channel) … WHERE stars < 3`, in the order of the ratings. */
export function filtered(rows: number): AnswerCheck {
  let n = 0;
  const skip = () => {
    while (n < rows && starsOf(n) >= 3) n++;
  };
  return {
    see(key, value) {
      skip();
      if (n >= rows) throw new Error('There are more rows than there should be.');
      expectEqual(`The key of rating ${n}`, textOf(key), String(userOf(n)));
      expectEqual('RATING_ID', column(value, 'rating_id'), n);
      expectEqual(`STARS of rating ${n}`, column(value, 'stars'), starsOf(n));
      expectEqual(`CHANNEL of rating ${n}`, column(value, 'channel'), channelOf(n).toUpperCase());
      n++;
    },
    end() {
      skip();
      expectEqual('The number of ratings that came through', n, rows);
    },
  };
}

/** `SELECT user_id, rating_id, stars, level`: every rating once, with the level of its user, in any order. */
export function joinedWithUsers(rows: number): AnswerCheck {
  const seen = new Uint8Array(rows);
  let count = 0;
  return {
    see(key, value) {
      const n = Number(column(value, 'rating_id'));
      if (seen[n] !== 0) throw new Error(`There is no rating ${n}, or it is there twice.`);
      seen[n] = 1;
      count++;
      expectEqual(`The key of rating ${n}`, textOf(key), String(userOf(n)));
      expectEqual(`STARS of rating ${n}`, column(value, 'stars'), starsOf(n));
      expectEqual(`LEVEL of rating ${n}`, column(value, 'level'), levelOf(userOf(n)));
    },
    end: () => expectEqual('The number of joined ratings', count, rows),
  };
}

export interface Windows {
  readonly startMs: number;
  readonly everyMs: number;
  readonly sizeMs: number;
  readonly advanceMs: number;
}

/** `COUNT(*) AS n, SUM(stars) AS s` of each user and window: what the last change of each says. */
export function countedInWindows(rows: number, { startMs, everyMs, sizeMs, advanceMs }: Windows): AnswerCheck {
  const expected = new Map<string, [count: number, sum: number]>();
  for (let n = 0; n < rows; n++) {
    const timeMs = startMs + n * everyMs;
    for (let start = timeMs - (timeMs % advanceMs); start > timeMs - sizeMs; start -= advanceMs) {
      const place = `${userOf(n)} ${start}`;
      const known = expected.get(place);
      if (known === undefined) expected.set(place, [1, starsOf(n)]);
      else {
        known[0]++;
        known[1] += starsOf(n);
      }
    }
  }
  const found = new Map<string, readonly [unknown, unknown]>();
  return {
    see(key, value) {
      const start = new DataView(key.buffer, key.byteOffset + key.length - 8).getBigInt64(0);
      found.set(`${textOf(key, key.length - 8)} ${start}`, [column(value, 'n'), column(value, 's')]);
    },
    end() {
      expectEqual('The number of windows', found.size, expected.size);
      for (const [place, [count, sum]] of expected) {
        expectEqual(`N of ${place}`, found.get(place)?.[0], count);
        expectEqual(`S of ${place}`, found.get(place)?.[1], sum);
      }
    },
  };
}

/**
 * `SELECT r.user_id, r.rating_id, p.reply_id` of ratings and replies within 10 s of each other, in any order, each pair
 * once.
 */
export function joinedWithReplies(rows: number): AnswerCheck {
  const replies = new Map<number, number[]>();
  for (let reply = 0; reply < rows; reply++) {
    const those = replies.get(repliedTo(reply));
    if (those === undefined) replies.set(repliedTo(reply), [reply]);
    else those.push(reply);
  }
  const missing = new Set<string>();
  for (let n = 0; n < rows; n++)
    for (const reply of replies.get(userOf(n)) ?? [])
      if (Math.abs(2 * n - (2 * reply + 1)) <= 10_000) missing.add(`${userOf(n)} ${n} ${reply}`);
  return {
    see(key, value) {
      const pair = `${textOf(key)} ${column(value, 'rating_id')} ${column(value, 'reply_id')}`;
      if (!missing.delete(pair)) throw new Error(`The pair ${pair} should not be there, or not twice.`);
    },
    end: () => expectEqual('The number of missing pairs', missing.size, 0),
  };
}
