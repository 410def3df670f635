import { type MessageReader, ProtocolError } from './message-reader.ts';
import type { MessageWriter } from './message-writer.ts';

/** The form of one message: its version, and whether that is a flexible one (KIP-482). */
export interface Layout {
  readonly version: number;
  readonly isFlexible: boolean;
}

/**
 * A part of a message. Messages are put together from these as tables, in the manner of Kafka's own definitions.
 * @typeParam R what is read
 * @typeParam W what may be given to be written
 */
export interface Field<R, W = R> {
  read(from: MessageReader, layout: Layout): R;
  write(to: MessageWriter, value: W, layout: Layout): void;
  /** Whether it need not be given. */
  readonly isOptional?: true;
}

type AnyField = Field<any, any>;
type Fields = Readonly<Record<string, AnyField>>;

export type ReadOf<F> = F extends Field<infer R, never> ? R : never;
export type WrittenOf<F> = F extends { write(to: MessageWriter, value: infer W, layout: Layout): void } ? W : never;

type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends { isOptional: true } ? K : never }[keyof F];
type StructRead<F extends Fields> = { readonly [K in keyof F]: ReadOf<F[K]> };
type StructWritten<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: WrittenOf<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: WrittenOf<F[K]> | undefined;
};

export const bool: Field<boolean> = {
  read: (from) => from.int8() !== 0,
  write: (to, value) => to.int8(value ? 1 : 0),
};
export const int8: Field<number> = { read: (from) => from.int8(), write: (to, value) => to.int8(value) };
export const int16: Field<number> = { read: (from) => from.int16(), write: (to, value) => to.int16(value) };
export const int32: Field<number> = { read: (from) => from.int32(), write: (to, value) => to.int32(value) };
export const int64: Field<number> = { read: (from) => from.int64(), write: (to, value) => to.int64(value) };

/** The length before a text; -1 for null. Flexible versions write one more, as a varint. */
function readLength(from: MessageReader, { isFlexible }: Layout, isShort: boolean): number {
  if (isFlexible) return from.unsignedVarint() - 1;
  return isShort ? from.int16() : from.int32();
}

function writeLength(to: MessageWriter, length: number, { isFlexible }: Layout, isShort: boolean): void {
  if (isFlexible) to.unsignedVarint(length + 1);
  else if (isShort) to.int16(length);
  else to.int32(length);
}

export const nullableString: Field<string | null> = {
  read(from, layout) {
    const length = readLength(from, layout, true);
    return length < 0 ? null : from.text(length);
  },
  write(to, value, layout) {
    const bytes = value === null ? undefined : Buffer.from(value);
    writeLength(to, bytes?.length ?? -1, layout, true);
    if (bytes !== undefined) to.bytes(bytes);
  },
};

export const nullableBytes: Field<Buffer | null, Uint8Array | null> = {
  read(from, layout) {
    const length = readLength(from, layout, false);
    return length < 0 ? null : from.bytes(length);
  },
  write(to, value, layout) {
    writeLength(to, value?.length ?? -1, layout, false);
    if (value !== null) to.view(value);
  },
};

/** Record batches one after the other: read in one piece, written from where they stand. */
export const records: Field<Buffer | null, readonly Uint8Array[]> = {
  read: nullableBytes.read,
  write(to, pieces, layout) {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    writeLength(to, length, layout, false);
    for (const piece of pieces) to.view(piece);
  },
};

/** As the field, without null. */
function required<R, W>({ read, write }: Field<R | null, W | null>): Field<R, W> {
  return {
    read(from, layout) {
      const value = read(from, layout);
      if (value === null) throw new ProtocolError('A field that may not be null is null.');
      return value;
    },
    write,
  };
}

/** A text that may be null from a version on; before, an empty one stands for null. */
export const nullableSince = (min: number): Field<string | null> => ({
  read: nullableString.read,
  write: (to, value, layout) => nullableString.write(to, layout.version < min ? (value ?? '') : value, layout),
});

export const string: Field<string> = required(nullableString);
export const bytes: Field<Buffer, Uint8Array> = required(nullableBytes);

export function nullableArray<R, W>(item: Field<R, W>): Field<readonly R[] | null, readonly W[] | null> {
  return {
    read(from, layout) {
      const length = readLength(from, layout, false);
      if (length < 0) return null;
      // An item takes a byte at the least.
      if (length > from.left) throw new ProtocolError('A list is longer than its message.');
      const items: R[] = [];
      for (let n = 0; n < length; n++) items.push(item.read(from, layout));
      return items;
    },
    write(to, items, layout) {
      writeLength(to, items?.length ?? -1, layout, false);
      for (const each of items ?? []) item.write(to, each, layout);
    },
  };
}

export const array = <R, W>(item: Field<R, W>): Field<readonly R[], readonly W[]> => required(nullableArray(item));

/** Fields one after the other; in flexible versions tagged fields follow, of which none is known here. */
export function struct<F extends Fields>(fields: F): Field<StructRead<F>, StructWritten<F>> {
  const entries = Object.entries(fields);
  return {
    read(from, layout) {
      const value: Record<string, unknown> = {};
      for (const [name, field] of entries) value[name] = field.read(from, layout);
      if (layout.isFlexible) from.skipTags();
      return value as StructRead<F>;
    },
    write(to, value, layout) {
      for (const [name, field] of entries) field.write(to, value[name as keyof typeof value], layout);
      if (layout.isFlexible) to.unsignedVarint(0);
    },
  };
}

/** A field of some versions; `absent` stands for it in others, and where it is not given. */
export function versions<R, W>(
  [min, max]: readonly [min: number, max: number],
  field: Field<R, W>,
  absent: R & W,
): Field<R, W | undefined> & { readonly isOptional: true } {
  const has = ({ version }: Layout): boolean => version >= min && version <= max;
  return {
    isOptional: true,
    read: (from, layout) => (has(layout) ? field.read(from, layout) : absent),
    write: (to, value = absent, layout) => {
      if (has(layout)) field.write(to, value, layout);
    },
  };
}

/** A field of a version and all that follow. */
export const since = <R, W>(min: number, field: Field<R, W>, absent: R & W) =>
  versions([min, Number.POSITIVE_INFINITY], field, absent);

/** A field that need not be given. */
export const optional = <R, W>(field: Field<R, W>, absent: R & W) => since(0, field, absent);

/** A request and its answer, in the versions that are understood. */
export interface Api<Q, A> {
  readonly key: number;
  readonly name: string;
  readonly versions: readonly [min: number, max: number];
  /** The first version with compact fields and tags. */
  readonly flexibleSince: number;
  readonly request: Field<Q, never>;
  readonly response: Field<unknown, A>;
}
