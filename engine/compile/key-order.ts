import type { SqlType, SqlValue } from '../../language/types/sql-type.ts';
import type { Row } from '../operators/operator.ts';
import { storeKey } from '../state/key-codec.ts';

/**
 * What keys of one column are ordered by in Kafka Streams' stores: their bytes as unsigned numbers, in Kafka's own
 * format, as text of one character a byte. So negative numbers come after positive ones.
 */
export function keyOrder(type: SqlType): (key: Row) => string {
  const write = WRITERS[type.kind];
  if (write === undefined) return storeKey;
  const view = new DataView(new ArrayBuffer(8));
  return ([value]) => {
    if (value === null || value === undefined) return '';
    const bytes = write(view, value);
    return typeof bytes === 'string' ? bytes : latin1(view, bytes);
  };
}

/** Writes a value and gives the number of bytes, or gives its bytes as text. */
type Writer = (view: DataView, value: SqlValue) => number | string;

const int: Writer = (view, value) => {
  view.setInt32(0, value as number);
  return 4;
};
const long: Writer = (view, value) => {
  view.setBigInt64(0, BigInt(value as number | bigint));
  return 8;
};

const WRITERS: Readonly<Partial<Record<SqlType['kind'], Writer>>> = {
  INTEGER: int,
  DATE: int,
  TIME: int,
  BIGINT: long,
  TIMESTAMP: long,
  DOUBLE: (view, value) => {
    view.setFloat64(0, value as number);
    return 8;
  },
  STRING: (_view, value) => Buffer.from(value as string, 'utf8').toString('latin1'),
};

function latin1({ buffer }: DataView, length: number): string {
  return Buffer.from(buffer, 0, length).toString('latin1');
}
