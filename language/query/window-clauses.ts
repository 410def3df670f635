import type * as ast from '../generated/ast.ts';
import type { WindowInfo } from '../metastore/metastore.ts';
import { AnalysisError, rangeOf } from '../text/analysis-error.ts';
import { DAY_MS, unitMs } from '../types/time-units.ts';
import type { JoinRelation, QueryWindow } from './analyzed.ts';

const MAX_LONG = 2 ** 63;

/** Kafka Streams' grace period where a window states none: what is left of 24 hours after the size. */
const defaultGraceMs = (sizeMs: number): number => Math.max(DAY_MS - sizeMs, 0);

/**
 * Milliseconds of a duration such as `5 MINUTES`.
 *
 * @throws AnalysisError when the number is not a whole one
 */
export function durationMs(duration: {
  readonly amount: string;
  readonly unit: string;
  readonly $cstNode?: ast.Duration['$cstNode'];
}): number {
  if (!/^-?\s*\d+$/.test(duration.amount)) {
    const message = `For input string: "${duration.amount}". Durations are whole numbers.`;
    throw new AnalysisError('invalid-duration', message, { node: duration as ast.Duration });
  }
  const amount = BigInt(duration.amount.replace(/\s/g, ''));
  if (BigInt.asIntN(64, amount) !== amount) {
    const message = `For input string: "${duration.amount}". Durations are BIGINTs.`;
    throw new AnalysisError('invalid-duration', message, { node: duration as ast.Duration });
  }
  return Number(amount) * unitMs(duration.unit)!;
}

/**
 * The WINDOW clause in milliseconds.
 *
 * @param final EMIT FINAL: windows have no grace unless one is stated
 * @throws AnalysisError for sizes, advances and retentions that make no window
 */
export function analyzeWindow(window: ast.WindowExpression, final: boolean): QueryWindow {
  const retentionMs = window.retention && durationMs(window.retention);
  const graceMs = window.grace && durationMs(window.grace);
  const common = {
    retentionMs,
    graceMs,
  };
  const fail = (message: string, node: { readonly $cstNode?: ast.Duration['$cstNode'] } | undefined) =>
    new AnalysisError('invalid-window', message, { node: node as ast.Duration });
  if (graceMs !== undefined && graceMs < 0) throw fail('Grace period must not be negative.', window.grace);
  const extentMs = durationMs(window.$type === 'SessionWindow' ? window.gap : window.size);
  if (graceMs !== undefined && graceMs + Math.max(extentMs, 0) > MAX_LONG)
    throw fail('retentionPeriod cannot be negative', window.grace);
  if (window.$type === 'SessionWindow') {
    const gapMs = durationMs(window.gap);
    if (gapMs <= 0) throw fail('Gap time cannot be zero or negative.', window.gap);
    checkRetention(window, gapMs, final ? 0 : defaultGraceMs(gapMs));
    return { type: 'SESSION', gapMs, ...common };
  }
  const sizeMs = durationMs(window.size);
  if (sizeMs <= 0) throw new AnalysisError('window-size', 'Size must be positive', { node: window.size });
  checkRetention(window, sizeMs, final ? 0 : defaultGraceMs(sizeMs));
  if (window.$type === 'TumblingWindow') return { type: 'TUMBLING', sizeMs, ...common };
  window satisfies ast.HoppingWindow;
  const advanceMs = durationMs(window.advance);
  if (advanceMs <= 0 || advanceMs > sizeMs) {
    const message =
      `Window advancement interval should be more than zero and less than window duration which is ${sizeMs} ms, ` +
      `but given advancement interval is: ${advanceMs} ms`;
    throw fail(message, window.advance);
  }
  return { type: 'HOPPING', sizeMs, advanceMs, ...common };
}

function checkRetention(window: ast.WindowExpression, sizeMs: number, defaultGrace: number): void {
  if (window.retention === undefined) return;
  const retentionMs = durationMs(window.retention);
  const graceMs = window.grace === undefined ? defaultGrace : durationMs(window.grace);
  if (retentionMs >= sizeMs + graceMs) return;
  const message =
    'The retention period of the window store Aggregate-Aggregate-Materialize must be no smaller than its window size plus the grace period. ' +
    `Got size=[${sizeMs}], grace=[${graceMs}], retention=[${retentionMs}]`;
  throw new AnalysisError('invalid-window', message, { range: rangeOf(window.retention) });
}

/**
 * The size of a window (of SESSION its gap), its grace period and how long its rows are kept, in milliseconds: what is
 * not stated is as in Kafka Streams.
 *
 * @param final EMIT FINAL: windows have no grace unless one is stated
 */
export function windowTimes(
  window: QueryWindow,
  final: boolean,
): Readonly<Record<'sizeMs' | 'graceMs' | 'retentionMs', number>> {
  const sizeMs = window.type === 'SESSION' ? window.gapMs : window.sizeMs;
  const graceMs = window.graceMs ?? (final ? 0 : defaultGraceMs(sizeMs));
  return { sizeMs, graceMs, retentionMs: Math.max(window.retentionMs ?? 0, sizeMs + graceMs) };
}

/** How the keys of a result with that window are windowed. */
export function windowInfo(window: QueryWindow): WindowInfo {
  switch (window.type) {
    case 'SESSION':
      return { type: 'SESSION' };
    case 'TUMBLING':
    case 'HOPPING':
      return { type: window.type, sizeMs: window.sizeMs };
    default:
      return window satisfies never;
  }
}

/**
 * WITHIN in milliseconds.
 *
 * @throws AnalysisError for intervals and grace periods that Kafka Streams refuses
 */
export function analyzeWithin(within: ast.Within): NonNullable<JoinRelation['within']> {
  const beforeMs = durationMs(within.before ?? within.size!);
  const afterMs = durationMs(within.after ?? within.size!);
  // The window is first made of the time before alone, to both sides; a sum beyond BIGINT wraps to a negative number.
  if ([beforeMs, afterMs].some((ms) => beforeMs + ms < 0 || beforeMs + ms >= MAX_LONG)) {
    const message = 'Window interval (ie, beforeMs+afterMs) must not be negative.';
    throw new AnalysisError('invalid-window', message, { node: within.before ?? within.size! });
  }
  const graceMs = within.grace && durationMs(within.grace);
  if (graceMs !== undefined && graceMs < 0) {
    throw new AnalysisError('invalid-window', 'Grace period must not be negative.', { node: within.grace! });
  }
  return { beforeMs, afterMs, graceMs };
}
