import type { FieldValues } from './date-fields.ts';
import type { Zone } from './time-zone.ts';

/** The text to read, and what was found in it so far. */
export interface ReadState {
  readonly text: string;
  values: FieldValues;
  offsetMs: number | undefined;
  zone: Zone | undefined;
}

/** Reads a piece of a text from a position on and gives where it ends, or -1 - the position of what does not fit. */
export type Reader = (state: ReadState, at: number) => number;
