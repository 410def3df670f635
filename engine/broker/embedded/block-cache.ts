import type { LogBlock } from './log-block.ts';

/** The bytes of blocks that stand in files, too: those used longest ago are let go when they are too many together. */
export class BlockCache {
  readonly #maxBytes: number;
  readonly #onChange: (bytes: number) => void;
  /** What each block counts for; the one used longest ago comes first. */
  readonly #blocks = new Map<LogBlock, number>();
  #sizeBytes = 0;

  /** @param onChange told how much more is held, or less */
  constructor(maxBytes: number, onChange: (bytes: number) => void = () => undefined) {
    this.#maxBytes = maxBytes;
    this.#onChange = onChange;
  }

  /** Counts a block as used now; it is in memory after the call. */
  use(block: LogBlock): void {
    const sizeBytes = block.bytes!.length;
    const known = this.#blocks.get(block);
    if (known !== undefined) this.#blocks.delete(block);
    this.#blocks.set(block, sizeBytes);
    if (known === sizeBytes) return;
    this.#change(sizeBytes - (known ?? 0));
    if (this.#sizeBytes > this.#maxBytes) this.release(this.#sizeBytes - this.#maxBytes, block);
  }

  /** Lets go of the bytes of a block. */
  forget(block: LogBlock): void {
    const sizeBytes = this.#blocks.get(block);
    if (sizeBytes === undefined) return;
    this.#blocks.delete(block);
    block.bytes = undefined;
    this.#change(-sizeBytes);
  }

  /** Lets go of about so many bytes, but not of the block that is in use. */
  release(bytes: number, inUse?: LogBlock): void {
    const target = this.#sizeBytes - bytes;
    for (const oldest of this.#blocks.keys()) {
      if (this.#sizeBytes <= target) return;
      if (oldest !== inUse) this.forget(oldest);
    }
  }

  #change(bytes: number): void {
    this.#sizeBytes += bytes;
    this.#onChange(bytes);
  }
}
