import { ProtocolError } from '../protocol/message-reader.ts';

const SIZE_BYTES = 4;
/** A frame up to this size gets its whole buffer at once. Beyond that what comes decides: a size is easily said. */
const EAGER_BYTES = 2 * 1024 * 1024;

/** Puts the chunks of a connection together to requests, each in a buffer of its own. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #onHeld: (bytes: number) => void;
  readonly #size = Buffer.alloc(SIZE_BYTES);
  #sizeFilled = 0;
  #wanted = 0;
  #frame: Buffer | undefined;
  #filled = 0;

  /** @param onHeld told how much more is held for a request that is not whole yet, or less */
  constructor(maxBytes: number, onHeld: (bytes: number) => void) {
    this.#maxBytes = maxBytes;
    this.#onHeld = onHeld;
  }

  /** The requests that are whole with this chunk. @throws ProtocolError when one is too large */
  take(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#frame === undefined) {
        const taken = Math.min(SIZE_BYTES - this.#sizeFilled, chunk.length - at);
        chunk.copy(this.#size, this.#sizeFilled, at, at + taken);
        at += taken;
        this.#sizeFilled += taken;
        if (this.#sizeFilled < SIZE_BYTES) break;
        this.#begin(this.#size.readInt32BE(0));
      }
      const taken = Math.min(this.#wanted - this.#filled, chunk.length - at);
      const frame = this.#withRoomFor(taken);
      chunk.copy(frame, this.#filled, at, at + taken);
      at += taken;
      this.#filled += taken;
      if (this.#filled < this.#wanted) break;
      frames.push(frame.subarray(0, this.#wanted));
      this.#forget();
    }
    return frames;
  }

  /** Lets go of what has come of a request that will not be whole. */
  close(): void {
    this.#forget();
  }

  #begin(size: number): void {
    if (size < 0 || size > this.#maxBytes)
      throw new ProtocolError(`A request of ${size} bytes was announced; at most ${this.#maxBytes} are taken.`);
    this.#wanted = size;
    this.#filled = 0;
    this.#hold(Buffer.allocUnsafeSlow(Math.min(size, EAGER_BYTES)));
  }

  #withRoomFor(bytes: number): Buffer {
    const frame = this.#frame!;
    const needed = this.#filled + bytes;
    if (needed <= frame.length) return frame;
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#wanted, Math.max(frame.length * 2, needed)));
    frame.copy(larger, 0, 0, this.#filled);
    return this.#hold(larger);
  }

  #hold(frame: Buffer): Buffer {
    this.#onHeld(frame.length - (this.#frame?.length ?? 0));
    this.#frame = frame;
    return frame;
  }

  #forget(): void {
    this.#onHeld(-(this.#frame?.length ?? 0));
    this.#frame = undefined;
    this.#sizeFilled = 0;
  }
}
