import type { SqlType } from '../../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../../broker/record-batch.ts';
import type { KeyPassage } from '../key-passage.ts';

/** Looks at the keys of records, as reading a record does, whether or not anything wants them. */
export type RecordKey = Pick<KeyPassage, 'open' | 'key'>;

/** A key of one column in Kafka's own form, of which no expression reads the value. */
export class UnreadKey implements RecordKey {
  readonly key = null;
  /** Undefined for text, which anything is. */
  readonly #sizeBytes: number | undefined;

  private constructor(sizeBytes: number | undefined) {
    this.#sizeBytes = sizeBytes;
  }

  /** @returns undefined for types that there is more to look at of */
  static of({ kind }: SqlType): UnreadKey | undefined {
    if (kind === 'STRING') return new UnreadKey(undefined);
    if (kind === 'INTEGER') return new UnreadKey(4);
    return kind === 'BIGINT' ? new UnreadKey(8) : undefined;
  }

  open({ keyStart, keyEnd }: RecordCursor): boolean {
    return keyStart < 0 || this.#sizeBytes === undefined || keyEnd - keyStart === this.#sizeBytes;
  }
}
