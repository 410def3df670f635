const KILOBYTE = 1024;
const PAGE_BYTES = 64 * KILOBYTE;

/** What stands where in the memory, and how large it is. */
export const ROWS = { at: 0, bytes: 60 * KILOBYTE } as const;
/** Addresses of rows. */
export const CHOSEN = { at: 60 * KILOBYTE, most: 1023 } as const;
/** Where a function leaves what it does not give back. */
export const RESULT_AT = 64 * KILOBYTE - 4;
/** Records that are written. */
export const OUTPUT = { at: 64 * KILOBYTE, bytes: 192 * KILOBYTE } as const;
/** Records that are read. Nothing reads further beyond what it passes than there is room behind them. */
export const WINDOW = { at: 256 * KILOBYTE, bytes: 256 * KILOBYTE } as const;
/** Values that were made. They stand behind the window, so that no place is negative that is counted from there. */
export const MADE = { at: 576 * KILOBYTE, bytes: 64 * KILOBYTE } as const;
const MEMORY_BYTES = 704 * KILOBYTE;

/**
 * The memory that modules work in, one for all of a thread: it is left to whoever takes it until the next one does.
 * Records are copied into a window of it, rows are made of them, and of rows come records.
 */
export class ScratchMemory {
  readonly memory: WebAssembly.Memory;
  readonly rows: Int32Array;
  readonly chosen: Int32Array;
  readonly result: Int32Array;
  readonly made: Buffer;
  readonly output: Uint8Array;
  /** Whose records and rows there are. */
  owner: unknown;
  readonly #window: Uint8Array;

  constructor() {
    const pages = MEMORY_BYTES / PAGE_BYTES;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { buffer } = this.memory;
    this.rows = new Int32Array(buffer, ROWS.at, ROWS.bytes / 4);
    this.chosen = new Int32Array(buffer, CHOSEN.at, CHOSEN.most);
    this.result = new Int32Array(buffer, RESULT_AT, 1);
    this.made = Buffer.from(buffer, MADE.at, MADE.bytes);
    this.output = new Uint8Array(buffer, OUTPUT.at, OUTPUT.bytes);
    this.#window = new Uint8Array(buffer, WINDOW.at);
  }

  /** Copies bytes into the window, as many as there is room for. @returns the place behind them */
  fill(bytes: Uint8Array, start: number): number {
    const end = Math.min(bytes.length, start + WINDOW.bytes);
    this.#window.set(bytes.subarray(start, end));
    // No token, and nothing that stands between tokens, goes on behind that.
    this.#window.fill(0, end - start, end - start + 16);
    return end;
  }
}
