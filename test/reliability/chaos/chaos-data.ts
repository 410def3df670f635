import type { Chance } from '../../support/chance.ts';

/** What the engines work on: orders, each of which is there once, and the table that they are joined with. */

export const ORDERS = 20_000;
export const GROUPS = 40;
/** Of so many orders one is filtered out. */
const REFUSED_ONE_IN = 10;

export interface Order {
  readonly key: string;
  readonly group: number;
  readonly amount: number;
}

/** Each with a key of its own, in an order by chance. */
export function chaosOrders(chance: Chance): readonly Order[] {
  const orders = Array.from({ length: ORDERS }, (_, i): Order => {
    return { key: `o${i}`, group: chance.below(GROUPS), amount: i % REFUSED_ONE_IN === 0 ? -1 : chance.below(1000) };
  });
  return chance.shuffled(orders);
}

export const customerName = (group: number): string => `customer ${group}`;

/**
 * A chain: filtered, then spread anew by group and counted, which is counted itself; spread anew by group and joined;
 * and counted by key.
 * @param prefix of the names of topics, which a Kafka has from several rounds
 */
export const chaosStatements = (prefix: string): string => `
CREATE STREAM orders (k STRING KEY, g INT, amount INT) WITH (KAFKA_TOPIC = '${prefix}orders', VALUE_FORMAT = 'JSON');
CREATE TABLE customers (g INT PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC = '${prefix}customers', VALUE_FORMAT = 'JSON');
CREATE STREAM kept WITH (KAFKA_TOPIC = '${prefix}kept', VALUE_FORMAT = 'JSON') AS
  SELECT k, g, amount FROM orders WHERE amount >= 0;
CREATE TABLE by_group WITH (KAFKA_TOPIC = '${prefix}groups', VALUE_FORMAT = 'JSON') AS
  SELECT g, COUNT(*) AS n, SUM(amount) AS total FROM kept GROUP BY g;
CREATE TABLE by_key WITH (KAFKA_TOPIC = '${prefix}keys', VALUE_FORMAT = 'JSON') AS
  SELECT k, COUNT(*) AS n, SUM(amount) AS total FROM kept GROUP BY k;
CREATE TABLE sizes WITH (KAFKA_TOPIC = '${prefix}sizes', VALUE_FORMAT = 'JSON') AS
  SELECT n, COUNT(*) AS groups FROM by_group GROUP BY n;
CREATE STREAM named WITH (KAFKA_TOPIC = '${prefix}named', VALUE_FORMAT = 'JSON') AS
  SELECT kept.g AS g, k, name FROM kept JOIN customers ON kept.g = customers.g;
`;
