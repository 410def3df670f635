import {
  array,
  BIGINT,
  DATE,
  DOUBLE,
  decimal as decimalType,
  INTEGER,
  map,
  type SqlType,
  STRING,
  struct,
  TIMESTAMP,
} from '../../../language/types/sql-type.ts';
import type { JsonValue } from '../configuration/converters.ts';
import type { SeededRandom } from './random.ts';

export type Row = Record<string, JsonValue>;

/** Makes the next value; `n` counts the rows from 0, and `row` holds the fields before it. */
export type Make = (random: SeededRandom, n: number, row: Readonly<Row>) => JsonValue;

/** A kind of values: their type, and how they are made. */
export interface ValueKind {
  /** Undefined where KSQL has no type for them. */
  readonly type: SqlType | undefined;
  /** Begins a sequence of values; what counts begins at its start. */
  readonly begin: () => Make;
}

/** A kind of rows. */
export interface RowKind {
  /** The type of each field, in their order; undefined where KSQL has none. */
  readonly types: Readonly<Record<string, SqlType | undefined>>;
  /** Begins a sequence of rows. */
  begin(): (random: SeededRandom, n: number) => Row;
}

/** Rows of these fields. */
export const rowsOf = (fields: FieldKinds): RowKind => ({
  types: Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type])),
  begin: () => beginRows(fields),
});

/** The fields of rows, in their order. */
export type FieldKinds = Readonly<Record<string, ValueKind>>;

/** Begins a sequence of rows. */
function beginRows(fields: FieldKinds): (random: SeededRandom, n: number) => Row {
  const makes = Object.entries(fields).map(([name, { begin }]) => [name, begin()] as const);
  return (random, n) => {
    const row: Row = {};
    for (const [name, make] of makes) row[name] = make(random, n, row);
    return row;
  };
}

const typed =
  (type: SqlType) =>
  (make: Make): ValueKind => ({ type, begin: () => make });

export const int = typed(INTEGER);
export const long = typed(BIGINT);
export const double = typed(DOUBLE);
export const text = typed(STRING);
/** Days since 1970. */
export const date = typed(DATE);
/** Milliseconds since 1970. */
export const timestamp = typed(TIMESTAMP);
export const decimal = (precision: number, scale: number, make: Make): ValueKind =>
  typed(decimalType(precision, scale))(make);
export const texts = typed(array(STRING));
export const textMap = typed(map(STRING, STRING));

export function record(fields: FieldKinds): ValueKind {
  const types = Object.entries(fields).flatMap(([name, { type }]) => (type === undefined ? [] : [{ name, type }]));
  return {
    type: struct(types),
    begin() {
      const next = beginRows(fields);
      return (random, n) => next(random, n);
    },
  };
}

/** Lists of `least` to `most` items. */
export function list(items: ValueKind, least: number, most: number): ValueKind {
  return {
    type: items.type === undefined ? undefined : array(items.type),
    begin() {
      const make = items.begin();
      return (random, n, row) => Array.from({ length: random.between(least, most) }, () => make(random, n, row));
    },
  };
}

/** Each row has the next number, and after `restart - 1` the first again. */
export const counter =
  (start: number, step = 1, restart = Number.POSITIVE_INFINITY): Make =>
  (_, n) =>
    start + ((n * step) % (restart - start));

/** A whole number between the two, or one of them. */
export const range =
  (least: number, most: number): Make =>
  (random) =>
    random.between(least, most);

/** A number between the two with so many digits behind the point. */
export const fraction =
  (least: number, most: number, digits: number): Make =>
  (random) =>
    Number((least + random.next() * (most - least)).toFixed(digits));

export const options =
  (...values: readonly JsonValue[]): Make =>
  (random) =>
    random.pick(values);

/** The n-th row has the n-th value, and then from the first again. */
export const inTurn =
  (...values: readonly JsonValue[]): Make =>
  (_, n) =>
    values[n % values.length]!;

/** `User_7`. */
export const numbered =
  (prefix: string, most: number): Make =>
  (random) =>
    `${prefix}${random.between(1, most)}`;
