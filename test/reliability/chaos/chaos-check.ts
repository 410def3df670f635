import { isDeepStrictEqual } from 'node:util';
import type { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { type ReadRecord, topicRecords } from '../../support/topic-records.ts';
import { customerName, type Order } from './chaos-data.ts';

type Row = Readonly<Record<string, unknown>>;

interface Count {
  readonly N: number;
  readonly TOTAL: number;
}

/** What the topic of orders has: an order is there twice where the broker was killed before it had answered. */
export interface Written {
  readonly orders: readonly Order[];
  readonly doubled: number;
}

export async function writtenOrders(broker: KafkaBroker, prefix: string): Promise<Written> {
  const records = await topicRecords(broker, `${prefix}orders`);
  const orders = records.map(({ key, value }): Order => {
    const { G, AMOUNT } = JSON.parse(value!);
    return { key: key!, group: G, amount: AMOUNT };
  });
  return { orders, doubled: orders.length - new Set(orders.map(({ key }) => key)).size };
}

/**
 * What is wrong with the topics that the queries write, in sentences; what is committed alone is looked at. Streams
 * have each record as often as it was written, tables are right at their end, and no count was written by a state that
 * had gone back.
 */
export async function chaosProblems(
  broker: KafkaBroker,
  prefix: string,
  orders: readonly Order[],
): Promise<readonly string[]> {
  const kept = orders.filter(({ amount }) => amount >= 0);
  const read = (topic: string) => topicRecords(broker, prefix + topic);
  const groupCounts = counts(kept, ({ group }) => String(group));
  const sizes = new Map(
    [...Map.groupBy(groupCounts.values(), ({ N }) => N)].map(([n, groups]) => [String(n), { GROUPS: groups.length }]),
  );
  const byGroup = await read('groups');
  const byKey = await read('keys');
  return [
    ...timesEach(
      'kept',
      kept.map(({ key, group, amount }) => `${key} ${group} ${amount}`),
      await read('kept'),
      keptText,
    ),
    ...timesEach('named', kept.map(namedOf), await read('named'), namedText),
    ...differences('groups', groupCounts, newest(byGroup, intKey)),
    ...differences(
      'keys',
      counts(kept, ({ key }) => key),
      newest(byKey, String),
    ),
    ...differences('sizes', sizes, withoutEmpty(newest(await read('sizes'), longKey))),
    ...goneBack('groups', byGroup, intKey),
    ...goneBack('keys', byKey, String),
  ];
}

const namedOf = ({ key, group }: Order): string => `${group} ${key} ${customerName(group)}`;

const keptText = ({ key, value }: ReadRecord): string => {
  const { G, AMOUNT } = JSON.parse(value!);
  return `${key} ${G} ${AMOUNT}`;
};

const namedText = ({ key, value }: ReadRecord): string => {
  const { K, NAME } = JSON.parse(value!);
  return `${intKey(key!)} ${K} ${NAME}`;
};

const intKey = (key: string): string => String(Buffer.from(key, 'latin1').readInt32BE());
const longKey = (key: string): string => String(Buffer.from(key, 'latin1').readBigInt64BE());

function counts(orders: readonly Order[], keyOf: (order: Order) => string): ReadonlyMap<string, Count> {
  const found = new Map<string, Count>();
  for (const order of orders) {
    const { N, TOTAL } = found.get(keyOf(order)) ?? { N: 0, TOTAL: 0 };
    found.set(keyOf(order), { N: N + 1, TOTAL: TOTAL + order.amount });
  }
  return found;
}

/** Whether each text is there as often as it is to be: lost and doubled ones. */
function* timesEach(
  topic: string,
  expected: readonly string[],
  records: readonly ReadRecord[],
  textOf: (record: ReadRecord) => string,
): Iterable<string> {
  const missing = new Map<string, number>();
  for (const text of expected) missing.set(text, (missing.get(text) ?? 0) + 1);
  for (const record of records) {
    const text = textOf(record);
    missing.set(text, (missing.get(text) ?? 0) - 1);
  }
  const lost = [...missing].filter(([, times]) => times > 0).map(([text]) => text);
  const doubled = [...missing].filter(([, times]) => times < 0).map(([text]) => text);
  if (lost.length > 0) yield `${topic}: ${lost.length} lost, such as ${lost.slice(0, 3).join(', ')}`;
  if (doubled.length > 0) yield `${topic}: ${doubled.length} too often, such as ${doubled.slice(0, 3).join(', ')}`;
}

function newest(records: readonly ReadRecord[], keyText: (key: string) => string): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const { key, value } of records) {
    if (value === null) rows.delete(keyText(key!));
    else rows.set(keyText(key!), JSON.parse(value));
  }
  return rows;
}

/** Groups that every key has left have a count of zero. */
const withoutEmpty = (rows: ReadonlyMap<string, Row>) => new Map([...rows].filter(([, row]) => row['GROUPS'] !== 0));

function* differences(
  table: string,
  expected: ReadonlyMap<string, object>,
  found: ReadonlyMap<string, Row>,
): Iterable<string> {
  const wrong = [...expected].filter(([key, row]) => !isDeepStrictEqual(found.get(key), row));
  const [first] = wrong;
  if (first !== undefined)
    yield `${table}: ${wrong.length} rows wrong, such as ${first[0]}: ${JSON.stringify(found.get(first[0]))} instead of ${JSON.stringify(first[1])}`;
  const surplus = [...found.keys()].filter((key) => !expected.has(key));
  if (surplus.length > 0) yield `${table}: ${surplus.length} rows should not be there, such as ${surplus[0]}`;
}

function* goneBack(table: string, records: readonly ReadRecord[], keyText: (key: string) => string): Iterable<string> {
  const highest = new Map<string, number>();
  for (const { key, value } of records) {
    const { N } = JSON.parse(value!) as Count;
    const before = highest.get(key!) ?? 0;
    if (N <= before) yield `${table}: ${keyText(key!)} went from ${before} to ${N}`;
    highest.set(key!, N);
  }
}
