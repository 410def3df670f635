import type { JsonValue } from './converters.ts';
import type { SeededRandom } from './random.ts';

/** Makes the value of one field of the `n`-th row (from 0); `row` holds the fields before it. */
type Field = (random: SeededRandom, n: number, row: Readonly<Record<string, JsonValue>>) => JsonValue;

/** A kind of data that can be generated: the names, fields and keys of Confluent's datagen connector. */
export interface Quickstart {
  readonly keyField: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const counter =
  (start: number, step = 1): Field =>
  (_, n) =>
    start + n * step;
const range =
  (least: number, most: number): Field =>
  (random) =>
    random.between(least, most);
const decimal =
  (least: number, most: number, digits: number): Field =>
  (random) =>
    Number((least + random.next() * (most - least)).toFixed(digits));
const options =
  (...values: readonly JsonValue[]): Field =>
  (random) =>
    random.pick(values);
/** The n-th row has the n-th value, and then from the first again. */
const inTurn =
  (...values: readonly JsonValue[]): Field =>
  (_, n) =>
    values[n % values.length]!;
const numbered =
  (prefix: string, most: number): Field =>
  (random) =>
    `${prefix}${random.between(1, most)}`;
const record =
  (fields: Readonly<Record<string, Field>>): Field =>
  (random, n) =>
    makeRow(fields, random, n);

/** The fields of one row, in their order. */
export function makeRow(
  fields: Readonly<Record<string, Field>>,
  random: SeededRandom,
  n: number,
): Record<string, JsonValue> {
  const row: Record<string, JsonValue> = {};
  for (const name in fields) row[name] = fields[name]!(random, n, row);
  return row;
}

const REGISTERED_MS = range(1487715775521, 1519273364600);
const USER = numbered('User_', 9);
const REGION = numbered('Region_', 9);
const GENDER = options('MALE', 'FEMALE', 'OTHER');
const FIRST_NAMES = ['Ada', 'Ruby', 'Hugh', 'Mae', 'Otto', 'Iris', 'Noel', 'Tess', 'Omar', 'Lena'] as const;
const LAST_NAMES = [
  'Brandt',
  'Okafor',
  'Silva',
  'Novak',
  'Haddad',
  'Larsen',
  'Ito',
  'Moreau',
  'Quinn',
  'Rossi',
] as const;
const CITIES = ['London', 'Palo Alto', 'Raleigh', 'New York', 'San Francisco', 'Frankfurt'] as const;
const CLUB_STATUSES = ['bronze', 'silver', 'gold', 'platinum'] as const;
const HTTP_STATUSES = {
  200: 'Successful',
  302: 'Redirect',
  404: 'Page not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  407: 'Proxy authentication required',
} as const;
const ADDRESSES = [
  '111.152.45.45',
  '111.203.236.146',
  '111.168.57.122',
  '111.249.79.93',
  '122.168.57.222',
  '233.90.225.227',
];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/59.0.3071.115 Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
];
const REQUESTS = [
  '/site/login.html',
  '/site/user_status.html',
  '/images/track.png',
  '/images/logo-small.png',
  '/index.html',
];
const MESSAGES = [
  '(expletive deleted)',
  'why is it so difficult to keep the bathrooms clean ?',
  'more peanuts please',
  'your team here rocks!',
  'airport refurb looks great, will fly outta here more!',
  'thank you for the most friendly, helpful experience today at your new lounge',
  'meh',
  'Surprisingly good, maybe you are getting your mojo back at long last!',
  'is this as good as it gets? really ?',
  'worst. flight. ever. #neveragain',
  'Exceeded all my expectations. Thank you !',
];

const USERS: Quickstart['fields'] = { registertime: REGISTERED_MS, userid: USER, regionid: REGION, gender: GENDER };

