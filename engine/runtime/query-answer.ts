import type { SqlType } from '../../language/types/sql-type.ts';
import type { ResultRow } from './row-queue.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly key: boolean;
}

/** Rows that a query gives, while they come. */
export interface QueryAnswer {
  readonly queryId: string;
  /** `pull-stream` reads a stream to where it ends now; `pull-table` looks rows up in a materialized table. */
  readonly kind: 'push' | 'pull-stream' | 'pull-table';
  readonly statementText: string;
  readonly columns: readonly ResultColumn[];
  /** The rows that are there, or the first that come; undefined at the end. Throws when the query fails. */
  next(): Promise<readonly ResultRow[] | undefined>;
  /** Whether the end came because LIMIT was reached. */
  readonly limitReached: boolean;
  /** Ends the query; safe to call again. */
  close(): Promise<void>;
}
