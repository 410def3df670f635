import { byteText } from './byte-text.ts';
import { type HeapReading, readHeap } from './heap-reading.ts';

/** What memory is held for. Each kind has a share of the budget that nobody else can take from it. */
export type MemoryKind = 'state' | 'topics' | 'buffers' | 'results' | 'logs';

/**
 * The shares of the kinds, as parts of the whole. A kind may take more while others leave theirs; when the budget is
 * used up, those beyond their shares are the ones that must give.
 */
export const MEMORY_SHARES: Readonly<Record<MemoryKind, number>> = {
  state: 0.45,
  topics: 0.35,
  buffers: 0.08,
  results: 0.08,
  logs: 0.04,
};

const KINDS = Object.keys(MEMORY_SHARES) as MemoryKind[];
/** Held by V8, whose heap has a ceiling of its own; topics and what was fetched of them are bytes outside of it. */
const HEAP_KINDS: readonly MemoryKind[] = ['state', 'results', 'logs'];

const WARN_AT = 0.8;
/** Room is made to this part of the budget, and who was stopped goes on below it. */
const ROOM_AT = 0.9;
/**
 * V8 needs room to move things: beyond this part of its heap it spends its time collecting, and then ends the process.
 */
const HEAP_FULL_AT = 0.75;
const HEAP_ROOM_AT = 0.65;
/** A state that was written within the budget may take a little more when it is read again; not this much. */
const OVERFLOW_AT = 1.5;
/** What the engine itself has in the heap: its code, its grammar, its functions. */
const OWN_HEAP_BYTES = 64 * 1024 * 1024;
/** Where the heap is full, who has more than this part of it is one of those who filled it. */
const HEAP_HOLDER = 0.01;
const CHECK_EVERY_MS = 250;

/** How a holder gives memory back. */
export interface MemoryRelief {
  /** Gives up about so many bytes at once, and takes them off its account. */
  release?(bytes: number): void;
  /** There is room again for who was told to stop. */
  resume?(): void;
}

const SHOWN_HOLDERS = 10;

export interface MemoryBudgetOptions {
  /** Told of warnings and of what is done at the limit. */
  readonly onNotice?: (message: string) => void;
  /** What V8 says of its heap; another reading for tests. */
  readonly readHeap?: () => HeapReading;
}

/**
 * One budget for all memory that grows with what users do. Holders keep accounts of estimates; beyond 80% it warns
 * once, at the limit topics drop their oldest records, and whoever else is beyond its share has to stop ({@link
 * MemoryAccount.mustStop}). Estimates may be wrong, so V8's own figures are looked at, too, and count as the limit when
 * they come near the ceiling of its heap.
 */
export class MemoryBudget {
  readonly limitBytes: number;
  readonly #onNotices: ((message: string) => void)[] = [];
  readonly #readHeap: () => HeapReading;
  readonly #accounts = new Set<MemoryAccount>();
  readonly #usedByKind: Record<MemoryKind, number> = { state: 0, topics: 0, buffers: 0, results: 0, logs: 0 };
  readonly #countByKind: Record<MemoryKind, number> = { state: 0, topics: 0, buffers: 0, results: 0, logs: 0 };
  #usedBytes = 0;
  /** The next amount at which something has to be done. */
  #thresholdBytes: number;
  #warned = false;
  #full = false;
  #heapFull = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #heapLimitBytes: number;
  /** What may lie in the heap; a budget may be wider than that. */
  readonly #heapPledgeBytes: number;

