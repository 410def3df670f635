import type { Window } from '../operators/operator.ts';
import { readInt32 } from './bytes.ts';
import { SerdeError } from './serde.ts';

const TIME_BYTES = 8;
const SESSION_BYTES = 16;

/** How many bytes the window takes at the end of a key. */
export const windowBytes = (type: 'time' | 'session'): number => (type === 'time' ? TIME_BYTES : SESSION_BYTES);

const readTime = (bytes: Uint8Array, start: number): number =>
  readInt32(bytes, start) * 0x100000000 + (readInt32(bytes, start + 4) >>> 0);

/**
 * The window at the end of a key's bytes: for time windows their start, for sessions end and start, as Kafka Streams has it.
 * The key itself is what stands before the last {@link windowBytes}.
 * @param sizeMs of time windows
 * @throws SerdeError when the key is too short
 */
export function readWindow(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: 'time' | 'session',
  sizeMs: number,
): Window {
  if (end - start < windowBytes(type)) throw new SerdeError(`A windowed key needs at least ${windowBytes(type)} bytes`);
  const startMs = readTime(bytes, end - TIME_BYTES);
  const endMs = type === 'time' ? startMs + sizeMs : readTime(bytes, end - SESSION_BYTES);
  return { startMs, endMs };
}

/** The key's bytes with the window behind them. */
export function appendWindow(key: Uint8Array, window: Window, type: 'time' | 'session'): Uint8Array {
  const windowed = Buffer.allocUnsafeSlow(key.length + windowBytes(type));
  windowed.set(key);
  let position = key.length;
  if (type === 'session') position = windowed.writeBigInt64BE(BigInt(window.endMs), position);
  windowed.writeBigInt64BE(BigInt(window.startMs), position);
  return windowed;
}
