import { type RecordBatch, RecordBatchBuilder } from '../../broker/record-batch.ts';
import type { StoreKey, StoreValue } from '../../state/state-store.ts';
import { ValueReader, ValueWriter } from '../../state/value-codec.ts';

/** So many entries, or bytes, are encoded before other work of the process gets its turn. */
export const SLICE_ENTRIES = 2000;
export const SLICE_BYTES = 256 * 1024;

/**
 * Writes entries of one store as the records of a changelog. The key is the name of the store (nothing, for the store
 * that the topic is named after) and the key of the entry, the value its binary form, or null where it is gone.
 */
export class ChangelogWriter {
  readonly #store: string;
  readonly #builder = new RecordBatchBuilder(SLICE_BYTES);
  readonly #key = new ValueWriter();
  readonly #value = new ValueWriter();
  readonly #timeMs: number;

  /**
   * @param store the name that stands in keys
   * @param timeMs the time of its records, by which the broker knows what is older than a topic keeps
   */
  constructor(store: string, timeMs: number) {
    this.#store = store;
    this.#timeMs = timeMs;
  }

  get count(): number {
    return this.#builder.count;
  }

  /** Whether a batch of it is large enough. */
  get isFull(): boolean {
    return this.#builder.count >= SLICE_ENTRIES || this.#builder.sizeBytes >= SLICE_BYTES;
  }

  /** @param value undefined for an entry that is gone */
  add(key: StoreKey, value: StoreValue | undefined): void {
    this.#key.clear();
    this.#key.text(this.#store);
    this.#key.text(key);
    this.#value.clear();
    if (value !== undefined) this.#value.value(value);
    this.#builder.append(this.#key.bytes, value === undefined ? null : this.#value.bytes, this.#timeMs);
  }

  /** The batch; the next one is begun. */
  take(): RecordBatch {
    return this.#builder.build();
  }
}

/** Sets an entry of a store; undefined: it is gone. */
export type SetEntry = (key: StoreKey, value: StoreValue | undefined) => void;

/**
 * Reads the records of a changelog where they lie.
 *
 * @param setterOf what takes the entries of the store with that name in their keys
 * @returns how many there were
 * @throws Error where something else than an entry stands in the topic
 */
export function readChangelog(batch: RecordBatch, setterOf: (store: string) => SetEntry): number {
  const cursor = batch.records();
  const bytes = Buffer.from(cursor.bytes.buffer, cursor.bytes.byteOffset, cursor.bytes.length);
  const reader = new ValueReader(bytes);
  let store: string | undefined;
  let set: SetEntry | undefined;
  let count = 0;
  while (cursor.next()) {
    const { keyStart, valueStart } = cursor;
    if (keyStart < 0) throw new Error(`its record at offset ${cursor.offset} has no key, so it is no entry of a state`);
    // Most keys have no name of a store before them.
    const isPrincipal = bytes[keyStart] === 0;
    reader.seek(isPrincipal ? keyStart + 1 : keyStart);
    const name = isPrincipal ? '' : reader.text();
    if (set === undefined || name !== store) {
      store = name;
      set = setterOf(name);
    }
    const key = reader.key();
    if (valueStart < 0) set(key, undefined);
    else {
      reader.seek(valueStart);
      set(key, reader.value());
    }
    count++;
  }
  return count;
}
