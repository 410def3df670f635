import { CITIES, FIRST_NAME, FIRST_NAMES, LAST_NAME, LAST_NAMES, type Quickstart } from './quickstart.ts';
import {
  counter,
  double,
  type FieldKinds,
  fraction,
  inTurn,
  int,
  long,
  numbered,
  options,
  range,
  record,
  text,
  textMap,
  texts,
} from './value-kind.ts';

const REGISTERED_MS = range(1487715775521, 1519273364599);
const USER = numbered('User_', 9);
const REGION = numbered('Region_', 9);
const GENDER = options('MALE', 'FEMALE', 'OTHER');
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

const USERS: FieldKinds = {
  registertime: long(REGISTERED_MS),
  userid: text(USER),
  regionid: text(REGION),
  gender: text(GENDER),
};

/** People, what they look at, order and say. */
export const PEOPLE_QUICKSTARTS = {
  ratings: {
    keyField: 'rating_id',
    fields: {
      rating_id: long(counter(1)),
      user_id: int(range(1, 20)),
      stars: int(range(1, 5)),
      route_id: int(range(1, 10_000)),
      rating_time: long((random, n) => 1519304105213 + n * 200 + random.between(0, 199)),
      channel: text(options('web', 'ios', 'android', 'iOS-test')),
      message: text(options(...MESSAGES)),
    },
  },
  // Not one of Confluent's: the customers of the ratings, whom the demo brings in from a database.
  customers: {
    keyField: 'id',
    fields: {
      id: int(counter(1, 1, 21)),
      first_name: text(inTurn(...FIRST_NAMES)),
      last_name: text((_, n) => LAST_NAMES[(n * 7 + Math.floor(n / 10)) % LAST_NAMES.length]!),
      email: text((_random, _n, row) => `${row['first_name']}.${row['last_name']}@example.com`.toLowerCase()),
      gender: text(options('Female', 'Male', 'Other')),
      club_status: text(inTurn(...CLUB_STATUSES)),
      comments: text(options('Prefers an aisle seat', 'Vegetarian meals', 'Flies every week', 'Travels with a cello')),
    },
  },
  users: { keyField: 'userid', fields: USERS },
  users_: {
    keyField: 'userid',
    fields: {
      ...USERS,
      interests: texts(options(['Game', 'Sport'], ['Movies', 'News'], ['News', 'Travel'], ['Game', 'News'])),
      contactinfo: textMap(
        options(
          { phone: '6502215101', city: 'Palo Alto', state: 'CA', zipcode: '94301' },
          { phone: '9195550142', city: 'Raleigh', state: 'NC', zipcode: '27601' },
          { phone: '2125550117', city: 'New York', state: 'NY', zipcode: '10001' },
          { phone: '4085550173', city: 'San Jose', state: 'CA', zipcode: '95112' },
        ),
      ),
    },
  },
  pageviews: {
    keyField: 'viewtime',
    fields: { viewtime: long(counter(1, 10)), userid: text(USER), pageid: text(numbered('Page_', 99)) },
  },
  orders: {
    keyField: 'orderid',
    fields: {
      ordertime: long(REGISTERED_MS),
      orderid: int(counter(0)),
      itemid: text(numbered('Item_', 999)),
      orderunits: double(fraction(0.1, 10, 4)),
      address: record({
        city: text(numbered('City_', 99)),
        state: text(numbered('State_', 99)),
        zipcode: long(range(10_000, 99_998)),
      }),
    },
  },
  clickstream: {
    keyField: 'ip',
    fields: {
      ip: text(options(...ADDRESSES)),
      userid: int(range(1, 40)),
      remote_user: text(options('-')),
      time: text((_, n) => String(1 + n * 10)),
      _time: long(counter(1, 10)),
      request: text((random) => `GET ${random.pick(REQUESTS)} HTTP/1.1`),
      status: text(options(...Object.keys(HTTP_STATUSES))),
      bytes: text(options('278', '1289', '2048', '4096', '4006', '4196', '14096')),
      referrer: text(options('-')),
      agent: text(options(...AGENTS)),
    },
  },
  clickstream_codes: {
    keyField: 'code',
    fields: {
      code: int(inTurn(...Object.keys(HTTP_STATUSES).map(Number))),
      definition: text(inTurn(...Object.values(HTTP_STATUSES))),
    },
  },
  clickstream_users: {
    keyField: 'user_id',
    fields: {
      user_id: int(counter(1, 1, 41)),
      username: text((random) => `${random.pick(FIRST_NAMES)}_${random.between(10, 99)}`),
      registered_at: long(REGISTERED_MS),
      first_name: text(FIRST_NAME),
      last_name: text(LAST_NAME),
      city: text(options(...CITIES)),
      level: text(options('Gold', 'Silver', 'Platinum')),
    },
  },
} satisfies Record<string, Quickstart>;
