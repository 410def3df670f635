import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** The budget where none is given: half of what the machine, its control group and V8's heap all have. */
export function defaultMemoryBytes(): number {
  // Without a control group the constraint is a number beyond all machines.
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(totalmem(), constrained, getHeapStatistics().heap_size_limit) / 2);
}
