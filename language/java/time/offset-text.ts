const two = (value: number): string => String(value).padStart(2, '0');

/**
 * How the patterns X and x print an offset, by how often the letter stands there: 1 is `+01` or `+0130`, 2 `+0130`, 3
 * `+01:30`, 4 and 5 are those with seconds where there are some.
 */
export type OffsetForm = 1 | 2 | 3 | 4 | 5;

/** An offset from UTC as the patterns X and x print it. */
export function offsetText(offsetMs: number, form: OffsetForm = 5): string {
  const total = Math.abs(offsetMs) / 1000;
  const hours = two(Math.floor(total / 3600));
  const minutes = two(Math.floor(total / 60) % 60);
  const seconds = Math.floor(total % 60);
  const colon = form === 3 || form === 5 ? ':' : '';
  const sign = offsetMs < 0 ? '-' : '+';
  if (form === 1 && minutes === '00') return `${sign}${hours}`;
  return `${sign}${hours}${colon}${minutes}${form >= 4 && seconds !== 0 ? `${colon}${two(seconds)}` : ''}`;
}

/** An offset as the pattern O prints it: `GMT+1`, or `GMT+01:00` in full. */
export function localizedOffset(offsetMs: number, full: boolean): string {
  if (offsetMs === 0) return 'GMT';
  const total = Math.abs(offsetMs) / 1000;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const seconds = Math.floor(total % 60);
  const rest = `${full || minutes !== 0 || seconds !== 0 ? `:${two(minutes)}` : ''}${seconds === 0 ? '' : `:${two(seconds)}`}`;
  return `GMT${offsetMs < 0 ? '-' : '+'}${full ? two(hours) : hours}${rest}`;
}
