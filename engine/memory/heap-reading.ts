import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** What V8 says of its heap, in bytes. */
export interface HeapReading {
  readonly usedBytes: number;
  /** What was left in use by the last full collection, or less, or all in use where the heap is nearly full. */
  readonly liveBytes: number;
  /** Beyond it V8 ends the process. */
  readonly limitBytes: number;
}

/** So near to its ceiling nobody waits for what a collection would find. */
const NEARLY_FULL = 0.92;

/** What an entry of the observer has besides what Node's types say. */
interface CollectionEntry {
  readonly detail: { readonly kind: number };
}

/**
 * V8's figure takes in the young generation (three semi-spaces of 64 MB and more), where nothing stays: what lives long
 * has the rest.
 */
const YOUNG_BYTES = 208 * 1024 * 1024;

let liveAfterCollection: number | undefined;
let observer: PerformanceObserver | undefined;

/** Reads V8's figures. The first call begins to watch its full collections, which alone tell how much is garbage. */
export function readHeap(): HeapReading {
  if (observer === undefined) {
    observer = new PerformanceObserver((list) => {
      const isFull = list
        .getEntries()
        .some((entry) => (entry as unknown as CollectionEntry).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
      if (isFull) liveAfterCollection = getHeapStatistics().used_heap_size;
    });
    observer.observe({ entryTypes: ['gc'] });
  }
  const { used_heap_size: usedBytes, heap_size_limit: withYoungBytes } = getHeapStatistics();
  const limitBytes = Math.max(withYoungBytes - YOUNG_BYTES, withYoungBytes / 4);
  const isNearlyFull = usedBytes > limitBytes * NEARLY_FULL;
  return { usedBytes, limitBytes, liveBytes: isNearlyFull ? usedBytes : Math.min(usedBytes, liveAfterCollection ?? 0) };
}
