import { START_MS } from '../table/rows.ts';

/**
 * The events of an auction site, as the public description of Nexmark has them: of each 50 one is a person, three are
 * auctions and 46 are bids. The n-th event is the same on every machine and in every run, but for when all of it
 * begins. Sellers and bidders are persons, and bids are for auctions, that came before; half of the bids are for one
 * hot auction, three of four bidders and sellers are hot ones.
 */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly email_address: string;
  readonly credit_card: string;
  readonly city: string;
  readonly state: string;
  readonly date_time: number;
  readonly extra: string;
}

export interface Auction {
  readonly id: number;
  readonly item_name: string;
  readonly description: string;
  readonly initial_bid: number;
  readonly reserve: number;
  readonly date_time: number;
  readonly expires: number;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly date_time: number;
  readonly extra: string;
}

export type Event =
  | { readonly kind: 'person'; readonly event: Person }
  | { readonly kind: 'auction'; readonly event: Auction }
  | { readonly kind: 'bid'; readonly event: Bid };
export type EventKind = Event['kind'];

const EVENTS_IN_TURN = 50;
const AUCTIONS_IN_TURN = 3;
const FIRST_ID = 1000;
/** How far back others than the hot ones may lie. */
const ACTIVE_PERSONS = 1000;
const AUCTIONS_IN_FLIGHT = 100;
const HOT_EVERY = 100;
const LONGEST_AUCTION_MS = 20_000;
const FIRST_NAMES = ['Ada', 'Bela', 'Carl', 'Dora', 'Emil', 'Frida', 'Georg', 'Hedy', 'Ivo', 'Jana', 'Kurt'];
const LAST_NAMES = ['Abel', 'Brandt', 'Curie', 'Decker', 'Ernst', 'Fuchs', 'Gauss', 'Huber', 'Islam'];
const PLACES = [
  ['Phoenix', 'AZ'],
  ['Los Angeles', 'CA'],
  ['San Francisco', 'CA'],
  ['Boise', 'ID'],
  ['Portland', 'OR'],
  ['Bend', 'OR'],
  ['Redmond', 'WA'],
  ['Seattle', 'WA'],
  ['Kent', 'WA'],
  ['Cheyenne', 'WY'],
] as const;
const CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A number below `below` that looks like chance: the `salt`-th of an event. */
function draw(n: number, salt: number, below: number): number {
  let hash = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) % below;
}

function letters(n: number, salt: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += LETTERS[draw(n, salt * 1000 + i, LETTERS.length)]!;
  return text;
}

/** From a hundred to a hundred million, small ones as often as large ones. */
const priceOf = (n: number, salt: number): number => Math.round(10 ** ((draw(n, salt, 6000) / 6000) * 6) * 100);

/** Milliseconds apart. */
const timeOf = (n: number): number => START_MS + n;

const turnOf = (n: number): number => Math.floor(n / EVENTS_IN_TURN);

export function kindOf(n: number): EventKind {
  const place = n % EVENTS_IN_TURN;
  return place === 0 ? 'person' : place <= AUCTIONS_IN_TURN ? 'auction' : 'bid';
}

/** The number of a person that came before the n-th event. */
function somePerson(n: number, salt: number): number {
  const last = turnOf(n);
  if (draw(n, salt, 4) > 0) return FIRST_ID + last - (last % HOT_EVERY);
  return FIRST_ID + last - draw(n, salt + 1, Math.min(last + 1, ACTIVE_PERSONS));
}

/** The number of an auction that came before the n-th event, a bid. */
function someAuction(n: number, salt: number): number {
  const last = turnOf(n) * AUCTIONS_IN_TURN + AUCTIONS_IN_TURN - 1;
  if (draw(n, salt, 2) > 0) return FIRST_ID + last - (last % HOT_EVERY);
  return FIRST_ID + last - draw(n, salt + 1, Math.min(last + 1, AUCTIONS_IN_FLIGHT));
}

export function eventAt(n: number): Event {
  const kind = kindOf(n);
  switch (kind) {
    case 'person':
      return { kind, event: personAt(n) };
    case 'auction':
      return { kind, event: auctionAt(n) };
    case 'bid':
      return { kind, event: bidAt(n) };
    default:
      return kind satisfies never;
  }
}

function personAt(n: number): Person {
  const [first, last] = [FIRST_NAMES[draw(n, 0, FIRST_NAMES.length)]!, LAST_NAMES[draw(n, 1, LAST_NAMES.length)]!];
  const [city, state] = PLACES[draw(n, 2, PLACES.length)]!;
  return {
    id: FIRST_ID + turnOf(n),
    name: `${first} ${last}`,
    email_address: `${letters(n, 3, 7)}@${letters(n, 4, 5)}.com`,
    credit_card: Array.from({ length: 4 }, (_, i) => String(draw(n, 5 + i, 10_000)).padStart(4, '0')).join(' '),
    city,
    state,
    date_time: timeOf(n),
    extra: letters(n, 9, 60),
  };
}

function auctionAt(n: number): Auction {
  const initial = priceOf(n, 10);
  return {
    id: FIRST_ID + turnOf(n) * AUCTIONS_IN_TURN + (n % EVENTS_IN_TURN) - 1,
    item_name: letters(n, 11, 12),
    description: letters(n, 12, 40),
    initial_bid: initial,
    reserve: initial + priceOf(n, 13),
    date_time: timeOf(n),
    expires: timeOf(n) + 1 + draw(n, 14, LONGEST_AUCTION_MS),
    seller: somePerson(n, 15),
    category: 10 + draw(n, 17, 5),
    extra: letters(n, 18, 100),
  };
}

function bidAt(n: number): Bid {
  const channel = CHANNELS[draw(n, 20, CHANNELS.length)]!;
  return {
    auction: someAuction(n, 21),
    bidder: somePerson(n, 23),
    price: priceOf(n, 25),
    channel,
    url: `https://www.nexmark.com/${letters(n, 26, 5)}/item.htm?query=1`,
    date_time: timeOf(n),
    extra: letters(n, 27, 20),
  };
}
