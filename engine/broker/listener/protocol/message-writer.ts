import { WireWriter } from '../../kafka/wire.ts';

/** Writes an answer as pieces: what is large goes to the socket from where it stands. */
export class MessageWriter {
  readonly #pieces: Uint8Array[] = [];
  #wire = new WireWriter();

  int8(value: number): void {
    this.#wire.int8(value);
  }

  int16(value: number): void {
    this.#wire.int16(value);
  }

  int32(value: number): void {
    this.#wire.int32(value);
  }

  int64(value: number): void {
    this.#wire.int64(value);
  }

  unsignedVarint(value: number): void {
    this.#wire.unsignedVarint(value);
  }

  bytes(bytes: Uint8Array): void {
    this.#wire.raw(bytes);
  }

  /** Without a copy; nobody may change the bytes until they are sent. */
  view(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(this.#wire.taken(), bytes);
    this.#wire = new WireWriter();
  }

  /** What was written, in order. */
  taken(): readonly Uint8Array[] {
    const last = this.#wire.taken();
    return last.length === 0 ? this.#pieces : [...this.#pieces, last];
  }
}
