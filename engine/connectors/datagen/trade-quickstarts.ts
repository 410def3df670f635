import {
  FIRST_NAME,
  FIRST_NAMES,
  fixedUuids,
  IN_2021_MS,
  IP_ADDRESS,
  LAST_NAME,
  LAST_NAMES,
  pattern,
  type Quickstart,
} from './quickstart.ts';
import {
  counter,
  date,
  decimal,
  double,
  fraction,
  inTurn,
  int,
  list,
  long,
  numbered,
  options,
  range,
  record,
  text,
  timestamp,
} from './value-kind.ts';

const USER = numbered('User_', 9);
const ITEMS = ['lamp', 'kettle', 'rug', 'mirror', 'stool', 'radio', 'basket', 'candle', 'ladder', 'teapot'] as const;
const FIRST_PRODUCT_ID = 10_000_000_001;
const PRODUCTS = 16;
const SHOPS = [
  ['Raleigh', 'US'],
  ['Chicago', 'US'],
  ['Mexico City', 'Mexico'],
  ['Toronto', 'Canada'],
  ['Paris', 'France'],
  ['London', 'UK'],
  ['Milan', 'Italy'],
] as const;
const CARDS = 24;

const ORDER_DATE = date(range(18_000, 18_999));
const PIZZA_STORE_ID = int(range(1, 9));
const FIRST_ORDER_ID = 1000;

const SHOE_IDS = fixedUuids(1, 24);
const SHOE_CUSTOMER_IDS = fixedUuids(2, 40);
const STATES = ['California', 'Texas', 'Florida', 'New York', 'Colorado', 'Oregon', 'Virginia', 'Illinois'] as const;
const SHOE_MODELS = ['Stride', 'Harbour', 'Summit', 'Tempo', 'Meadow', 'Relay'] as const;
const SHOE_BRANDS = ['Alder', 'Kestrel', 'Norrvik', 'Pamir'] as const;
const SOLD_AT = timestamp(counter(1_609_459_200_000, 100_000));

