import type { StoreKey } from '../../state/state-store.ts';

const WIDE = /[^\u0000-\u007f]/;

/**
 * A store key as bytes that sort as the key does, by its UTF-16 units: each unit by itself as UTF-8 would write it, so
 * that lone surrogates are themselves.
 */
export function encodeKey(key: StoreKey): Uint8Array {
  if (!WIDE.test(key)) return Buffer.from(key, 'latin1');
  const bytes = Buffer.allocUnsafe(3 * key.length);
  let at = 0;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    if (unit < 0x80) bytes[at++] = unit;
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return bytes.subarray(0, at);
}

/** The opposite of {@link encodeKey}. */
export function decodeKey(bytes: Uint8Array): StoreKey {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isNarrow(buffer)) return buffer.toString('latin1');
  const units: number[] = [];
  for (let at = 0; at < buffer.length; ) {
    const first = buffer[at++]!;
    if (first < 0x80) units.push(first);
    else if (first < 0xe0) units.push(((first & 0x1f) << 6) | (buffer[at++]! & 0x3f));
    else units.push(((first & 0xf) << 12) | ((buffer[at++]! & 0x3f) << 6) | (buffer[at++]! & 0x3f));
  }
  return units.map((unit) => String.fromCharCode(unit)).join('');
}

function isNarrow(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}
