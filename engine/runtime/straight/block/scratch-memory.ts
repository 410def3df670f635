/** How many bytes of rows and of records there is room for. */
const ROWS_BYTES = 64 * 1024;
export const WINDOW_BYTES = 256 * 1024;
/** Behind the records: no function reads so far beyond what it passes. */
const SLACK_BYTES = 64 * 1024;
const PAGE_BYTES = 64 * 1024;

export const ROWS_AT = 0;
export const WINDOW_AT = ROWS_BYTES;

/**
 * The memory that modules work in, one for all: it is left to whoever takes it until the next one does. Records are
 * copied into a window of it, and rows are made of them.
 */
export class ScratchMemory {
  readonly memory: WebAssembly.Memory;
  readonly rows: Int32Array;
  /** Whose records and rows there are. */
  owner: unknown;
  readonly #window: Uint8Array;

  constructor() {
    const pages = (ROWS_BYTES + WINDOW_BYTES + SLACK_BYTES) / PAGE_BYTES;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.rows = new Int32Array(this.memory.buffer, ROWS_AT, ROWS_BYTES / 4);
    this.#window = new Uint8Array(this.memory.buffer, WINDOW_AT);
  }

  /** The most rows of so many bytes. */
  static capacity(rowBytes: number): number {
    return Math.floor(ROWS_BYTES / rowBytes);
  }

  /** Copies bytes into the window, as many as there is room for. @returns the place behind them */
  fill(bytes: Uint8Array, start: number): number {
    const end = Math.min(bytes.length, start + WINDOW_BYTES);
    this.#window.set(bytes.subarray(start, end));
    // No token, and nothing that stands between tokens, goes on behind that.
    this.#window.fill(0, end - start, end - start + 16);
    return end;
  }
}
