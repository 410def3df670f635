import { DAY_MS } from '../../../language/types/time-units.ts';
import { SerdeError } from './serde.ts';

/** The milliseconds of a TIME. @throws SerdeError when they are not within a day (midnight at its end included) */
export function checkedTime(timeMs: number): number {
  if (timeMs < 0 || timeMs > DAY_MS) {
    throw new SerdeError('Time values must use number of milliseconds greater than 0 and less than 86400000.');
  }
  return timeMs;
}
