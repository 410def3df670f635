import type { AnswerCheck } from '../table/answers.ts';
import {
  averagesByCategory,
  currencyConverted,
  highestBids,
  hottestItems,
  localItems,
  newSellers,
  passedThrough,
  selectedAuctions,
} from './answers.ts';
import type { EventKind } from './generator.ts';

export interface NexmarkQuery {
  readonly name: string;
  readonly title: string;
  /** What it reads: only such events are written, and counted. */
  readonly reads: readonly EventKind[];
  /** How many events the site has in all. */
  readonly events: number;
  /** Sources, run before anything is measured. */
  readonly declare: string;
  /** What is measured; makes `result`, and maybe what it is made of. */
  readonly query: string;
  /** A source that the query declares over the topic of its first step. */
  readonly between?: string;
  check(events: number): AnswerCheck;
}

const BIDS = `CREATE STREAM bid (auction BIGINT KEY, bidder BIGINT, price BIGINT, channel STRING, url STRING, date_time BIGINT,
  extra STRING) WITH (KAFKA_TOPIC = 'bid', FORMAT_OF_VALUES);`;
const AUCTION_COLUMNS = `item_name STRING, description STRING, initial_bid BIGINT, reserve BIGINT, date_time BIGINT,
  expires BIGINT, seller BIGINT, category INT, extra STRING`;
const AUCTIONS = `CREATE STREAM auction (id BIGINT KEY, ${AUCTION_COLUMNS}) WITH (KAFKA_TOPIC = 'auction', FORMAT_OF_VALUES);`;
const AUCTION_TABLE = `CREATE TABLE auction (id BIGINT PRIMARY KEY, ${AUCTION_COLUMNS})
  WITH (KAFKA_TOPIC = 'auction', FORMAT_OF_VALUES);`;
const PERSON_COLUMNS = `name STRING, email_address STRING, credit_card STRING, city STRING, state STRING,
  date_time BIGINT, extra STRING`;
const PERSONS = `CREATE STREAM person (id BIGINT KEY, ${PERSON_COLUMNS}) WITH (KAFKA_TOPIC = 'person', FORMAT_OF_VALUES);`;
const PERSON_TABLE = `CREATE TABLE person (id BIGINT PRIMARY KEY, ${PERSON_COLUMNS})
  WITH (KAFKA_TOPIC = 'person', FORMAT_OF_VALUES);`;
const declared = (...statements: readonly string[]): string =>
  statements.join('\n').replaceAll('FORMAT_OF_VALUES', "VALUE_FORMAT = 'JSON'");

const MILLION = 1_000_000;

/** Nexmark's queries in KSQL's words; bench/README.md says where they had to be put another way. */
export const QUERIES: readonly NexmarkQuery[] = [
  {
    name: 'q0',
    title: 'pass through',
    reads: ['bid'],
    events: MILLION,
    declare: declared(BIDS),
    query: 'CREATE STREAM result AS SELECT auction, bidder, price, date_time, extra FROM bid;',
    check: passedThrough,
  },
  {
    name: 'q1',
    title: 'currency conversion',
    reads: ['bid'],
    events: MILLION,
    declare: declared(BIDS),
    query: 'CREATE STREAM result AS SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid;',
    check: currencyConverted,
  },
  {
    name: 'q2',
    title: 'selection',
    reads: ['bid'],
    events: MILLION,
    declare: declared(BIDS),
    query: 'CREATE STREAM result AS SELECT auction, price FROM bid WHERE auction % 123 = 0;',
    check: selectedAuctions,
  },
  {
    name: 'q3',
    title: 'local item suggestion',
    reads: ['person', 'auction'],
    events: 4 * MILLION,
    declare: declared(AUCTIONS, PERSON_TABLE),
    query: `CREATE STREAM result AS SELECT a.seller AS seller, p.name AS name, p.city AS city, p.state AS state, a.id AS id
      FROM auction a JOIN person p ON a.seller = p.id
      WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA');`,
    check: localItems,
  },
  {
    name: 'q4',
    title: 'average price for a category',
    reads: ['auction', 'bid'],
    events: MILLION,
    declare: declared(BIDS, AUCTION_TABLE),
    query: `CREATE TABLE winning WITH (KEY_FORMAT = 'JSON') AS
        SELECT b.auction AS auction, a.category AS category, MAX(b.price) AS final
        FROM bid b JOIN auction a ON b.auction = a.id
        WHERE b.date_time BETWEEN a.date_time AND a.expires GROUP BY b.auction, a.category;
      CREATE TABLE result WITH (KEY_FORMAT = 'KAFKA') AS
        SELECT category, AVG(final) AS average FROM winning GROUP BY category;`,
    check: averagesByCategory,
  },
  {
    name: 'q5',
    title: 'hot items',
    reads: ['bid'],
    events: MILLION,
    declare: declared(BIDS),
    query: `CREATE TABLE counts AS
        SELECT auction, AS_VALUE(auction) AS item, WINDOWSTART AS start, COUNT(*) AS num
        FROM bid WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 2 SECONDS) GROUP BY auction;
      CREATE STREAM changes (auction BIGINT KEY, item BIGINT, start BIGINT, num BIGINT)
        WITH (KAFKA_TOPIC = 'COUNTS', VALUE_FORMAT = 'JSON', WINDOW_TYPE = 'HOPPING', WINDOW_SIZE = '10 SECONDS');
      CREATE TABLE result AS SELECT start, TOPK(num, item, 1) AS hottest FROM changes GROUP BY start;`,
    between: 'changes',
    check: hottestItems,
  },
  {
    name: 'q7',
    title: 'highest bid',
    reads: ['bid'],
    events: MILLION,
    declare: declared(BIDS),
    query: `CREATE TABLE result AS SELECT 1 AS one, TOPK(price, auction, bidder, 1) AS highest
      FROM bid WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY 1;`,
    check: highestBids,
  },
  {
    name: 'q8',
    title: 'monitor new users',
    reads: ['person', 'auction'],
    events: 4 * MILLION,
    declare: declared(PERSONS, AUCTIONS),
    query: `CREATE TABLE result WITH (KEY_FORMAT = 'JSON') AS
      SELECT p.id AS id, p.name AS name, COUNT(*) AS auctions
      FROM person p JOIN auction a WITHIN 10 SECONDS GRACE PERIOD 10 SECONDS ON p.id = a.seller
      WINDOW TUMBLING (SIZE 10 SECONDS)
      WHERE p.date_time / 10000 = a.date_time / 10000 GROUP BY p.id, p.name;`,
    check: newSellers,
  },
];
