import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/**
 * The budget of an engine where none is given: half of its part of what the machine and its control group have, and
 * half of what V8 lets it have, of which each thread has its own.
 * @param engines how many share the process
 */
export function defaultMemoryBytes(engines = 1): number {
  // Without a control group the constraint is a number beyond all machines.
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const machine = Math.min(totalmem(), constrained) / engines;
  return Math.floor(Math.min(machine, getHeapStatistics().heap_size_limit) / 2);
}
