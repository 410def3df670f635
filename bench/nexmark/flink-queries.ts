import type { AnswerCheck } from '../table/answers.ts';
import type { EventKind } from './generator.ts';

type Value = Readonly<Record<string, unknown>> | null;

/** A query of Nexmark in Flink's words. */
export interface FlinkQuery {
  /** Columns of the result, and how its topic is written. */
  readonly columns: string;
  readonly sink: string;
  readonly select: string;
  /** Gives a row of the result the form in which the engine here has it. */
  readonly adapt?: (check: AnswerCheck) => AnswerCheck;
}

const connector = (topic: string): string =>
  `'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '\${BOOTSTRAP}', 'value.format' = 'json'`;
const keyed = (key: string): string =>
  `'key.format' = 'raw', 'key.fields' = '${key}', 'value.fields-include' = 'EXCEPT_KEY'`;

/** The options of a table that reads what a topic of JSON holds now, and of one that reads it as changes by key. */
export const flinkSource = (topic: string, key: string): string =>
  `${connector(topic)}, 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', ${keyed(key)}`;
export const flinkUpsertSource = (topic: string): string => `${upsert(topic)}, 'scan.bounded.mode' = 'latest-offset'`;
const upsert = (topic: string): string =>
  `'connector' = 'upsert-kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '\${BOOTSTRAP}',
    'key.format' = 'raw', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY'`;

const TIME = 'ts AS TO_TIMESTAMP_LTZ(date_time, 3), WATERMARK FOR ts AS ts';

const SOURCES: Readonly<Record<EventKind, (topic: string) => string>> = {
  bid: (
    topic,
  ) => `CREATE TABLE bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, date_time BIGINT,
    extra STRING, ${TIME}) WITH (${flinkSource(topic, 'auction')});`,
  auction: (
    topic,
  ) => `CREATE TABLE auction (id BIGINT, item_name STRING, description STRING, initial_bid BIGINT, reserve BIGINT,
    date_time BIGINT, expires BIGINT, seller BIGINT, category INT, extra STRING, ${TIME}) WITH (${flinkSource(topic, 'id')});`,
  person: (
    topic,
  ) => `CREATE TABLE person (id BIGINT, name STRING, email_address STRING, credit_card STRING, city STRING,
    state STRING, date_time BIGINT, extra STRING, ${TIME}) WITH (${flinkSource(topic, 'id')});`,
};

/**
 * The statements of a query, as `flink-sql run` takes them.
 * @param topicOf where the events of a kind are
 */
export const flinkScript = (
  name: string,
  reads: readonly EventKind[],
  { columns, sink, select }: FlinkQuery,
  topicOf: (kind: EventKind) => string,
): string =>
  [
    ...reads.map((kind) => SOURCES[kind](topicOf(kind))),
    `CREATE TABLE answer (${columns}) WITH (${sink.replace('TOPIC', flinkTopic(name))});`,
    `INSERT INTO answer ${select};`,
  ].join('\n');

export const flinkTopic = (name: string): string => `flink_nexmark_${name}`;

/** A topic whose records have a column as their key. */
export const keyedSink = (key: string): string => `${connector('TOPIC')}, ${keyed(key)}`;
const unkeyedSink = connector('TOPIC');

/** The rows of a result as others, whose keys end with the start of their window. */
export const withWindow =
  (of: (value: NonNullable<Value>, key: Uint8Array) => { readonly key: Uint8Array; readonly value: Value }) =>
  (check: AnswerCheck): AnswerCheck => ({
    see(found, row) {
      const { key, value } = of(row!, found);
      const start = Buffer.alloc(8);
      start.writeBigInt64BE(BigInt(Date.parse(`${String(row!['start_time']).replace(' ', 'T')}Z`)));
      check.see(Buffer.concat([key, start]), value);
    },
    end: () => check.end(),
  });

