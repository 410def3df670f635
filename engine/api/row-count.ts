const NUMBERS = new Intl.NumberFormat('en-US');

/** A count with thousands separators. */
export const count = (value: number | bigint): string => NUMBERS.format(value);

/** `1 row`, `1,204 rows`. */
export const rowCount = (rows: number): string => `${count(rows)} ${rows === 1 ? 'row' : 'rows'}`;
