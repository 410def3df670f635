import type { SqlValue } from '../../../language/types/sql-type.ts';
import { TextCache } from '../encoding/text-cache.ts';
import { AMBIGUOUS_FIELD, FieldTable, UNKNOWN_FIELD } from './field-table.ts';
import { passBlanks, passDecimal, passInteger, passText } from './pass.ts';
import { JsonScanner, type ScannedColumn } from './scanner.ts';
import { JsonSkipper } from './skipper.ts';
import { CHECK, compileTemplate, type FindByTemplate, type Template, TemplateReader } from './template.ts';
import { readDouble, readInteger, readString } from './token-values.ts';

/** What is known of a text that is a token besides where it stands. */
const TEXT = { plain: 0, beyondAscii: 1, escaped: 2 } as const;

/** A form is learned anew when so many records were of another; a topic of too many forms has none. */
const MOST_OF_OTHER_FORM = 64;
const MOST_TEMPLATES = 8;

/**
 * Finds where the values of columns stand in the bytes of a JSON object, and checks them, without making any: that is
 * for who asks for one. What is unusual or wrong it leaves to others, just as {@link JsonScanner} does; what it finds,
 * that one would read just so.
 */
export class JsonTokens extends JsonSkipper {
  /** Where the token of each column begins; -1 for a field that is missing, or null. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The bytes that the tokens stand in. */
  source: Uint8Array = new Uint8Array(0);
  /** How the value of each column is looked at: {@link CHECK}. */
  readonly checks: Uint8Array;
  readonly #columns: readonly ScannedColumn[];
  readonly #table: FieldTable;
  /** Of texts: {@link TEXT}. */
  readonly #texts: Uint8Array;
  /** For each column the number of the object that it was last seen in: finds fields that occur twice. */
  readonly #seen: Int32Array;
  #objects = 0;
  /** Of columns that are read wholly, when they are checked. */
  readonly #values: SqlValue[];
  readonly #readers: readonly (JsonScanner | undefined)[];
  readonly #cache = new TextCache();
  readonly #templates = new TemplateReader();
  #template: Template | undefined;
  #findByTemplate: FindByTemplate | undefined;
  #templatesMade = 0;
  /** How many more documents of another form are read before it is learned. */
  #patience = 0;
  #viewed = this.source;
  #view = new DataView(this.source.buffer);

