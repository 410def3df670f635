import type { CaptureRequest } from '../../engine/api/topics/topics-protocol.ts';
import { type Disorder, IN_ORDER } from '../../engine/fixtures/disorder.ts';

/* What people write into the boxes of commands about topics. */

/** Milliseconds since the epoch, or a date and a time; without a zone it is local. */
export function timeOf(text: string): number | undefined {
  const written = text.trim();
  const timeMs = /^\d+$/.test(written) ? Number(written) : /^\d{4}-\d/.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isSafeInteger(timeMs) && timeMs >= 0 ? timeMs : undefined;
}

/** Two times as `from..to`. */
export function spanOf(text: string): Pick<CaptureRequest, 'fromMs' | 'toMs'> | undefined {
  const [from = '', to, ...more] = text.split('..').map((part) => part.trim());
  if (to === undefined || more.length > 0 || (from === '' && to === '')) return undefined;
  const [fromMs, toMs] = [from, to].map((part) => (part === '' ? undefined : timeOf(part)));
  if ((from !== '' && fromMs === undefined) || (to !== '' && toMs === undefined)) return undefined;
  return { fromMs, toMs };
}

/** A disorder as it is written: `seed=1 jitter=30 …`, named as the options of `ksql replay`. */
export function disorderOf(text: string): Disorder | undefined {
  const given: Record<string, number> = {};
  for (const part of text
    .trim()
    .split(/\s+/)
    .filter((each) => each !== '')) {
    const [, name = '', number] = /^(seed|jitter|late|late-by|duplicates)=(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    if (number === undefined) return undefined;
    given[name] = Number(number);
  }
  const { seed = IN_ORDER.seed, jitter = 0, late = 0, 'late-by': lateBy = 0, duplicates = 0 } = given;
  if (late > 1 || duplicates > 1) return undefined;
  return { seed, jitterMs: jitter * 1000, lateShare: late, lateMs: lateBy * 1000, duplicateShare: duplicates };
}
