/**
 * WebAssembly that can be stopped. Everything that can go on without end goes through the head of a loop or the start
 * of a function, so a countdown is put there; when it is at zero the program calls a function that it imports, which
 * may throw. The interpreter's own interrupts do not do: a sort, a join or a search of it runs to its end.
 *
 * Rewritten are the sections that say so, after the WebAssembly core specification 2.0, chapter 5; whatever instruction
 * this does not know, it refuses.
 */

/** What a program is given. */
export interface Metering {
  /** The imported function without parameters, giving an i32, that is called when the countdown is at zero. */
  readonly onZero: { readonly module: string; readonly name: string };
  /** The name under which the countdown, an i32 that can be set, is exported. */
  readonly countdown: string;
  /** How large the memory may become, in pages of 64 KiB. */
  readonly maxPages: number;
}

const SECTION = { import: 2, memory: 5, global: 6, export: 7, code: 10 } as const;
const EXTERNAL = { function: 0, table: 1, memory: 2, global: 3 } as const;
const HEADER_BYTES = 8;
const I32 = 0x7f;

/** @throws Error when the program is none that can be metered */
export function meter(program: Uint8Array, metering: Metering): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(program);
  const imports = importsOf(sections.get(SECTION.import));
  const onZero = imports.functions.indexOf(`${metering.onZero.module}.${metering.onZero.name}`);
  if (onZero < 0) throw new Error('The program does not import what is to be called.');
  const countdown = imports.globals + vectorLength(sections.get(SECTION.global));
  const check = Uint8Array.from([
    ...[0x23, ...leb(countdown), 0x41, 1, 0x6b, 0x24, ...leb(countdown)],
    ...[0x23, ...leb(countdown), 0x45, 0x04, 0x40, 0x10, ...leb(onZero), 0x1a, 0x0b],
  ]);
  const rewritten = new Map<number, (body: Uint8Array) => Uint8Array>([
    [SECTION.memory, (body) => limitMemory(body, metering.maxPages)],
    [SECTION.global, (body) => appended(body, [I32, 1, 0x41, 1, 0x0b])],
    [
      SECTION.export,
      (body) => {
        const name = Buffer.from(metering.countdown);
        return appended(body, [...leb(name.length), ...name, EXTERNAL.global, ...leb(countdown)]);
      },
    ],
    [SECTION.code, (body) => meteredCode(body, check)],
  ]);
  const parts: Uint8Array[] = [program.subarray(0, HEADER_BYTES)];
  for (const [id, body] of sections) {
    const next = rewritten.get(id)?.(body) ?? body;
    parts.push(Uint8Array.of(id, ...leb(next.length)), next);
    rewritten.delete(id);
  }
  if (rewritten.size > 0) throw new Error('The program has no memory, globals, exports or code of its own.');
  return Buffer.concat(parts);
}

/** Sections by their ids, in their order; custom ones (names, producers) are left out. */
function sectionsOf(program: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>();
  const reader = new Reader(program, HEADER_BYTES);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const body = reader.bytes(reader.unsigned());
    if (id !== 0) sections.set(id, body);
  }
  return sections;
}

function importsOf(body: Uint8Array | undefined): { readonly functions: string[]; readonly globals: number } {
  const functions: string[] = [];
  let globals = 0;
  const reader = new Reader(body ?? Uint8Array.of(0));
  for (let left = reader.unsigned(); left > 0; left--) {
    const name = `${reader.text()}.${reader.text()}`;
    switch (reader.byte()) {
      case EXTERNAL.function:
        functions.push(name);
        reader.unsigned();
        break;
      case EXTERNAL.global:
        globals++;
        reader.bytes(2);
        break;
      default:
        throw new Error(`The program imports ${name}, which is neither a function nor a global.`);
    }
  }
  return { functions, globals };
}

const vectorLength = (body: Uint8Array | undefined) => (body === undefined ? 0 : new Reader(body).unsigned());

