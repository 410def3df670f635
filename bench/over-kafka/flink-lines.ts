import { type FlinkQuery, flinkSource, flinkUpsertSource, keyedSink, withWindow } from '../nexmark/flink-queries.ts';

/** A line of the table in Flink's words: its sources, and the query. */
export interface FlinkLine extends FlinkQuery {
  readonly sources: readonly string[];
}

const TIME = "ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL, WATERMARK FOR ts AS ts";
const ratings = (topic: string): string =>
  `CREATE TABLE ratings (user_id STRING, rating_id INT, stars INT, route_id INT, rating_time BIGINT, channel STRING,
    message STRING, ${TIME}) WITH (${flinkSource(topic, 'user_id')});`;
const USERS = `CREATE TABLE users (user_id STRING, name STRING, level STRING, ${TIME}, PRIMARY KEY (user_id) NOT ENFORCED)
  WITH (${flinkUpsertSource('users')});`;
const REPLIES = `CREATE TABLE replies (user_id STRING, reply_id INT, agent_id INT, reply_time BIGINT, text STRING, ${TIME})
  WITH (${flinkSource('replies', 'user_id')});`;

/** What Flink writes keeps the time of the row where it can, as ksqlDB's results do. */
const ROW_TIME = "ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'";

export const FLINK_LINES: Readonly<Record<string, FlinkLine>> = {
  filter: {
    sources: [ratings('ratings')],
    columns: `user_id STRING, rating_id INT, stars INT, channel STRING, ${ROW_TIME}`,
    sink: keyedSink('user_id'),
    select: 'SELECT user_id, rating_id, stars, UPPER(channel), ts FROM ratings WHERE stars < 3',
  },
  tumbling: {
    sources: [ratings('ratings')],
    columns: 'user_id STRING, start_time TIMESTAMP(3), n BIGINT, s INT',
    sink: keyedSink('user_id'),
    select: `SELECT user_id, window_start, COUNT(*), SUM(stars)
      FROM TABLE(TUMBLE(TABLE ratings, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
      GROUP BY user_id, window_start, window_end`,
    adapt: withWindow((value, key) => ({ key, value })),
  },
  join: {
    sources: [ratings('ratings'), USERS],
    columns: `user_id STRING, rating_id INT, stars INT, level STRING, ${ROW_TIME}`,
    sink: keyedSink('user_id'),
    // A regular join would take its rows back when a user changes, which a plain topic cannot hold.
    select: `SELECT r.user_id, r.rating_id, r.stars, u.level, r.ts
      FROM ratings AS r LEFT JOIN users FOR SYSTEM_TIME AS OF r.ts AS u ON r.user_id = u.user_id`,
  },
  'stream-join': {
    sources: [ratings('slow_ratings'), REPLIES],
    columns: 'user_id STRING, rating_id INT, reply_id INT, agent_id INT',
    sink: keyedSink('user_id'),
    select: `SELECT r.user_id, r.rating_id, p.reply_id, p.agent_id FROM ratings AS r JOIN replies AS p
      ON r.user_id = p.user_id AND p.ts BETWEEN r.ts - INTERVAL '10' SECOND AND r.ts + INTERVAL '10' SECOND`,
  },
};

export const flinkLineTopic = (name: string): string => `flink_${name}`;

/** The statements of a line, as `flink-sql run` takes them. */
export const flinkLineScript = (name: string, { sources, columns, sink, select }: FlinkLine): string =>
  [
    ...sources,
    `CREATE TABLE answer (${columns}) WITH (${sink.replace('TOPIC', flinkLineTopic(name))});`,
    `INSERT INTO answer ${select};`,
  ].join('\n');
