import type { AnswerCheck } from '../table/answers.ts';
import { type Auction, type Bid, eventAt, kindOf, type Person } from './generator.ts';

type Value = Readonly<Record<string, unknown>> | null;
const WINDOW_MS = 10_000;
const ADVANCE_MS = 2000;

/** Engines differ in the case of names, not in what stands under them. */
const column = (value: Value, name: string): unknown => value?.[name.toUpperCase()] ?? value?.[name] ?? null;

const longOf = (bytes: Uint8Array, at = 0): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(at));

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what} is ${String(found)} instead of ${String(expected)}.`);
}

/** What of each bid is wanted as a text; nothing of a bid that gives undefined. */
function* textsOfBids(events: number, textOf: (bid: Bid) => string | undefined): Generator<string> {
  for (const bid of bidsOf(events)) {
    const text = textOf(bid);
    if (text !== undefined) yield text;
  }
}

function* bidsOf(events: number): Generator<Bid> {
  for (let n = 0; n < events; n++) {
    if (kindOf(n) !== 'bid') continue;
    yield eventAt(n).event as Bid;
  }
}

function* othersOf(events: number): Generator<{ readonly person?: Person; readonly auction?: Auction }> {
  for (let n = 0; n < events; n++) {
    const kind = kindOf(n);
    if (kind === 'bid') continue;
    const { event } = eventAt(n);
    yield kind === 'person' ? { person: event as Person } : { auction: event as Auction };
  }
}

/** Rows that have to come in this order, as texts. */
function inOrder(expected: Iterator<string>, textOf: (key: Uint8Array, value: Value) => string): AnswerCheck {
  let count = 0;
  return {
    see(key, value) {
      expectEqual(`Row ${count++}`, textOf(key, value), expected.next().value);
    },
    end: () => expectEqual('What should come next', expected.next().value, undefined),
  };
}

/** The last value of each place of a table. */
function asTable(expected: ReadonlyMap<string, string>, of: (key: Uint8Array, value: Value) => [string, string]) {
  const found = new Map<string, string>();
  return {
    see(key: Uint8Array, value: Value) {
      found.set(...of(key, value));
    },
    end() {
      expectEqual('The number of rows', found.size, expected.size);
      for (const [place, text] of expected) expectEqual(`The row of ${place}`, found.get(place), text);
    },
  } satisfies AnswerCheck;
}

const columnsText = (value: Value, names: readonly string[]): string =>
  names.map((name) => String(column(value, name))).join('|');

const PASSED = ['bidder', 'price', 'date_time', 'extra'] as const;

export const passedThrough = (events: number): AnswerCheck =>
  inOrder(
    textsOfBids(events, (bid) => `${bid.auction}|${PASSED.map((name) => bid[name]).join('|')}`),
    (key, value) => `${longOf(key)}|${columnsText(value, PASSED)}`,
  );

export const currencyConverted = (events: number): AnswerCheck =>
  inOrder(
    textsOfBids(events, (bid) => `${bid.auction}|${bid.bidder}|${908 * bid.price}|${bid.date_time}|${bid.extra}`),
    (key, value) => {
      const price = Math.round(Number(column(value, 'price')) * 1000);
      return `${longOf(key)}|${column(value, 'bidder')}|${price}|${columnsText(value, ['date_time', 'extra'])}`;
    },
  );

export const selectedAuctions = (events: number): AnswerCheck =>
  inOrder(
    textsOfBids(events, ({ auction, price }) => (auction % 123 === 0 ? `${auction}|${price}` : undefined)),
    (key, value) => `${longOf(key)}|${column(value, 'price')}`,
  );

export function localItems(events: number): AnswerCheck {
  const persons = new Map<number, Person>();
  const expected = new Map<string, string>();
  for (const { person, auction } of othersOf(events)) {
    if (person !== undefined) persons.set(person.id, person);
    if (auction?.category !== 10) continue;
    const seller = persons.get(auction.seller);
    if (seller !== undefined && ['OR', 'ID', 'CA'].includes(seller.state))
      expected.set(String(auction.id), `${seller.id}|${seller.name}|${seller.city}|${seller.state}`);
  }
  return asTable(expected, (key, value) => [
    String(column(value, 'id')),
    `${longOf(key)}|${columnsText(value, ['name', 'city', 'state'])}`,
  ]);
}

export function averagesByCategory(events: number): AnswerCheck {
  const auctions = new Map<number, Auction>();
  const highest = new Map<number, number>();
  for (let n = 0; n < events; n++) {
    const { kind, event } = eventAt(n);
    if (kind === 'auction') auctions.set(event.id, event);
    if (kind !== 'bid') continue;
    const auction = auctions.get(event.auction);
    if (auction === undefined || event.date_time < auction.date_time || event.date_time > auction.expires) continue;
    highest.set(auction.id, Math.max(event.price, highest.get(auction.id) ?? 0));
  }
  const categories = Map.groupBy(highest, ([id]) => auctions.get(id)!.category);
  const expected = new Map(
    [...categories].map(([category, prices]) => [
      String(category),
      (prices.reduce((sum, [, price]) => sum + price, 0) / prices.length).toFixed(3),
    ]),
  );
  return asTable(expected, (key, value) => [
    String(new DataView(key.buffer, key.byteOffset).getInt32(0)),
    Number(column(value, 'average')).toFixed(3),
  ]);
}

export function hottestItems(events: number): AnswerCheck {
  const counts = new Map<number, Map<number, number>>();
  for (const { auction, date_time } of bidsOf(events)) {
    for (let start = date_time - (date_time % ADVANCE_MS); start > date_time - WINDOW_MS; start -= ADVANCE_MS) {
      const window = counts.get(start) ?? new Map<number, number>();
      counts.set(start, window.set(auction, (window.get(auction) ?? 0) + 1));
    }
  }
  const found = new Map<number, { readonly count: unknown; readonly item: unknown }>();
  return {
    see(key, value) {
      const [top] = column(value, 'hottest') as readonly Record<string, unknown>[];
      found.set(longOf(key), { count: top?.['sort_col'], item: top?.['col0'] });
    },
    end() {
      expectEqual('The number of windows', found.size, counts.size);
      for (const [start, items] of counts) {
        const most = Math.max(...items.values());
        expectEqual(`The most bids from ${start} on`, found.get(start)?.count, most);
        // Where several items have as many bids, any of them is right.
        expectEqual(`The bids of the item from ${start} on`, items.get(Number(found.get(start)?.item)), most);
      }
    },
  };
}

export function highestBids(events: number): AnswerCheck {
  const highest = new Map<number, number>();
  const bids = new Set<string>();
  for (const { auction, bidder, price, date_time } of bidsOf(events)) {
    const start = date_time - (date_time % WINDOW_MS);
    if (price < (highest.get(start) ?? 0)) continue;
    highest.set(start, price);
    bids.add(`${start} ${price} ${auction} ${bidder}`);
  }
  const found = new Map<number, Record<string, unknown> | undefined>();
  return {
    see(key, value) {
      found.set(longOf(key, key.length - 8), (column(value, 'highest') as Record<string, unknown>[])[0]);
    },
    end() {
      expectEqual('The number of windows', found.size, highest.size);
      for (const [start, price] of highest) {
        const { sort_col, col0, col1 } = found.get(start) ?? {};
        expectEqual(`The highest price from ${start} on`, sort_col, price);
        expectEqual('Whether there was such a bid', bids.has(`${start} ${price} ${col0} ${col1}`), true);
      }
    },
  };
}

export function newSellers(events: number): AnswerCheck {
  const persons = new Map<number, Person>();
  const counts = new Map<string, number>();
  for (const { person, auction } of othersOf(events)) {
    if (person !== undefined) persons.set(person.id, person);
    const seller = auction === undefined ? undefined : persons.get(auction.seller);
    if (auction === undefined || seller === undefined) continue;
    const start = auction.date_time - (auction.date_time % WINDOW_MS);
    if (seller.date_time - (seller.date_time % WINDOW_MS) !== start) continue;
    const place = `${seller.id} ${seller.name} ${start}`;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const expected = new Map([...counts].map(([place, count]) => [place, String(count)]));
  return asTable(expected, (key, value) => {
    const { ID, NAME } = JSON.parse(Buffer.from(key.subarray(0, key.length - 8)).toString('utf8'));
    return [`${ID} ${NAME} ${longOf(key, key.length - 8)}`, String(column(value, 'auctions'))];
  });
}