/** What `quickstart` may name. */
export const QUICKSTARTS: Readonly<Record<string, Quickstart>> = {
  ratings: {
    keyField: 'rating_id',
    fields: {
      rating_id: counter(1),
      user_id: range(1, 20),
      stars: range(1, 5),
      route_id: range(1, 10_000),
      rating_time: (random, n) => 1519304105213 + n * 200 + random.between(0, 199),
      channel: options('web', 'ios', 'android', 'iOS-test'),
      message: options(...MESSAGES),
    },
  },
  // Not one of Confluent's: the customers of the ratings, whom the demo brings in from a database.
  customers: {
    keyField: 'id',
    fields: {
      id: (_, n) => (n % 20) + 1,
      first_name: inTurn(...FIRST_NAMES),
      last_name: (_, n) => LAST_NAMES[(n * 7 + Math.floor(n / 10)) % LAST_NAMES.length]!,
      email: (_random, _n, row) => `${row['first_name']}.${row['last_name']}@example.com`.toLowerCase(),
      gender: options('Female', 'Male', 'Other'),
      club_status: inTurn(...CLUB_STATUSES),
      comments: options('Prefers an aisle seat', 'Vegetarian meals', 'Flies every week', 'Travels with a cello'),
    },
  },
  users: { keyField: 'userid', fields: USERS },
  users_: {
    keyField: 'userid',
    fields: {
      ...USERS,
      interests: options(['Game', 'Sport'], ['Movies', 'News'], ['Travel'], ['Game', 'News', 'Travel']),
      contactinfo: record({
        phone: numbered('6502215', 999),
        city: options(...CITIES),
        state: options('CA', 'NC', 'NY'),
        zipcode: options('94301', '27601', '10001'),
      }),
    },
  },
  pageviews: {
    keyField: 'viewtime',
    fields: { viewtime: counter(1, 10), userid: USER, pageid: numbered('Page_', 99) },
  },
  orders: {
    keyField: 'orderid',
    fields: {
      ordertime: REGISTERED_MS,
      orderid: counter(0),
      itemid: numbered('Item_', 999),
      orderunits: decimal(0.1, 10, 4),
      address: record({ city: numbered('City_', 99), state: numbered('State_', 99), zipcode: range(10_000, 99_999) }),
    },
  },
  clickstream: {
    keyField: 'ip',
    fields: {
      ip: options(...ADDRESSES),
      userid: range(1, 40),
      remote_user: options('-'),
      time: (_, n) => String(1 + n * 10),
      _time: counter(1, 10),
      request: (random) => `GET ${random.pick(REQUESTS)} HTTP/1.1`,
      status: options(...Object.keys(HTTP_STATUSES)),
      bytes: options('278', '1289', '2048', '4096', '4006', '4196', '14096'),
      referrer: options('-'),
      agent: options(...AGENTS),
    },
  },
  clickstream_codes: {
    keyField: 'code',
    fields: {
      code: inTurn(...Object.keys(HTTP_STATUSES).map(Number)),
      definition: inTurn(...Object.values(HTTP_STATUSES)),
    },
  },
  clickstream_users: {
    keyField: 'user_id',
    fields: {
      user_id: (_, n) => (n % 40) + 1,
      username: (random) => `${random.pick(FIRST_NAMES)}_${random.between(10, 99)}`,
      registered_at: REGISTERED_MS,
      first_name: options(...FIRST_NAMES),
      last_name: options(...LAST_NAMES),
      city: options(...CITIES),
      level: options('Gold', 'Silver', 'Platinum'),
    },
  },
  stock_trades: {
    keyField: 'symbol',
    fields: {
      side: options('BUY', 'SELL'),
      quantity: range(1, 5000),
      symbol: options('ZBZX', 'ZJZZT', 'ZTEST', 'ZVV', 'ZVZZT', 'ZWZZT', 'ZXZZT'),
      price: range(5, 1000),
      account: options('ABC123', 'LMN456', 'XYZ789'),
      userid: USER,
    },
  },
  transactions: {
    keyField: 'transaction_id',
    fields: {
      transaction_id: counter(1),
      card_id: range(1, 24),
      user_id: USER,
      purchase_id: counter(0),
      store_id: range(1, 7),
    },
  },
  purchases: {
    keyField: 'id',
    fields: {
      id: counter(0),
      item_type: options('book', 'lamp', 'pen', 'desk'),
      quantity: range(1, 9),
      price: decimal(1, 99, 2),
    },
  },
  credit_cards: {
    keyField: 'card_id',
    fields: {
      card_id: (_, n) => (n % 24) + 1,
      card_number: (random) => Array.from({ length: 4 }, () => random.between(1000, 9999)).join('-'),
      cvv: range(100, 999),
      expiration_date: (random) => `${String(random.between(1, 12)).padStart(2, '0')}/${random.between(27, 33)}`,
    },
  },
  stores: {
    keyField: 'store_id',
    fields: { store_id: (_, n) => (n % 7) + 1, city: options(...CITIES), state: options('CA', 'NC', 'NY') },
  },
  inventory: {
    keyField: 'id',
    fields: { id: counter(1), quantity: range(1, 1000), productid: range(1, 20) },
  },
  product: {
    keyField: 'id',
    fields: {
      id: (_, n) => (n % 20) + 1,
      name: numbered('Product_', 20),
      description: options('sturdy', 'light', 'new', 'classic'),
      price: decimal(1, 500, 2),
    },
  },
};
