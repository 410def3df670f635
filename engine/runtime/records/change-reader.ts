import type { DataSource } from '../../../language/metastore/metastore.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Change } from '../../operators/operator.ts';

/** Turns the records of a topic into changes, one after another and without waiting. */
export interface ChangeReader {
  readonly source: DataSource;
  /** Whether the time of records stands in a column of theirs. */
  readonly extractsTime: boolean;
  /**
   * The change that the record at the cursor stands for; undefined when the record is passed over.
   * @throws QueryFailure when settings say that such a record stops the query
   * @throws SchemaNotLoadedError when the record can be read only after its schema was fetched
   */
  read(cursor: RecordCursor, partition: number): Change | undefined;
  /** Passes over the record at the cursor, whose schema cannot be had. @throws QueryFailure as {@link read} does */
  refuse(cursor: RecordCursor, error: unknown): void;
}
