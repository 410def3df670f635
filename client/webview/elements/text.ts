/** A duration as people read it: `0.3 s`, `42 s`, `3 min 12 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An amount of memory. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;
}

/** A time of day, local. */
export const clock = (ms: number): string => new Date(ms).toLocaleTimeString(undefined, { hour12: false });

const two = (value: number, digits = 2): string => String(value).padStart(digits, '0');

const dateOf = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** The time of day, with milliseconds where there are any. */
function timeOf(at: Date): string {
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return at.getMilliseconds() === 0 ? time : `${time}.${two(at.getMilliseconds(), 3)}`;
}

/** A point in time as local date and time with milliseconds. */
export function localTime(ms: number): string {
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) return String(ms);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`;
  return `${dateOf(at)} ${time}`;
}

/**
 * Two points in time as people read them: `12:04:00 – 12:05:00`, with the date where it is not today, or not the same.
 */
export function timeRange(startMs: number, endMs: number): string {
  const [start, end] = [new Date(startMs), new Date(endMs)];
  if (Number.isNaN(start.getTime()) || Number.isNaN(end.getTime())) return `${startMs} – ${endMs}`;
  const [startDate, endDate] = [dateOf(start), dateOf(end)];
  const first = startDate === dateOf(new Date()) ? timeOf(start) : `${startDate} ${timeOf(start)}`;
  return `${first} – ${endDate === startDate ? timeOf(end) : `${endDate} ${timeOf(end)}`}`;
}
