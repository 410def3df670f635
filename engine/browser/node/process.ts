/** `node:os`, `node:v8` and `node:perf_hooks` in a browser, which tells nothing of its memory. */
import { absent } from './absent.ts';

const noFigures = absent('figure of the memory');

export { noFigures as getHeapStatistics, noFigures as PerformanceObserver, noFigures as totalmem };
/** Kinds of collections of garbage. */
export const constants = {};
