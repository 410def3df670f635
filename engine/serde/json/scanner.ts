import { parseDecimal } from '../../../language/types/decimal.ts';
import type { DecimalType, SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { DAY_MS } from '../../../language/types/time-units.ts';
import { decodeAscii } from '../encoding/bytes.ts';
import { TextCache } from '../encoding/text-cache.ts';
import { decodeJsonBase64, fitExactly } from '../encoding/text-value.ts';
import { AMBIGUOUS_FIELD, FieldTable, UNKNOWN_FIELD } from './field-table.ts';
import { JsonSkipper } from './skipper.ts';
import { readDouble, readInteger, readString } from './token-values.ts';

/** What is to be read at one place of a document. */
interface ValuePlan {
  readonly type: SqlType;
  /** False: the value is only checked. */
  readonly build: boolean;
  /** Of an array's elements or a map's values. */
  readonly inner?: ValuePlan;
  readonly object?: ObjectPlan;
}

/** What is to be read of an object's fields. */
interface ObjectPlan {
  readonly table: FieldTable;
  readonly plans: readonly ValuePlan[];
  /** Where the value of each column goes in the target. */
  readonly slots: readonly number[];
  /** The slots that are written. */
  readonly written: readonly number[];
  /** For each column the number of the object that it was last seen in: finds fields that occur twice. */
  readonly seen: Int32Array;
  objects: number;
}

export interface ScannedColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly slot: number;
  readonly build: boolean;
}

function objectPlan(columns: readonly ScannedColumn[]): ObjectPlan {
  return {
    table: new FieldTable(columns.map((column) => column.name)),
    plans: columns.map((column) => valuePlan(column.type, column.build)),
    slots: columns.map((column) => column.slot),
    written: columns.filter((column) => column.build).map((column) => column.slot),
    seen: new Int32Array(columns.length),
    objects: 0,
  };
}

function valuePlan(type: SqlType, build: boolean): ValuePlan {
  switch (type.kind) {
    case 'ARRAY':
      return { type, build, inner: valuePlan(type.element, build) };
    case 'MAP':
      return { type, build, inner: valuePlan(type.value, build) };
    case 'STRUCT': {
      const fields = type.fields.map((field, slot) => ({ ...field, slot, build }));
      return { type, build, object: objectPlan(fields) };
    }
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return { type, build };
    default:
      return type satisfies never;
  }
}

/**
 * Reads rows straight out of the bytes of JSON documents. It knows the documents that producers write: whatever is
 * unusual (a field twice, text for a number, an escape in a field name) or wrong makes it give up, and then the decoder
 * over the document's tree takes the row, which has the exact rules and the error messages. What this one reads, that
 * one would read just so.
 */
export class JsonScanner extends JsonSkipper {
  readonly #root: ObjectPlan | ValuePlan;
  readonly #texts = new TextCache();

  /**
   * @param wrapped whether the columns are fields of an object; otherwise the document is the value of the only column
   */
  constructor(columns: readonly ScannedColumn[], wrapped: boolean) {
    super();
    this.#root = wrapped ? objectPlan(columns) : valuePlan(columns[0]!.type, columns[0]!.build);
  }

  /** Reads an object's fields into the row. False: given up; the row may hold some of the values. */
  readRow(bytes: Uint8Array, start: number, end: number, row: SqlValue[]): boolean {
    this.open(bytes, start, end);
    return this.next() === 0x7b && this.#readObject(this.#root as ObjectPlan, row);
  }

  /** Reads the value that the document is. Undefined: given up. */
  readRoot(bytes: Uint8Array, start: number, end: number): SqlValue | undefined {
    this.open(bytes, start, end);
    return this.#readValue(this.#root as ValuePlan, this.next());
  }

  /** The place behind what was read last. */
  get behind(): number {
    return this.position;
  }

