/*
 * What the product's own endpoints about topics take and give: plain data only. ksqlDB's servers have none of them.
 */

/** POST /workbench/capture: which records of which topics; all where nothing else is said. The answer is JSON lines. */
export interface CaptureRequest {
  readonly topics: readonly string[];
  /** Only the oldest, over all topics. */
  readonly first?: number | undefined;
  /** Only the newest, over all topics. */
  readonly last?: number | undefined;
  /** Only records of this time and later, in milliseconds since the epoch. */
  readonly fromMs?: number | undefined;
  /** Only records before this time. */
  readonly toMs?: number | undefined;
}

/** POST /workbench/records: lines of a fixture file to write. */
export interface AppendRequest {
  readonly lines: readonly string[];
  /** Whether nothing behind a line that is refused is written. */
  readonly stopAtFirst?: boolean;
}

/** Why a line was not written. */
export interface AppendProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export interface AppendAnswer {
  readonly written: number;
  readonly problems: readonly AppendProblem[];
}
