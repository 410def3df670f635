import type { SqlValue } from '../../language/types/sql-type.ts';

export type Row = readonly SqlValue[];

export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** A header of a Kafka record. */
export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/**
 * What flows between operators: how the row of one key changed. On a stream `before` is null and `after` is the row; a
 * null `after` on a stream is a record whose value was null. On a table `after` null is a deletion, and `before` the
 * previous row where one was known.
 */
export interface Change {
  /** Values of the key columns; null when the record had no key. */
  readonly key: Row | null;
  /** Undefined where the previous row of a table is not known (the result of a foreign-key join). */
  readonly before: Row | null | undefined;
  readonly after: Row | null;
  readonly timeMs: number;
  readonly window?: Window;
  /** Of the record that caused the change. */
  readonly headers: readonly Header[];
}

/** So many entries of a store are looked at before other work of the process gets its turn. */
export const RESTORED_AT_ONCE = 1000;

export type Emit = (change: Change) => void;

/** Holds changes of a table for a while, so that several of one key become one. */
export interface ChangeFold {
  /**
   * @param passOn takes what is let go
   * @param isThere whether the table has a row at the place of a change, as of what was let go
   * @returns what takes the changes
   */
  through(passOn: Emit, isThere: (change: Change) => boolean): Emit;
  /**
   * Holds the news that an entry of a table has changed: what it is then is made into a change once, when it is let go.
   *
   * @param headers of the record that changed it
   */
  hold(entries: HeldEntries, slot: number, headers: readonly Header[]): void;
  /** Lets everything go that is held. */
  release(): void;
}

/** A table whose rows are made of its entries when they are let go. */
export interface HeldEntries {
  /** The place that was set last; negative: none. */
  placeOf(slot: number): number;
  setPlace(slot: number, place: number): void;
  /** Emits what an entry is now. */
  letGo(slot: number, headers: readonly Header[]): void;
  /** To be called when all that was held has been let go. */
  letGoDone(): void;
}

/**
 * A step of a running query. Operators are synchronous and know neither clock, broker nor serde; their state stores
 * arrive in the constructor. `input` tells which side a change comes from (0 left, 1 right).
 */
export interface Operator {
  /**
   * Makes what the operator keeps besides its stores from what they hold of earlier runs; absent where it keeps
   * nothing. To be gone through once before the first change. Other work may come between its steps, each of which
   * looks at {@link RESTORED_AT_ONCE} entries at most.
   */
  restore?(): Iterable<void>;
  process(change: Change, input: number, emit: Emit): void;
}

/**
 * Called with a row that comes after a window it belongs to has closed: its event time, and how far stream time has
 * come.
 */
export type OnLate = (timeMs: number, streamTimeMs: number) => void;

/** Where operators report rows they could not evaluate. Never fatal. */
export interface ProcessingLog {
  /** `step` is the plan step's context path, such as `Aggregate/GroupBy`. */
  recordProcessingError(step: string, message: string, cause: unknown, row: Row | null): void;
}
