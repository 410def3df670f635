import type { MemoryAccount } from '../../memory/memory-budget.ts';
import type { PartitionBuffer } from './partition-buffer.ts';

/** A partition that has this much waiting is not fetched further. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** Holds fetching back where enough waits to be processed, and counts what waits. */
export class FetchGate {
  readonly #buffers: readonly PartitionBuffer[];
  readonly #account: MemoryAccount | undefined;
  /** The partitions that are not fetched for now, and how they are let go on. */
  readonly #held = new Map<PartitionBuffer, () => void>();

  /** @param account where what waits is counted */
  constructor(buffers: readonly PartitionBuffer[], account: MemoryAccount | undefined) {
    this.#buffers = buffers;
    this.#account = account;
  }

  /** To be called when a partition got more. @returns what to wait for before fetching more of it */
  hold(buffer: PartitionBuffer): Promise<void> | undefined {
    this.#count();
    if (!this.#isCrowded(buffer)) return undefined;
    return new Promise((resolve) => this.#held.set(buffer, resolve));
  }

  /** Lets fetching go on where there is room again; to be called when something was processed. */
  release(): void {
    this.#count();
    for (const [buffer, resolve] of this.#held) {
      if (this.#isCrowded(buffer)) continue;
      this.#held.delete(buffer);
      resolve();
    }
  }

  /** Lets everything go on. */
  close(): void {
    for (const resolve of this.#held.values()) resolve();
    this.#held.clear();
    this.#account?.close();
  }

  #isCrowded({ sizeBytes }: PartitionBuffer): boolean {
    return sizeBytes >= MAX_BUFFERED_BYTES || (sizeBytes > 0 && this.#account?.mustStop === true);
  }

  #count(): void {
    if (this.#account === undefined) return;
    let sizeBytes = 0;
    for (const buffer of this.#buffers) sizeBytes += buffer.sizeBytes;
    this.#account.set(sizeBytes);
  }
}