function appended(body: Uint8Array, element: readonly number[]): Uint8Array {
  const reader = new Reader(body);
  const length = reader.unsigned();
  return Buffer.concat([Uint8Array.from(leb(length + 1)), reader.rest(), Uint8Array.from(element)]);
}

/** One memory, and its least and now also most pages. */
function limitMemory(body: Uint8Array, maxPages: number): Uint8Array {
  const reader = new Reader(body);
  const count = reader.unsigned();
  reader.byte();
  const least = reader.unsigned();
  if (count !== 1 || least > maxPages) throw new Error(`The program needs ${least} pages of memory at least.`);
  return Uint8Array.from([1, 1, ...leb(least), ...leb(maxPages)]);
}

function meteredCode(body: Uint8Array, check: Uint8Array): Uint8Array {
  const reader = new Reader(body);
  const count = reader.unsigned();
  const parts: Uint8Array[] = [Uint8Array.from(leb(count))];
  for (let i = 0; i < count; i++) {
    const pieces = meteredFunction(reader.bytes(reader.unsigned()), check);
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    parts.push(Uint8Array.from(leb(size)), ...pieces);
  }
  return Buffer.concat(parts);
}

/** The pieces of a function between which the check stands. */
function meteredFunction(body: Uint8Array, check: Uint8Array): Uint8Array[] {
  const reader = new Reader(body);
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.unsigned();
    reader.byte();
  }
  const pieces = [body.subarray(0, reader.offset), check];
  let start = reader.offset;
  while (!reader.isAtEnd) {
    if (!skipInstruction(reader)) continue;
    pieces.push(body.subarray(start, reader.offset), check);
    start = reader.offset;
  }
  pieces.push(body.subarray(start));
  return pieces;
}

/** @returns whether it was the head of a loop @throws Error when it is no instruction that is known here */
function skipInstruction(reader: Reader): boolean {
  const code = reader.byte();
  if (code >= 0x45 && code <= 0xc4) return false;
  if (code >= 0x28 && code <= 0x3e) {
    reader.unsigned();
    reader.unsigned();
    return false;
  }
  switch (code) {
    case 0x02: // block, loop, if: a type
    case 0x03:
    case 0x04:
    case 0x0c: // br, br_if, call, local and global, ref.func: an index
    case 0x0d:
    case 0x10:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0xd2:
    case 0x3f: // memory.size, memory.grow: a memory
    case 0x40:
    case 0x41: // i32.const, i64.const
    case 0x42:
      reader.skipLeb();
      return code === 0x03;
    case 0x00: // unreachable, nop, else, end, return, drop, select
    case 0x01:
    case 0x05:
    case 0x0b:
    case 0x0f:
    case 0x1a:
    case 0x1b:
      return false;
    case 0x0e: // br_table
      for (let left = reader.unsigned(); left >= 0; left--) reader.unsigned();
      return false;
    case 0x11: // call_indirect
      reader.unsigned();
      reader.unsigned();
      return false;
    case 0x43:
      reader.bytes(4);
      return false;
    case 0x44:
      reader.bytes(8);
      return false;
    case 0xfc:
      skipMiscellaneous(reader);
      return false;
    default:
      throw unknownInstruction(code);
  }
}

/** Saturating truncations, and what copies and fills memory. */
function skipMiscellaneous(reader: Reader): void {
  const code = reader.unsigned();
  if (code === 10) reader.bytes(2);
  else if (code === 11) reader.bytes(1);
  else if (code > 7) throw unknownInstruction(code);
}

const unknownInstruction = (code: number) =>
  new Error(`The program has an instruction that cannot be metered: 0x${code.toString(16)}.`);

class Reader {
  readonly #bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.offset++]!;
  }

  bytes(length: number): Uint8Array {
    const start = this.offset;
    this.offset += length;
    return this.#bytes.subarray(start, this.offset);
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.offset);
  }

  text(): string {
    return Buffer.from(this.bytes(this.unsigned())).toString();
  }

  /** LEB128: seven bits a byte, lowest first. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  skipLeb(): void {
    while (this.byte() >= 0x80);
  }
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