  /** Reads the object at the position. */
  #readObject(plan: ObjectPlan, target: SqlValue[]): boolean {
    const { table, plans, slots, written, seen } = plan;
    for (let i = 0; i < written.length; i++) target[written[i]!] = null;
    const object = (plan.objects + 1) | 0;
    plan.objects = object;
    this.position++;
    if (this.next() === 0x7d) {
      this.position++;
      return true;
    }
    for (let index = 0; ; index++) {
      if (this.next() !== 0x22) return false;
      const name = table.find(this.bytes, this.position + 1, this.end, index);
      if (name === undefined) return false;
      this.position += name.bytes.length + 2;
      if (this.next() !== 0x3a) return false;
      this.position++;
      const { column } = name;
      if (column === UNKNOWN_FIELD) {
        if (!this.skipValue(this.next())) return false;
      } else {
        if (column === AMBIGUOUS_FIELD || seen[column] === object) return false;
        seen[column] = object;
        const value = this.#readValue(plans[column]!, this.next());
        if (value === undefined) return false;
        if (plans[column]!.build) target[slots[column]!] = value;
      }
      const separator = this.next();
      this.position++;
      if (separator === 0x7d) return true;
      if (separator !== 0x2c) return false;
    }
  }

  /**
   * Reads the value that begins with `first` at the position; of one that is not built something other than undefined.
   */
  #readValue(plan: ValuePlan, first: number): SqlValue | undefined {
    if (first === 0x6e) return this.skipLiteral('null') ? null : undefined;
    switch (plan.type.kind) {
      case 'STRING':
        if (!plan.build) return this.skipValue(first) ? null : undefined;
        return first === 0x22 ? this.#readString() : undefined;
      case 'INTEGER':
        if (!plan.build) return this.skipNumber(first) ? null : undefined;
        return this.#readInteger(first, true);
      case 'BIGINT':
        if (!plan.build) return this.skipNumber(first) ? null : undefined;
        return this.#readInteger(first, false);
      case 'DATE':
      case 'TIMESTAMP': {
        const value = this.#readInteger(first, false);
        return typeof value === 'bigint' ? Number(value) : value;
      }
      case 'TIME': {
        const value = this.#readInteger(first, false);
        return typeof value === 'number' && value >= 0 && value <= DAY_MS ? value : undefined;
      }
      case 'DOUBLE':
        if (!plan.build) return this.skipNumber(first) ? null : undefined;
        return this.#readDouble(first);
      case 'BOOLEAN':
        if (first === 0x74) return this.skipLiteral('true') ? true : undefined;
        return first === 0x66 && this.skipLiteral('false') ? false : undefined;
      case 'DECIMAL':
        return this.#readDecimal(first, plan.type);
      case 'BYTES':
        return first === 0x22 ? this.#readBytes() : undefined;
      case 'ARRAY':
        return first === 0x5b ? this.#readArray(plan.inner!, plan.build) : undefined;
      case 'MAP':
        return first === 0x7b && plan.type.key.kind === 'STRING' ? this.#readMap(plan.inner!) : undefined;
      case 'STRUCT': {
        if (first !== 0x7b) return undefined;
        const values: SqlValue[] = plan.build ? new Array(plan.type.fields.length).fill(null) : [];
        return this.#readObject(plan.object!, values) ? values : undefined;
      }
      default:
        return plan.type satisfies never;
    }
  }

  #readString(): string | undefined {
    const { bytes } = this;
    const start = this.position + 1;
    if (!this.skipString()) return undefined;
    const end = this.position - 1;
    if (this.plain) return this.#texts.text(bytes, start, end);
    return readString(bytes, start - 1, end + 1);
  }

  #readBytes(): Uint8Array | undefined {
    const text = this.#readString();
    try {
      return text === undefined ? undefined : decodeJsonBase64(text);
    } catch {
      return undefined;
    }
  }

  /** An integer; one of more than 32 bits wraps if `wrap`. Fractions and exponents are left to others. */
  #readInteger(first: number, wrap: boolean): number | bigint | undefined {
    const start = this.position;
    if (!this.skipNumber(first) || !this.integral) return undefined;
    return readInteger(this.bytes, start, this.position, wrap);
  }

  #readDouble(first: number): number | undefined {
    const start = this.position;
    if (!this.skipNumber(first)) return undefined;
    return readDouble(this.bytes, start, this.position);
  }

  #readDecimal(first: number, type: DecimalType): bigint | undefined {
    const start = this.position;
    if (!this.skipNumber(first)) return undefined;
    try {
      return fitExactly(parseDecimal(decodeAscii(this.bytes, start, this.position)), type);
    } catch {
      return undefined;
    }
  }

  #readArray(plan: ValuePlan, build: boolean): readonly SqlValue[] | undefined {
    const elements: SqlValue[] = [];
    this.position++;
    if (this.next() === 0x5d) {
      this.position++;
      return elements;
    }
    for (;;) {
      const value = this.#readValue(plan, this.next());
      if (value === undefined) return undefined;
      if (build) elements.push(value);
      const separator = this.next();
      this.position++;
      if (separator === 0x5d) return elements;
      if (separator !== 0x2c) return undefined;
    }
  }

  #readMap(plan: ValuePlan): ReadonlyMap<SqlValue, SqlValue> | undefined {
    const entries = new Map<SqlValue, SqlValue>();
    this.position++;
    if (this.next() === 0x7d) {
      this.position++;
      return entries;
    }
    for (;;) {
      const key = this.next() === 0x22 ? this.#readString() : undefined;
      if (key === undefined || entries.has(key) || this.next() !== 0x3a) return undefined;
      this.position++;
      const value = this.#readValue(plan, this.next());
      if (value === undefined) return undefined;
      entries.set(key, value);
      const separator = this.next();
      this.position++;
      if (separator === 0x7d) return entries;
      if (separator !== 0x2c) return undefined;
    }
  }
}