const NO_KEY = new Uint8Array();
const COUNTS = `SELECT auction, COUNT(*) AS num, window_start AS start_time, window_end AS end_time
  FROM TABLE(HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
  GROUP BY auction, window_start, window_end`;
const tumbling = (table: string): string => `TABLE(TUMBLE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '10' SECOND))`;

export const FLINK_QUERIES: Readonly<Record<string, FlinkQuery>> = {
  q0: {
    columns: 'auction BIGINT, bidder BIGINT, price BIGINT, date_time BIGINT, extra STRING',
    sink: keyedSink('auction'),
    select: 'SELECT auction, bidder, price, date_time, extra FROM bid',
  },
  q1: {
    columns: 'auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), date_time BIGINT, extra STRING',
    sink: keyedSink('auction'),
    select: 'SELECT auction, bidder, 0.908 * price, date_time, extra FROM bid',
  },
  q2: {
    columns: 'auction BIGINT, price BIGINT',
    sink: keyedSink('auction'),
    select: 'SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0',
  },
  q3: {
    columns: 'seller BIGINT, name STRING, city STRING, state STRING, id BIGINT',
    sink: keyedSink('seller'),
    select: `SELECT a.seller, p.name, p.city, p.state, a.id FROM auction AS a INNER JOIN person AS p ON a.seller = p.id
      WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA')`,
  },
  q4: {
    columns: 'category INT, average DOUBLE, PRIMARY KEY (category) NOT ENFORCED',
    sink: upsert('TOPIC'),
    select: `SELECT category, AVG(CAST(top_price AS DOUBLE)) FROM (
        SELECT MAX(b.price) AS top_price, a.category FROM auction AS a, bid AS b
        WHERE a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires GROUP BY a.id, a.category)
      GROUP BY category`,
  },
  q5: {
    columns: 'auction BIGINT, num BIGINT, start_time TIMESTAMP(3)',
    sink: unkeyedSink,
    select: `SELECT c.auction, c.num, c.start_time FROM (${COUNTS}) AS c
      JOIN (SELECT MAX(num) AS most, start_time, end_time FROM (${COUNTS}) GROUP BY start_time, end_time) AS m
      ON c.start_time = m.start_time AND c.end_time = m.end_time AND c.num >= m.most`,
    adapt: withWindow(({ auction, num }) => ({ key: NO_KEY, value: { hottest: [{ sort_col: num, col0: auction }] } })),
  },
  q7: {
    columns: 'auction BIGINT, price BIGINT, bidder BIGINT, start_time TIMESTAMP(3)',
    sink: unkeyedSink,
    select: `SELECT b.auction, b.price, b.bidder, m.start_time FROM bid AS b
      JOIN (SELECT MAX(price) AS highest, window_start AS start_time, window_end AS end_time FROM ${tumbling('bid')}
        GROUP BY window_start, window_end) AS m
      ON b.price = m.highest WHERE b.ts >= m.start_time AND b.ts < m.end_time`,
    adapt: withWindow(({ auction, price, bidder }) => ({
      key: NO_KEY,
      value: { highest: [{ sort_col: price, col0: auction, col1: bidder }] },
    })),
  },
  q8: {
    columns: 'id BIGINT, name STRING, auctions BIGINT, start_time TIMESTAMP(3)',
    sink: unkeyedSink,
    select: `SELECT p.id, p.name, a.auctions, p.start_time
      FROM (SELECT id, name, window_start AS start_time, window_end AS end_time FROM ${tumbling('person')}
        GROUP BY id, name, window_start, window_end) AS p
      JOIN (SELECT seller, COUNT(*) AS auctions, window_start AS start_time, window_end AS end_time
        FROM ${tumbling('auction')} GROUP BY seller, window_start, window_end) AS a
      ON p.id = a.seller AND p.start_time = a.start_time AND p.end_time = a.end_time`,
    adapt: withWindow(({ id, name, auctions }) => ({
      key: Buffer.from(JSON.stringify({ ID: id, NAME: name })),
      value: { auctions },
    })),
  },
};
