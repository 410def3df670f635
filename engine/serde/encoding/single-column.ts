import type { SerdeContext } from './serde.ts';

/**
 * Whether the only column of a key or value is written bare, without a record around it. Keys of one column are,
 * wherever the format knows both forms; values only when that was asked for.
 */
export function isUnwrapped(context: SerdeContext): boolean {
  if (context.columns.length !== 1) return false;
  const { wrapping } = context.format;
  if (wrapping !== undefined) return wrapping === 'UNWRAP_SINGLES';
  return context.isKey || context.wrapSingles === false;
}
