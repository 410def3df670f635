import type { Slot } from '../../../language/types/schema.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordHeader } from '../../broker/record-batch.ts';
import type { Row, Window } from '../../operators/operator.ts';

/** A slot of the row to fill; those that are not needed are checked but stay empty. */
export type InputSlot = Slot & { readonly needed?: boolean };

/** Where in the rows of a layout stands what every row has besides its value columns. */
export class RowSlots {
  readonly #key: number;
  readonly #rowtime: number;
  readonly #rowpartition: number;
  readonly #rowoffset: number;
  readonly #windowstart: number;
  readonly #windowend: number;
  readonly #headers: readonly { readonly slot: number; readonly key: string | undefined }[];

  constructor(layout: readonly InputSlot[]) {
    const at = (role: Slot['role']): number => layout.findIndex((slot) => slot.role === role);
    this.#key = at('key');
    this.#rowtime = at('rowtime');
    this.#rowpartition = at('rowpartition');
    this.#rowoffset = at('rowoffset');
    this.#windowstart = at('windowstart');
    this.#windowend = at('windowend');
    this.#headers = layout.flatMap((slot, i) => (slot.role === 'header' ? [{ slot: i, key: slot.headerKey }] : []));
  }

  /** Sets all of it in a row, as far as the layout has it. */
  fill(
    row: SqlValue[],
    key: Row | null,
    timeMs: number,
    partition: number,
    offset: number,
    window: Window | undefined,
    headers: readonly RecordHeader[],
  ): void {
    for (const header of this.#headers) row[header.slot] = headerValue(header.key, headers);
    if (this.#rowtime >= 0) row[this.#rowtime] = timeMs;
    if (this.#rowpartition >= 0) row[this.#rowpartition] = partition;
    if (this.#rowoffset >= 0) row[this.#rowoffset] = offset;
    if (key !== null) for (let i = 0; i < key.length; i++) row[this.#key + i] = key[i]!;
    if (window !== undefined && this.#windowstart >= 0) {
      row[this.#windowstart] = window.startMs;
      row[this.#windowend] = window.endMs;
    }
  }
}

/** HEADERS gives all headers as structs, HEADER('k') the value of the last one of that name. */
function headerValue(key: string | undefined, headers: readonly RecordHeader[]): SqlValue {
  if (key === undefined) return headers.map((header) => [header.key, header.value]);
  return headers.findLast((header) => header.key === key)?.value ?? null;
}
