import type { SqlValue } from '../../../language/types/sql-type.ts';

/**
 * Where a row of a looked-up table stands among those of all engines. A scan goes by the partition, several keys by
 * their order in the condition, LIMIT by the key as a scan of ksqlDB meets it, and then by the start of the window.
 */
export interface RowPlace {
  readonly major: string | number;
  readonly minor: number;
}

/** A row of a looked-up table. */
export interface PlacedRow {
  readonly values: readonly SqlValue[];
  readonly tombstone: false;
  readonly place: RowPlace;
  /** The values as an answer's JSON, where another engine has written them. */
  readonly json?: string | undefined;
  /** The engine that it comes from, where that is another. */
  readonly host?: string | undefined;
}

/** Rows of one engine, in the order of their places. */
export interface RowSource {
  /** The next rows; undefined at the end. It may throw at any time, and is not asked again then. */
  next(): Promise<readonly PlacedRow[] | undefined>;
  /** Nobody reads on. */
  close(): void;
}

export function comparePlaces(a: RowPlace, b: RowPlace): number {
  if (a.major === b.major) return a.minor - b.minor;
  return a.major < b.major ? -1 : 1;
}

/** As it goes over the wire before a row, without a tab. */
export const placeText = ({ major, minor }: RowPlace): string =>
  typeof major === 'number' && minor === 0 ? String(major) : `[${JSON.stringify(major)},${minor}]`;

/** Reads what {@link placeText} wrote. @throws SyntaxError */
export function parsePlace(text: string): RowPlace {
  const parsed = JSON.parse(text) as number | readonly [string | number, number];
  return typeof parsed === 'number' ? { major: parsed, minor: 0 } : { major: parsed[0], minor: parsed[1] };
}
