import { decodeAscii, decodeUtf8 } from './bytes.ts';

/** Longer texts are seldom the same. */
const MAX_BYTES = 24;

/** A short text that occurs again and again is made once. */
export class TextCache {
  readonly #texts: (string | undefined)[] = new Array(512);

  /** The ASCII text of a range. */
  text(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > MAX_BYTES) return decodeAscii(bytes, start, end);
    let hash = length;
    for (let i = start; i < end; i++) hash = (hash * 31 + bytes[i]!) | 0;
    return this.#ofHash(hash, bytes, start, end);
  }

  /** The UTF-8 text of a range; malformed parts become U+FFFD. */
  utf8(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > MAX_BYTES) return decodeUtf8(bytes, start, end);
    let hash = length;
    for (let i = start; i < end; i++) {
      if (bytes[i]! >= 0x80) return decodeUtf8(bytes, start, end);
      hash = (hash * 31 + bytes[i]!) | 0;
    }
    return this.#ofHash(hash, bytes, start, end);
  }

  #ofHash(hash: number, bytes: Uint8Array, start: number, end: number): string {
    const slot = (hash ^ (hash >>> 9)) & 511;
    const cached = this.#texts[slot];
    if (cached !== undefined && cached.length === end - start && isText(bytes, start, cached)) return cached;
    const text = decodeAscii(bytes, start, end);
    this.#texts[slot] = text;
    return text;
  }
}

function isText(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
