import { display } from './page-display.ts';

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

/** The date, the time of day and the milliseconds of a point in time: local, or of UTC where the settings say so. */
function partsOf(ms: number): { readonly date: string; readonly time: string; readonly fraction: string } {
  const at = new Date(ms);
  if (display().timestamps === 'utc') {
    const text = at.toISOString();
    const end = text.length;
    return {
      date: text.slice(0, end - 14),
      time: text.slice(end - 13, end - 5),
      fraction: text.slice(end - 4, end - 1),
    };
  }
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
    fraction: two(at.getMilliseconds(), 3),
  };
}

/** Whether a number is to stay one: the settings want that, or it is no time. */
const isPlain = (ms: number): boolean => display().timestamps === 'raw' || Number.isNaN(new Date(ms).getTime());

/** A point in time as date and time with milliseconds, or as the settings say. */
export function shownTime(ms: number): string {
  if (isPlain(ms)) return String(ms);
  const { date, time, fraction } = partsOf(ms);
  return `${date} ${time}.${fraction}`;
}

/**
 * Two points in time as people read them: `12:04:00 – 12:05:00`, with the date where it is not today, or not the same,
 * and with milliseconds where there are any.
 */
export function timeRange(startMs: number, endMs: number): string {
  if (isPlain(startMs) || isPlain(endMs)) return `${startMs} – ${endMs}`;
  const [start, end] = [partsOf(startMs), partsOf(endMs)];
  const timeOf = ({ time, fraction }: typeof start) => (fraction === '000' ? time : `${time}.${fraction}`);
  const first = start.date === partsOf(Date.now()).date ? timeOf(start) : `${start.date} ${timeOf(start)}`;
  return `${first} – ${end.date === start.date ? timeOf(end) : `${end.date} ${timeOf(end)}`}`;
}