  constructor(limitBytes: number, options: MemoryBudgetOptions = {}) {
    this.limitBytes = limitBytes;
    this.#thresholdBytes = limitBytes * WARN_AT;
    this.#readHeap = options.readHeap ?? readHeap;
    this.#heapLimitBytes = this.#readHeap().limitBytes;
    this.#heapPledgeBytes = Math.max(0, this.#heapLimitBytes - OWN_HEAP_BYTES) * HEAP_ROOM_AT;
    if (options.onNotice !== undefined) this.#onNotices.push(options.onNotice);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether someone has to stop or to give. */
  get full(): boolean {
    return this.#full || this.#heapFull;
  }

  /** Whether so much more than the budget is in use that what is to be read cannot be taken in. */
  get overflows(): boolean {
    if (this.#usedBytes < this.limitBytes) return false;
    return this.#usedBytes > this.limitBytes * OVERFLOW_AT || this.#isHeapPledged('state');
  }

  /** What each holder of a kind may have of its share, where all have as much, in bytes. */
  fairBytes(kind: MemoryKind): number {
    return this.#shareOf(kind) / Math.max(1, this.#countByKind[kind]);
  }

  /** Opens an account; its holder closes it. */
  open(name: string, kind: MemoryKind, relief: MemoryRelief = {}): MemoryAccount {
    const account = new MemoryAccount(name, kind, relief, {
      changed: (bytes) => this.#change(kind, bytes),
      mustStop: (usedBytes) => this.#mustStop(kind, usedBytes),
      closed: () => {
        this.#accounts.delete(account);
        this.#countByKind[kind]--;
        if (this.#accounts.size === 0) this.#stopChecking();
      },
    });
    this.#accounts.add(account);
    this.#countByKind[kind]++;
    this.#timer ??= setInterval(() => this.check(), CHECK_EVERY_MS).unref();
    return account;
  }

  /** Calls the listener with every notice from now on. */
  onNotice(listener: (message: string) => void): void {
    this.#onNotices.push(listener);
  }

  /** Tells people what was done for want of memory. */
  notice(message: string): void {
    for (const listener of this.#onNotices) listener(message);
  }

  /** What is held, for people: in bytes, as estimated; of the holders the greatest. */
  report() {
    const heap = this.#readHeap();
    const holders = [...this.#accounts]
      .map(({ name, kind, usedBytes }) => ({ name, kind, usedBytes }))
      .sort((a, b) => b.usedBytes - a.usedBytes);
    return {
      limitBytes: this.limitBytes,
      usedBytes: this.#usedBytes,
      full: this.full,
      kinds: KINDS.map((kind) => ({ kind, shareBytes: this.#shareOf(kind), usedBytes: this.#usedByKind[kind] })),
      holders: holders.slice(0, SHOWN_HOLDERS),
      heapUsedBytes: heap.usedBytes,
      heapLimitBytes: heap.limitBytes,
    };
  }

  /** Looks whether there is room again, and at what V8 says of its heap. Called by a timer. */
  check(): void {
    const heap = this.#readHeap();
    if (!this.#heapFull && heap.liveBytes > heap.limitBytes * HEAP_FULL_AT) {
      this.#heapFull = true;
      this.#relieve(this.limitBytes * (1 - ROOM_AT));
      this.notice(
        `The heap of the process holds ${byteText(heap.liveBytes)} of at most ${byteText(heap.limitBytes)}, more than the memory budget knows of. ${WHAT_TO_DO}`,
      );
    } else if (this.#heapFull && heap.liveBytes < heap.limitBytes * HEAP_ROOM_AT) {
      this.#heapFull = false;
    }
    if (this.#usedBytes < this.limitBytes * ROOM_AT) {
      this.#full = false;
      this.#thresholdBytes = this.limitBytes * (this.#warned ? 1 : WARN_AT);
    }
    if (this.#usedBytes < this.limitBytes * (WARN_AT - 0.1)) {
      this.#warned = false;
      this.#thresholdBytes = this.limitBytes * WARN_AT;
    }
    if (!this.full) for (const account of this.#accounts) account.resume();
  }

  /** Ends the timer; accounts may still be closed. */
  close(): void {
    this.#stopChecking();
  }

  #stopChecking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #change(kind: MemoryKind, bytes: number): void {
    this.#usedByKind[kind] += bytes;
    this.#usedBytes += bytes;
    if (bytes > 0 && this.#usedBytes >= this.#thresholdBytes) this.#reachThreshold();
  }

  #reachThreshold(): void {
    if (!this.#warned) {
      this.#warned = true;
      this.notice(
        `${byteText(this.#usedBytes)} of the memory budget of ${byteText(this.limitBytes)} are in use: ${this.#greatest()}. ${WHAT_TO_DO}`,
      );
    }
    if (this.#usedBytes >= this.limitBytes) {
      this.#relieve(this.#usedBytes - this.limitBytes * ROOM_AT);
      this.#full = this.#usedBytes >= this.limitBytes;
    }
    // Where nobody could give, it is asked again when a little more is in use, not with every record.
    this.#thresholdBytes = this.#full ? this.#usedBytes + this.limitBytes / 100 : this.limitBytes;
  }

  /** Asks those who can give at once, as far as they are beyond their shares. */
  #relieve(bytes: number): void {
    let wanted = bytes;
    for (const account of this.#accounts) {
      if (wanted <= 0) return;
      const beyond = this.#usedByKind[account.kind] - this.#shareOf(account.kind);
      if (account.relief.release === undefined || beyond <= 0) continue;
      const before = account.usedBytes;
      account.relief.release(Math.min(wanted, beyond, before));
      wanted -= before - account.usedBytes;
    }
  }

  /** Those beyond the fair part of their kind's share are the holders of what is in use. */
  #mustStop(kind: MemoryKind, usedBytes: number): boolean {
    if ((this.#heapFull && HEAP_KINDS.includes(kind)) || this.#isHeapPledged(kind))
      return usedBytes > this.#heapLimitBytes * HEAP_HOLDER;
    const shareBytes = this.#shareOf(kind);
    return this.#full && this.#usedByKind[kind] > shareBytes && usedBytes > this.fairBytes(kind);
  }

  /** A budget may be wider than V8's heap: what lies in the heap stops there all the same. */
  #isHeapPledged(kind: MemoryKind): boolean {
    if (!HEAP_KINDS.includes(kind)) return false;
    if (this.limitBytes <= this.#heapPledgeBytes) return false;
    return HEAP_KINDS.reduce((sum, each) => sum + this.#usedByKind[each], 0) > this.#heapPledgeBytes;
  }

  #shareOf(kind: MemoryKind): number {
    return this.limitBytes * MEMORY_SHARES[kind];
  }

  #greatest(): string {
    const greatest = [...this.#accounts].sort((a, b) => b.usedBytes - a.usedBytes).slice(0, 3);
    return greatest.map(({ name, usedBytes }) => `${name} ${byteText(usedBytes)}`).join(', ');
  }
}

/** What a person can do about it, at the end of each message. */
export const WHAT_TO_DO =
  'Give the engine more with --memory, drop what is not needed, or narrow windows and retention.';

interface Ledger {
  changed(bytes: number): void;
  mustStop(usedBytes: number): boolean;
  closed(): void;
}

/** What one holder of memory has, as it estimates itself. */
export class MemoryAccount {
  readonly name: string;
  readonly kind: MemoryKind;
  readonly relief: MemoryRelief;
  readonly #ledger: Ledger;
  #usedBytes = 0;
  #wasStopped = false;
  #closed = false;

  constructor(name: string, kind: MemoryKind, relief: MemoryRelief, ledger: Ledger) {
    this.name = name;
    this.kind = kind;
    this.relief = relief;
    this.#ledger = ledger;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Counts bytes that are held from now on; less than zero: that are held no more. */
  add(bytes: number): void {
    if (this.#closed || bytes === 0) return;
    this.#usedBytes += bytes;
    this.#ledger.changed(bytes);
  }

  /** Counts what is held altogether. */
  set(bytes: number): void {
    this.add(bytes - this.#usedBytes);
  }

  /** Whether the budget is used up and this holder is one of those who must not grow any more. */
  get mustStop(): boolean {
    const isStopped = this.#ledger.mustStop(this.#usedBytes);
    if (isStopped) this.#wasStopped = true;
    return isStopped;
  }

  /** Tells the holder that there is room, if it was told to stop. */
  resume(): void {
    if (!this.#wasStopped || this.mustStop) return;
    this.#wasStopped = false;
    this.relief.resume?.();
  }

  /** Gives everything back. */
  close(): void {
    if (this.#closed) return;
    this.add(-this.#usedBytes);
    this.#closed = true;
    this.#ledger.closed();
  }
}
