import { WINDOW_TYPES, type WindowBounds, type WindowType } from '../../language/metastore/metastore.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Window } from '../operators/operator.ts';
import { readInt32 } from './encoding/bytes.ts';
import { SerdeError } from './encoding/serde.ts';

const TIME_BYTES = 8;
const SESSION_BYTES = 16;

/** The layouts of windowed keys. */
export type WindowLayout = WindowBounds;

/** The layout of a source's keys. */
export const windowLayout = (type: WindowType): WindowLayout => WINDOW_TYPES[type];

const BYTES: Readonly<Record<WindowLayout, number>> = { time: TIME_BYTES, session: SESSION_BYTES };

/** How many bytes the window takes at the end of a key. */
export const windowBytes = (layout: WindowLayout): number => BYTES[layout];

const readTime = (bytes: Uint8Array, start: number): number =>
  readInt32(bytes, start) * 0x100000000 + (readInt32(bytes, start + 4) >>> 0);

/**
 * The window at the end of a key's bytes: for time windows their start, for sessions end and start, as Kafka Streams
 * has it. The key itself is what stands before the last {@link windowBytes}.
 * @param sizeMs of time windows
 * @throws SerdeError when the key is too short
 */
export function readWindow(
  bytes: Uint8Array,
  start: number,
  end: number,
  layout: WindowLayout,
  sizeMs: number,
): Window {
  if (end - start < windowBytes(layout))
    throw new SerdeError(`A windowed key needs at least ${windowBytes(layout)} bytes`);
  const startMs = readTime(bytes, end - TIME_BYTES);
  const endMs = layout === 'time' ? startMs + sizeMs : readTime(bytes, end - SESSION_BYTES);
  return { startMs, endMs };
}

/** Writes the start of a time window behind a key. */
export function writeStart(writer: ByteWriter, startMs: number): void {
  writer.reserve(TIME_BYTES);
  writeTime(writer.bytes, writer.position, startMs);
  writer.position += TIME_BYTES;
}

/** The key's bytes with the window behind them. */
export function appendWindow(key: Uint8Array, window: Window, layout: WindowLayout): Uint8Array {
  const windowed = new Uint8Array(key.length + windowBytes(layout));
  windowed.set(key);
  if (layout === 'session') writeTime(windowed, key.length, window.endMs);
  writeTime(windowed, windowed.length - TIME_BYTES, window.startMs);
  return windowed;
}

/**
 * A signed integer of 64 bits, most significant byte first; it is put together of two halves, because bigints are slow.
 */
function writeTime(bytes: Uint8Array, at: number, timeMs: number): void {
  writeInt32(bytes, at, Math.floor(timeMs / 0x100000000));
  writeInt32(bytes, at + 4, timeMs % 0x100000000);
}

function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}