  /** @param columns the fields of the object; a `slot` is of no meaning here */
  constructor(columns: readonly ScannedColumn[]) {
    super();
    const { length } = columns;
    this.#columns = columns;
    this.checks = Uint8Array.from(columns, checkOf);
    this.#table = new FieldTable(columns.map(({ name }) => name));
    this.starts = new Int32Array(length);
    this.ends = new Int32Array(length);
    this.#texts = new Uint8Array(length);
    this.#seen = new Int32Array(length);
    this.#values = new Array<SqlValue>(length).fill(null);
    this.#readers = columns.map((column) =>
      checkOf(column) === CHECK.wholly ? new JsonScanner([column], false) : undefined,
    );
  }

  /** Finds the tokens of the object that the range holds. False: given up. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    this.source = bytes;
    if (this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#begin();
    if (this.#findByTemplate?.(bytes, this.#view, start, end) === true) return true;
    this.#begin();
    if (!this.#findByNames(bytes, start, end)) return false;
    this.#learn(bytes, start, end);
    return true;
  }

  /** The form of the documents that were read last, where it is known. */
  get template(): Template | undefined {
    return this.#template;
  }

  /** Whether a column's values may be asked for. */
  isBuilt(column: number): boolean {
    return this.#columns[column]!.build;
  }

  /**
   * Takes tokens that another has found, as {@link find} would: those of columns, one behind the other, each by its
   * start and its end. Texts are ASCII without escapes.
   */
  take(bytes: Uint8Array, found: Int32Array, from: number, columns: Int32Array): void {
    const { starts, ends } = this;
    const texts = this.#texts;
    this.source = bytes;
    for (let i = 0, at = from; i < columns.length; i++, at += 2) {
      const column = columns[i]!;
      starts[column] = found[at]!;
      ends[column] = found[at + 1]!;
      texts[column] = TEXT.plain;
    }
  }

  #begin(): void {
    const { starts } = this;
    for (let column = 0; column < starts.length; column++) starts[column] = -1;
    this.#objects = (this.#objects + 1) | 0;
  }

  #learn(bytes: Uint8Array, start: number, end: number): void {
    if (this.#templatesMade > MOST_TEMPLATES || this.#patience-- > 0) return;
    this.#patience = MOST_OF_OTHER_FORM;
    this.#templatesMade++;
    const isOfOneForm = this.#templatesMade <= MOST_TEMPLATES;
    const template = isOfOneForm ? this.#templates.read(bytes, start, end, this.#table) : undefined;
    this.#template = template;
    this.#findByTemplate =
      template &&
      compileTemplate(template, {
        starts: this.starts,
        ends: this.ends,
        texts: this.#texts,
        checks: this.checks,
        value: (column, of, from, limit) => this.#value(column, of, from, limit),
      });
  }

  /** Finds the tokens of an object of any form. */
  #findByNames(bytes: Uint8Array, start: number, end: number): boolean {
    let at = passBlanks(bytes, start, end);
    if (at >= end || bytes[at] !== 0x7b) return false;
    at = passBlanks(bytes, at + 1, end);
    if (at < end && bytes[at] === 0x7d) return true;
    for (let index = 0; ; index++) {
      if (at >= end || bytes[at] !== 0x22) return false;
      const name = this.#table.find(bytes, at + 1, end, index);
      if (name === undefined) return false;
      at = passBlanks(bytes, at + name.bytes.length + 2, end);
      if (at >= end || bytes[at] !== 0x3a) return false;
      at = passBlanks(bytes, at + 1, end);
      if (at >= end) return false;
      at = this.#value(name.column, bytes, at, end);
      if (at < 0) return false;
      at = passBlanks(bytes, at, end);
      if (at >= end) return false;
      const separator = bytes[at];
      if (separator === 0x7d) return true;
      if (separator !== 0x2c) return false;
      at = passBlanks(bytes, at + 1, end);
    }
  }

  /** The value of a column. Undefined: given up. */
  value(column: number): SqlValue | undefined {
    const start = this.starts[column]!;
    if (start < 0) return null;
    const { source } = this;
    const end = this.ends[column]!;
    switch (this.checks[column]) {
      case CHECK.text:
        return this.#texts[column] === TEXT.plain
          ? this.#cache.text(source, start + 1, end - 1)
          : readString(source, start, end);
      case CHECK.integer: {
        const { kind } = this.#columns[column]!.type;
        const value = readInteger(source, start, end, kind === 'INTEGER');
        return (kind === 'DATE' || kind === 'TIMESTAMP') && typeof value === 'bigint' ? Number(value) : value;
      }
      case CHECK.number:
        return readDouble(source, start, end);
      case CHECK.boolean:
        return source[start] === 0x74;
      default:
        return this.#values[column];
    }
  }

  /** Whether a column's text stands as it would be written: without escapes, and with nothing that would be escaped. */
  isUnescaped(column: number): boolean {
    const text = this.#texts[column]!;
    return text === TEXT.plain || (text === TEXT.beyondAscii && !this.#hasSurrogates(column));
  }

  /** Characters of four bytes are surrogate pairs in Java. */
  #hasSurrogates(column: number): boolean {
    const end = this.ends[column]!;
    for (let at = this.starts[column]!; at < end; at++) if (this.source[at]! >= 0xf0) return true;
    return false;
  }

  /** Passes the value of a column. @returns the place behind it, -1 to give up */
  #value(column: number, bytes: Uint8Array, start: number, limit: number): number {
    if (column === UNKNOWN_FIELD || start >= limit) return this.#skip(bytes, start, limit);
    if (column === AMBIGUOUS_FIELD || this.#seen[column] === this.#objects) return -1;
    this.#seen[column] = this.#objects;
    const first = bytes[start]!;
    if (first === 0x6e) return this.#skip(bytes, start, limit);
    let end = -1;
    switch (this.checks[column]) {
      case CHECK.text:
        end = first === 0x22 ? this.#text(column, bytes, start, limit) : -1;
        break;
      case CHECK.integer:
        end = passInteger(bytes, start, limit);
        break;
      case CHECK.number:
        end = passDecimal(bytes, start, limit);
        if (end < 0) end = first === 0x22 || first > 0x39 ? -1 : this.#skip(bytes, start, limit);
        break;
      case CHECK.boolean:
        end = first === 0x74 || first === 0x66 ? this.#skip(bytes, start, limit) : -1;
        break;
      case CHECK.wholly:
        end = this.#read(column, bytes, start, limit);
        break;
      default:
        end = this.#skip(bytes, start, limit);
    }
    this.starts[column] = start;
    this.ends[column] = end;
    return end;
  }

  #text(column: number, bytes: Uint8Array, start: number, limit: number): number {
    const end = passText(bytes, start, limit);
    if (end >= 0) {
      this.#texts[column] = TEXT.plain;
      return end;
    }
    const behind = this.#skip(bytes, start, limit);
    this.#texts[column] = this.escaped ? TEXT.escaped : TEXT.beyondAscii;
    return behind;
  }

  #read(column: number, bytes: Uint8Array, start: number, limit: number): number {
    const reader = this.#readers[column]!;
    const value = reader.readRoot(bytes, start, limit);
    if (value === undefined) return -1;
    this.#values[column] = value;
    return reader.behind;
  }

  /** Passes a value whatever it is. */
  #skip(bytes: Uint8Array, start: number, limit: number): number {
    if (start >= limit) return -1;
    this.open(bytes, start, limit);
    return this.skipValue(bytes[start]!) ? this.position : -1;
  }
}

function checkOf({ type, build }: ScannedColumn): number {
  switch (type.kind) {
    case 'STRING':
      return build ? CHECK.text : CHECK.any;
    case 'INTEGER':
    case 'BIGINT':
      return build ? CHECK.integer : CHECK.number;
    case 'DATE':
    case 'TIMESTAMP':
      return CHECK.integer;
    case 'DOUBLE':
      return CHECK.number;
    case 'BOOLEAN':
      return CHECK.boolean;
    case 'TIME':
    case 'DECIMAL':
    case 'BYTES':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return CHECK.wholly;
    default:
      return type satisfies never;
  }
}
