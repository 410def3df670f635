import { RECORD_ROW } from '../../../broker/record-batch.ts';
import type { JsonTokens } from '../../../serde/json/tokens.ts';
import { ROWS } from './scratch-memory.ts';

/** More would not be processed in one slice of time. */
const MOST_ROWS = 256;

/**
 * What the row of a record holds, as integers: the record ({@link RECORD_ROW}), the start and the end of the token of
 * each column that may be asked for, and of each piece that is made for its result. A start of -1 stands for null.
 */
export interface RowLayout {
  readonly integers: number;
  /** The columns whose tokens it has, in their order. */
  readonly columns: Int32Array;
  /** By column; -1 for those that nobody asks for. */
  readonly tokens: Int32Array;
  /** Behind the tokens. */
  readonly made: readonly number[];
  /** The most rows at once. */
  readonly most: number;
}

/** @param made how many pieces are made for each result */
export function rowLayout(tokens: JsonTokens, made: number): RowLayout {
  let integers: number = RECORD_ROW.length;
  const next = (): number => {
    integers += 2;
    return integers - 2;
  };
  const places = Int32Array.from(tokens.checks, (_, column) => (tokens.isBuilt(column) ? next() : -1));
  const pieces = Array.from({ length: made }, next);
  const columns = Int32Array.from(tokens.checks.keys()).filter((column) => places[column]! >= 0);
  return {
    integers,
    columns,
    tokens: places,
    made: pieces,
    most: Math.min(MOST_ROWS, Math.floor(ROWS.bytes / (4 * integers))),
  };
}
