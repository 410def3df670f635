import { copyBytes, decodeUtf8 } from '../encoding/bytes.ts';

/** No column has this field's name. */
export const UNKNOWN_FIELD = -1;
/** Several columns have this field's name (`foo` and FOO): nothing for the fast path. */
export const AMBIGUOUS_FIELD = -2;

/** A field name as it stands in payloads, and the index of the column that it belongs to. */
export interface FieldName {
  readonly bytes: Uint8Array;
  readonly column: number;
}

const MAX_NAMES = 1024;

/**
 * Finds the column of a field name without making a string of it. Producers write their fields in the same order record
 * after record, so the name that was last seen at the same position is tried first; then a table of all the names seen.
 */
export class FieldTable {
  readonly #exact = new Map<string, number>();
  readonly #names: readonly string[];
  readonly #byPosition: (FieldName | undefined)[] = [];
  readonly #byHash = new Map<number, FieldName[]>();
  #size = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    names.forEach((name, column) => {
      this.#exact.set(name, column);
    });
  }

  /**
   * The field name that starts at `start`, behind its opening quote.
   * @param position of the field within its object, from 0
   * @returns undefined when the name ends nowhere, holds escapes or is not UTF-8
   */
  find(bytes: Uint8Array, start: number, end: number, position: number): FieldName | undefined {
    const expected = this.#byPosition[position];
    if (expected && isName(bytes, start, end, expected.bytes)) return expected;
    const found = this.#lookUp(bytes, start, end);
    if (found && position < 256) this.#byPosition[position] = found;
    return found;
  }

  #lookUp(bytes: Uint8Array, start: number, end: number): FieldName | undefined {
    let hash = 0;
    let position = start;
    let char = bytes[position];
    while (position < end && char !== 0x22) {
      if (char === 0x5c || char! < 0x20) return undefined;
      hash = (hash * 31 + char!) | 0;
      char = bytes[++position];
    }
    if (position >= end) return undefined;
    const known = this.#byHash.get(hash)?.find((name) => isName(bytes, start, end, name.bytes));
    if (known) return known;
    const text = decodeUtf8(bytes, start, position);
    if (text.includes('\ufffd')) return undefined;
    const name: FieldName = { bytes: copyBytes(bytes, start, position), column: this.columnOf(text) };
    // Objects used as maps have ever new names; the table is for records.
    if (this.#size < MAX_NAMES) {
      const names = this.#byHash.get(hash);
      if (names) names.push(name);
      else this.#byHash.set(hash, [name]);
      this.#size++;
    }
    return name;
  }

  /** The column of a field name: the one that is equal, or the one that the name is in upper case. */
  columnOf(name: string): number {
    const exact = this.#exact.get(name);
    const upper = this.#names.indexOf(name.toUpperCase());
    if (exact === undefined) return upper;
    return upper < 0 || upper === exact ? exact : AMBIGUOUS_FIELD;
  }
}

function isName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  const { length } = name;
  if (start + length >= end || bytes[start + length] !== 0x22) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