/** What is bought and sold. */
export const TRADE_QUICKSTARTS = {
  stock_trades: {
    keyField: 'symbol',
    fields: {
      side: text(options('BUY', 'SELL')),
      quantity: int(range(1, 4999)),
      symbol: text(options('ZBZX', 'ZJZZT', 'ZTEST', 'ZVV', 'ZVZZT', 'ZWZZT', 'ZXZZT')),
      price: int(range(5, 999)),
      account: text(options('ABC123', 'LMN456', 'XYZ789')),
      userid: text(USER),
    },
  },
  transactions: {
    keyField: 'transaction_id',
    fields: {
      transaction_id: long(counter(1)),
      card_id: long(range(1, CARDS - 1)),
      user_id: text(USER),
      purchase_id: long(counter(0)),
      store_id: int(range(1, SHOPS.length)),
    },
  },
  purchases: {
    keyField: 'id',
    fields: {
      id: long(counter(0)),
      item_type: text(options(...ITEMS)),
      quantity: int(range(1, 19)),
      price_per_unit: decimal(4, 2, fraction(10, 50, 2)),
    },
  },
  credit_cards: {
    keyField: 'card_id',
    fields: {
      card_id: int(counter(1, 1, CARDS + 1)),
      card_number: long((_, n) => 4_000_000_000_000_000 + ((n % CARDS) + 1) * 11_110_002_221),
      cvv: int((_, n) => 100 + (((n % CARDS) * 37) % 900)),
      expiration_date: text((_, n) => `${String((n % 12) + 1).padStart(2, '0')}/${30 + (n % 2)}`),
    },
  },
  stores: {
    keyField: 'store_id',
    fields: {
      store_id: int(counter(1, 1, SHOPS.length + 1)),
      city: text(inTurn(...SHOPS.map(([city]) => city))),
      country: text(inTurn(...SHOPS.map(([, country]) => country))),
    },
  },
  inventory: {
    keyField: 'id',
    fields: {
      id: long(counter(0)),
      quantity: int(range(-100, 99)),
      productid: long(range(FIRST_PRODUCT_ID, FIRST_PRODUCT_ID + PRODUCTS - 1)),
    },
  },
  product: {
    keyField: 'id',
    fields: {
      id: long(counter(FIRST_PRODUCT_ID, 1, FIRST_PRODUCT_ID + PRODUCTS)),
      name: text(inTurn(...ITEMS)),
      description: text((_, n) => String(n)),
      price: long(range(2, 19)),
    },
  },
  campaign_finance: {
    keyField: 'candidate_id',
    fields: {
      time: long(range(1_587_715_775_521, 1_619_273_364_599)),
      candidate_id: text(pattern('[A-Z][1-9]{8}')),
      party_affiliation: text(options('REP', 'DEM', 'IND')),
      contribution: int(range(20, 3499)),
    },
  },
  pizza_orders: {
    keyField: 'store_id',
    fields: {
      store_id: PIZZA_STORE_ID,
      store_order_id: int(counter(FIRST_ORDER_ID)),
      coupon_code: int(range(1000, 1999)),
      date: ORDER_DATE,
      status: text(options('accepted')),
      order_lines: list(
        record({
          product_id: int(range(1, 99)),
          category: text(options('pizza', 'calzone', 'salad', 'wings', 'dessert')),
          quantity: int(range(1, 5)),
          unit_price: double(fraction(1.5, 25, 2)),
          net_price: double((_random, _n, line) =>
            Number((Number(line['quantity']) * Number(line['unit_price'])).toFixed(2)),
          ),
        }),
        1,
        4,
      ),
    },
  },
  pizza_orders_completed: {
    keyField: 'store_id',
    fields: {
      store_id: PIZZA_STORE_ID,
      store_order_id: int(counter(FIRST_ORDER_ID)),
      date: ORDER_DATE,
      status: text(options('completed')),
      rack_time_secs: int(range(130, 229)),
      order_delivery_time_secs: int(range(1100, 1999)),
    },
  },
  pizza_orders_cancelled: {
    keyField: 'store_id',
    fields: {
      store_id: PIZZA_STORE_ID,
      store_order_id: int(counter(FIRST_ORDER_ID)),
      date: ORDER_DATE,
      status: text(options('cancelled')),
    },
  },
  insurance_offers: {
    keyField: 'offer_id',
    fields: {
      offer_id: int(counter(1)),
      offer_name: text(options('new_customer', 'existing_customer', 'ongoing_upsell')),
      offer_url: text(pattern('https://www\\.example\\.com/offers/[a-z]{6}')),
    },
  },
  insurance_customers: {
    keyField: 'customer_id',
    fields: {
      customer_id: int(counter(1)),
      first_name: text(FIRST_NAME),
      last_name: text(LAST_NAME),
      email: text((_random, n, row) => `${row['first_name']}.${row['last_name']}${n}@example.com`.toLowerCase()),
      gender: text(options('female', 'male')),
      income: int(range(20_000, 249_999)),
      fico: int(range(300, 849)),
      years_active: int(range(1, 39)),
    },
  },
  insurance_customer_activity: {
    keyField: 'activity_id',
    fields: {
      activity_id: int(counter(1)),
      customer_id: int(range(1, 999)),
      activity_type: text(options('web_open', 'mobile_open', 'new_account')),
      propensity_to_churn: double(fraction(0.01, 1, 4)),
      ip_address: text(IP_ADDRESS),
    },
  },
  shoes: {
    keyField: 'product_id',
    fields: {
      product_id: text(inTurn(...SHOE_IDS)),
      product_name: text(
        inTurn(...SHOE_IDS.map((_, i) => `${SHOE_BRANDS[i % 4]} ${SHOE_MODELS[Math.floor(i / 4) % 6]}`)),
      ),
      sale_price: int((_, n) => 2495 + ((n * 1250) % 20_000)),
      product_rating: double(fraction(0, 5, 1)),
    },
  },
  shoe_customers: {
    keyField: 'id',
    fields: {
      id: text(inTurn(...SHOE_CUSTOMER_IDS)),
      first_name: text(inTurn(...FIRST_NAMES)),
      last_name: text((_, n) => LAST_NAMES[Math.floor(n / FIRST_NAMES.length) % LAST_NAMES.length]!),
      email: text((_random, _n, row) => `${row['first_name']}.${row['last_name']}@example.com`.toLowerCase()),
      phone: text(pattern('[2-9][0-9]{2}-555-01[0-9]{2}')),
      street_address: text((random) => `${random.between(1, 999)} ${random.pick(LAST_NAMES)} Street`),
      state: text(options(...STATES)),
      zip_code: text(pattern('[1-9][0-9]{4}')),
      country: text(options('United States')),
      country_code: text(options('US')),
    },
  },
  shoe_orders: {
    keyField: 'order_id',
    fields: {
      order_id: int(counter(FIRST_ORDER_ID)),
      product_id: text(options(...SHOE_IDS)),
      customer_id: text(options(...SHOE_CUSTOMER_IDS)),
      ts: SOLD_AT,
    },
  },
  shoe_clickstream: {
    keyField: 'product_id',
    fields: {
      product_id: text(options(...SHOE_IDS)),
      user_id: text(options(...SHOE_CUSTOMER_IDS)),
      view_time: int(range(10, 119)),
      page_url: text(pattern('https://www\\.example\\.com/product/[a-z]{5}')),
      ip: text(IP_ADDRESS),
      ts: SOLD_AT,
    },
  },
  payroll_employee: {
    keyField: 'employee_id',
    fields: {
      employee_id: int(counter(1000)),
      first_name: text(FIRST_NAME),
      last_name: text(LAST_NAME),
      age: int(range(30, 49)),
      ssn: text(pattern('[0-9]{3}-[0-9]{2}-[0-9]{4}')),
      hourly_rate: int(range(8, 24)),
      gender: text(options('male', 'female')),
      email: text(pattern('[a-z]{4}@example\\.com')),
    },
  },
  payroll_employee_location: {
    keyField: 'employee_id',
    fields: {
      employee_id: int(counter(1000)),
      lab: text(pattern('lab-\\d')),
      department_id: int(range(1, 9)),
      timestamp: ORDER_DATE,
    },
  },
  payroll_bonus: {
    keyField: 'employee_id',
    fields: { employee_id: int(counter(1000)), bonus: int(range(10, 49)), ts: timestamp(IN_2021_MS) },
  },
} satisfies Record<string, Quickstart>;
