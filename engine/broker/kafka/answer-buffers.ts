/** What is smaller than that is not worth keeping; and capacities are multiples of it, so that one fits for many. */
const STEP_BYTES = 256 * 1024;
/** One is read into while others wait to be processed. */
const MOST_SPARE = 4;

/**
 * The buffers that a connection reads answers into. Those that are given back are used again: V8 counts new ones as
 * growth of its heap, so that a stream of them has it mark everything that lives every few megabytes.
 */
export class AnswerBuffers {
  #spare: Buffer[] = [];

  /** A buffer of at least so many bytes, whatever they are. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < STEP_BYTES) {
      // Where answers are small, those who ask have read everything, and need not hold memory while they wait for more.
      this.#spare = [];
      return Buffer.allocUnsafeSlow(sizeBytes);
    }
    const at = this.#spare.findIndex(({ length }) => length >= sizeBytes);
    if (at >= 0) return this.#spare.splice(at, 1)[0]!;
    return Buffer.allocUnsafeSlow(Math.ceil(sizeBytes / STEP_BYTES) * STEP_BYTES);
  }

  /** Takes a buffer back that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.length < STEP_BYTES) return;
    this.#spare.push(buffer);
    // The larger ones fit for more.
    if (this.#spare.length > MOST_SPARE) this.#spare.sort((a, b) => b.length - a.length).pop();
  }
}
