const CHUNK_BYTES = 16 * 1024;
/** To copy no more than that, calling out to the runtime costs more than a loop. */
const CALL_BYTES = 64;
/** Of the NaN that Java writes; which of the many V8 has at a place, nobody can tell. */
const NAN_HIGH_BITS = 0x7ff80000;

/**
 * Collects the bytes of one payload after the other. Payloads are cut from larger chunks that are never written again,
 * so a finished payload stays valid without having been copied.
 */
export class ByteWriter {
  bytes: Buffer;
  position = 0;
  #start = 0;

  constructor(capacityBytes = CHUNK_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  /** Makes room for `count` more bytes; what was written of the current payload moves along. */
  reserve(count: number): void {
    if (this.position + count <= this.bytes.length) return;
    const written = this.position - this.#start;
    const next = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, 2 * (written + count)));
    this.bytes.copy(next, 0, this.#start, this.position);
    this.bytes = next;
    this.#start = 0;
    this.position = written;
  }

  /** Drops what an encoder that threw has left behind. */
  begin(): void {
    this.position = this.#start;
  }

  /** Ends the payload and returns its bytes. */
  finish(): Uint8Array {
    const payload = this.bytes.subarray(this.#start, this.position);
    this.#start = this.position;
    return payload;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  raw(source: Uint8Array): void {
    const { length } = source;
    if (length <= CALL_BYTES) return this.range(source, 0, length);
    this.reserve(length);
    this.bytes.set(source, this.position);
    this.position += length;
  }

  /** The bytes of a range. */
  range(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > CALL_BYTES) return this.raw(source.subarray(start, end));
    this.reserve(length);
    const { bytes, position } = this;
    for (let i = 0; i < length; i++) bytes[position + i] = source[start + i]!;
    this.position = position + length;
  }

  /** An unsigned varint, seven bits a byte. */
  varint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.position++] = rest;
  }

  /** The lowest 64 bits of an integer as a varint, ten bytes for negative ones. */
  varint64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.varint(value);
      return;
    }
    this.reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.bytes[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.position++] = Number(rest);
  }

  /** Begins a part that its length as a varint goes before; {@link endLength} takes the mark. */
  beginLength(): number {
    this.reserve(1);
    return this.position++ - this.#start;
  }

  /** Ends the part that began at the mark. */
  endLength(mark: number): void {
    const length = this.position - this.#start - mark - 1;
    let extra = 0;
    for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 128)) extra++;
    // Room for all that varint() asks for, so that nothing moves while the position is set back.
    this.reserve(extra + 10);
    const begin = this.#start + mark;
    const end = this.position + extra;
    if (extra > 0) this.bytes.copyWithin(begin + 1 + extra, begin + 1, this.position);
    this.position = begin;
    this.varint(length);
    this.position = end;
  }

  /** Text that is known to be ASCII. */
  ascii(text: string): void {
    const length = text.length;
    this.reserve(length);
    const { bytes, position } = this;
    for (let i = 0; i < length; i++) bytes[position + i] = text.charCodeAt(i);
    this.position = position + length;
  }

  /** A byte, and text behind it, if that is ASCII. False: it is not, and nothing was written. */
  headedAscii(head: number, text: string): boolean {
    const { length } = text;
    this.reserve(length + 1);
    const { bytes, position } = this;
    bytes[position] = head;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return false;
      bytes[position + 1 + i] = unit;
    }
    this.position = position + 1 + length;
    return true;
  }

  /** Text as UTF-8; a lone surrogate becomes `?`, as Java's encoder has it. */
  utf8(text: string): void {
    const length = text.length;
    this.reserve(3 * length);
    const { bytes } = this;
    let position = this.position;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        const rest = i === 0 ? text : text.slice(i);
        this.position = position + bytes.write(rest.isWellFormed() ? rest : questionMarks(rest), position, 'utf8');
        return;
      }
      bytes[position++] = unit;
    }
    this.position = position;
  }

  int32(value: number): void {
    this.reserve(4);
    this.position = this.bytes.writeInt32BE(value | 0, this.position);
  }

  int64(value: number | bigint): void {
    this.reserve(8);
    this.position = this.bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)), this.position);
  }

  float32LittleEndian(value: number): void {
    this.reserve(4);
    this.position = this.bytes.writeFloatLE(value, this.position);
  }

  float64LittleEndian(value: number): void {
    this.reserve(8);
    this.position = Number.isNaN(value)
      ? this.bytes.writeUInt32LE(NAN_HIGH_BITS, this.bytes.writeUInt32LE(0, this.position))
      : this.bytes.writeDoubleLE(value, this.position);
  }

  float64(value: number): void {
    this.reserve(8);
    this.position = Number.isNaN(value)
      ? this.bytes.writeUInt32BE(0, this.bytes.writeUInt32BE(NAN_HIGH_BITS, this.position))
      : this.bytes.writeDoubleBE(value, this.position);
  }
}

/** Replaces lone surrogates by question marks. */
function questionMarks(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '?');
}
