import type { SqlType, SqlValue } from '../../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../../broker/record-batch.ts';
import { ByteIndex } from '../../../bytes/byte-index.ts';
import type { PipelineAggregate } from '../../../compile/pipeline.ts';
import type { KeyedAggregate } from '../../../operators/aggregate-results.ts';
import type { Row } from '../../../operators/operator.ts';
import { decodeAscii, decodeUtf8, readInt32, readInt64 } from '../../../serde/encoding/bytes.ts';
import { FORM, isCanonical } from '../../../serde/json/canonical.ts';
import { readInteger } from '../../../serde/json/token-values.ts';
import type { JsonTokens } from '../../../serde/json/tokens.ts';
import { type GroupKey, NONE } from '../../../state/aggregate-store.ts';
import { storeKey } from '../../../state/key-codec.ts';

/** A group, and where it is kept. */
export interface KnownGroup extends GroupKey {
  key: Row;
  readonly part: KeyedAggregate;
  /** Of the key in the table of the part, as long as that has just this key under it. */
  number: number;
}

/** Finds the groups of records. */
export interface GroupKeys {
  /** The group of the record at the cursor; undefined where there is something to say of it: it is given up. */
  find(cursor: RecordCursor): KnownGroup | undefined;
}

type PartOf = PipelineAggregate['partOf'];

function groupOf(key: Row, partOf: PartOf): KnownGroup {
  return { key, text: storeKey(key), part: partOf(key), number: NONE };
}

/** The number of a group's key in its table, which is looked up where it is not known, or stands for another now. */
export function numberOf(group: KnownGroup): number {
  const { table } = group.part.results;
  if (group.number !== NONE && table.keyAt(group.number) === group.key) return group.number;
  group.number = table.findKey(group.text);
  group.key = table.keyAt(group.number) ?? group.key;
  return group.number;
}

type KeyReader = (bytes: Uint8Array, start: number, end: number) => SqlValue | undefined;

/** Groups of one column, known by the bytes that their keys stand as: a key that has come before is not made again. */
class GroupIndex {
  readonly #read: KeyReader;
  readonly #partOf: PartOf;
  readonly #groups: KnownGroup[] = [];
  readonly #index = new ByteIndex();

  /** @param read undefined for bytes of which there is something to say */
  constructor(read: KeyReader, partOf: PartOf) {
    this.#read = read;
    this.#partOf = partOf;
  }

  find(bytes: Uint8Array, start: number, end: number): KnownGroup | undefined {
    const known = this.#index.find(bytes, start, end);
    return known >= 0 ? this.#groups[known] : this.#add(bytes, start, end);
  }

  #add(bytes: Uint8Array, start: number, end: number): KnownGroup | undefined {
    const value = this.#read(bytes, start, end);
    if (value === undefined) return undefined;
    const group = groupOf([value], this.#partOf);
    const number = this.#index.add(bytes, start, end);
    if (number < 0) return group;
    // After it has begun anew, it numbers from the first again.
    this.#groups.length = number;
    this.#groups.push(group);
    return group;
  }
}

/** GROUP BY the key of the records, which is one column in Kafka's own form. */
export class GroupsByRecordKey implements GroupKeys {
  readonly #index: GroupIndex;

  private constructor(index: GroupIndex) {
    this.#index = index;
  }

  /** @returns undefined for types whose keys are not found so */
  static of({ kind }: SqlType, partOf: PartOf): GroupsByRecordKey | undefined {
    const read = kind === 'STRING' ? text : kind === 'INTEGER' ? integer : kind === 'BIGINT' ? long : undefined;
    return read && new GroupsByRecordKey(new GroupIndex(read, partOf));
  }

  find({ bytes, keyStart, keyEnd }: RecordCursor): KnownGroup | undefined {
    return keyStart < 0 ? undefined : this.#index.find(bytes, keyStart, keyEnd);
  }
}

/** GROUP BY a column of JSON, whose tokens tell keys apart where they stand as they would be written. */
export class GroupsByToken implements GroupKeys {
  readonly #tokens: JsonTokens;
  readonly #column: number;
  readonly #form: number;
  readonly #index: GroupIndex;
  readonly #partOf: PartOf;

  private constructor(tokens: JsonTokens, column: number, form: number, partOf: PartOf) {
    this.#tokens = tokens;
    this.#column = column;
    this.#form = form;
    this.#index = new GroupIndex(form === FORM.text ? text : digits, partOf);
    this.#partOf = partOf;
  }

  /** @returns undefined for types whose keys are not found so */
  static of({ kind }: SqlType, tokens: JsonTokens, column: number, partOf: PartOf): GroupsByToken | undefined {
    const form =
      kind === 'STRING' ? FORM.text : kind === 'INTEGER' ? FORM.integer : kind === 'BIGINT' ? FORM.long : undefined;
    return form === undefined ? undefined : new GroupsByToken(tokens, column, form, partOf);
  }

  find(): KnownGroup | undefined {
    const tokens = this.#tokens;
    const start = tokens.starts[this.#column]!;
    if (start < 0) return undefined;
    if (isCanonical(tokens, this.#column, this.#form)) {
      const quote = this.#form === FORM.text ? 1 : 0;
      return this.#index.find(tokens.source, start + quote, tokens.ends[this.#column]! - quote);
    }
    const value = tokens.value(this.#column);
    return value === undefined ? undefined : groupOf([value], this.#partOf);
  }
}

/** GROUP BY whatever is made of the row. */
export class MadeGroups implements GroupKeys {
  readonly #row: Row;
  readonly #parts: readonly ((row: Row) => SqlValue)[];
  readonly #partOf: PartOf;

  constructor(row: Row, parts: readonly ((row: Row) => SqlValue)[], partOf: PartOf) {
    this.#row = row;
    this.#parts = parts;
    this.#partOf = partOf;
  }

  find(): KnownGroup | undefined {
    const key = new Array<SqlValue>(this.#parts.length);
    for (let i = 0; i < key.length; i++) {
      const value = this.#parts[i]!(this.#row);
      if (value === null) return undefined;
      key[i] = value;
    }
    return groupOf(key, this.#partOf);
  }
}

const integer: KeyReader = (bytes, start, end) => (end - start === 4 ? readInt32(bytes, start) : undefined);
const long: KeyReader = (bytes, start, end) => (end - start === 8 ? readInt64(bytes, start) : undefined);
const digits: KeyReader = (bytes, start, end) => readInteger(bytes, start, end, false);

/** Bytes that are no UTF-8 may be read as the text that others stand for. */
const text: KeyReader = (bytes, start, end) => {
  for (let at = start; at < end; at++) {
    if (bytes[at]! < 0x80) continue;
    const decoded = decodeUtf8(bytes, start, end);
    return decoded.includes('\ufffd') ? undefined : decoded;
  }
  return decodeAscii(bytes, start, end);
};
