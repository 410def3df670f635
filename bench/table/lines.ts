import type { Broker } from '../../engine/broker/broker.ts';
import { type AnswerCheck, countedInWindows, filtered, joinedWithReplies, joinedWithUsers } from './answers.ts';
import { fillRatings, fillReplies, fillUsers, START_MS } from './rows.ts';

/** A line of the table: a query that is measured in process. */
export interface Line {
  readonly name: string;
  readonly title: string;
  readonly rows: number;
  /** Writes the topics that the query reads, `rows` rows in all (a table's come on top). */
  fill(broker: Broker, rows: number): Promise<void>;
  /** Declares them; run once, and to its end, before anything is measured. */
  readonly declare: string;
  /** What is measured; makes `result`. */
  readonly query: string;
  /** Makes JSON of a result in another format, so that it can be read back. */
  readonly readBack?: string;
  /** How many results there are, where each row makes so many. */
  results?(rows: number): number;
  check(rows: number): AnswerCheck;
}

const RATINGS = `CREATE STREAM ratings (user_id VARCHAR KEY, rating_id INT, stars INT, route_id INT, rating_time BIGINT,
  channel VARCHAR, message VARCHAR) WITH (KAFKA_TOPIC = 'ratings', VALUE_FORMAT = 'JSON');`;
const USERS = `CREATE TABLE users (user_id VARCHAR PRIMARY KEY, name VARCHAR, level VARCHAR)
  WITH (KAFKA_TOPIC = 'users', VALUE_FORMAT = 'JSON');`;
const REPLIES = `CREATE STREAM replies (user_id VARCHAR KEY, reply_id INT, agent_id INT, reply_time BIGINT, text VARCHAR)
  WITH (KAFKA_TOPIC = 'replies', VALUE_FORMAT = 'JSON');`;
const MINUTE_MS = 60_000;

export const LINES: readonly Line[] = [
  {
    name: 'filter',
    title: 'filter and project',
    rows: 1_000_000,
    fill: fillRatings,
    declare: RATINGS,
    query:
      'CREATE STREAM result AS SELECT user_id, rating_id, stars, UCASE(channel) AS channel FROM ratings WHERE stars < 3;',
    results: (rows) => 2 * Math.floor(rows / 5) + Math.min(rows % 5, 2),
    check: filtered,
  },
  {
    name: 'tumbling',
    title: 'one-minute tumbling COUNT and SUM, 10,000 keys',
    rows: 1_000_000,
    fill: fillRatings,
    declare: RATINGS,
    query: `CREATE TABLE result AS SELECT user_id, COUNT(*) AS n, SUM(stars) AS s FROM ratings
      WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY user_id;`,
    check: (rows) => countedInWindows(rows, { startMs: START_MS, everyMs: 1, sizeMs: MINUTE_MS, advanceMs: MINUTE_MS }),
  },
  {
    name: 'hopping',
    title: 'the same hopping, six windows a row',
    rows: 300_000,
    fill: fillRatings,
    declare: RATINGS,
    query: `CREATE TABLE result AS SELECT user_id, COUNT(*) AS n, SUM(stars) AS s FROM ratings
      WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 10 SECONDS) GROUP BY user_id;`,
    check: (rows) => countedInWindows(rows, { startMs: START_MS, everyMs: 1, sizeMs: MINUTE_MS, advanceMs: 10_000 }),
  },
  {
    name: 'join',
    title: 'stream-table left join',
    rows: 1_000_000,
    async fill(broker, rows) {
      await fillUsers(broker);
      await fillRatings(broker, rows);
    },
    declare: RATINGS + USERS,
    query: `CREATE STREAM result AS SELECT r.user_id, r.rating_id, r.stars, u.level
      FROM ratings r LEFT JOIN users u ON r.user_id = u.user_id;`,
    results: (rows) => rows,
    check: joinedWithUsers,
  },
  {
    name: 'stream-join',
    title: 'stream-stream join WITHIN 10 s, 10,000 keys',
    rows: 1_000_000,
    async fill(broker, rows) {
      await fillRatings(broker, rows / 2, { topic: 'slow_ratings', everyMs: 2 });
      await fillReplies(broker, rows / 2);
    },
    declare: RATINGS.replace("'ratings'", "'slow_ratings'") + REPLIES,
    query: `CREATE STREAM result AS SELECT r.user_id AS user_id, r.rating_id, p.reply_id, p.agent_id
      FROM ratings r JOIN replies p WITHIN 10 SECONDS GRACE PERIOD 10 SECONDS ON r.user_id = p.user_id;`,
    check: (rows) => joinedWithReplies(rows / 2),
  },
  {
    name: 'avro',
    title: 'AVRO in and out, filter and project',
    rows: 1_000_000,
    fill: fillRatings,
    declare: `${RATINGS}
      CREATE STREAM encoded WITH (VALUE_FORMAT = 'AVRO') AS SELECT * FROM ratings;`,
    query:
      'CREATE STREAM result AS SELECT user_id, rating_id, stars, UCASE(channel) AS channel FROM encoded WHERE stars < 3;',
    readBack: `CREATE STREAM readback WITH (VALUE_FORMAT = 'JSON') AS SELECT * FROM result;`,
    check: filtered,
  },
];
