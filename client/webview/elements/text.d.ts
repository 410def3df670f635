/** A duration as people read it: `0.3 s`, `42 s`, `3 min 12 s`, `2 h 5 min`. */
export declare function duration(ms: number): string;
/** An amount of memory. */
export declare function size(bytes: number): string;
/** A time of day, local. */
export declare const clock: (ms: number) => string;
/** A point in time as date and time with milliseconds, or as the settings say. */
export declare function shownTime(ms: number): string;
/**
 * Two points in time as people read them: `12:04:00 – 12:05:00`, with the date where it is not today, or not the same,
 * and with milliseconds where there are any.
 */
export declare function timeRange(startMs: number, endMs: number): string;
