import { EvaluationError } from './evaluation-error.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) values[ALPHABET.charCodeAt(i)] = i;

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text +=
      ALPHABET[group >> 18]! + ALPHABET[(group >> 12) & 63]! + ALPHABET[(group >> 6) & 63]! + ALPHABET[group & 63]!;
  }
  const left = bytes.length - i;
  if (left === 0) return text;
  const group = (bytes[i]! << 16) | ((left === 2 ? bytes[i + 1]! : 0) << 8);
  const third = left === 2 ? ALPHABET[(group >> 6) & 63]! : '=';
  return `${text}${ALPHABET[group >> 18]}${ALPHABET[(group >> 12) & 63]}${third}=`;
}

/**
 * Reads standard base64 as Java's basic decoder does: the padding may be missing as a whole, but no other character,
 * white space included, is allowed.
 * @throws EvaluationError when the text is not base64.
 */
export function decodeBase64(text: string): Uint8Array {
  let end = text.length;
  if (end > 0 && text.charCodeAt(end - 1) === 0x3d) {
    if (end % 4 !== 0) throw invalid(text);
    end -= text.charCodeAt(end - 2) === 0x3d ? 2 : 1;
  }
  if (end % 4 === 1) throw invalid(text);
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let group = 0;
  let size = 0;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? values[code]! : -1;
    if (value < 0) throw invalid(text);
    group = ((group << 6) | value) & 0xffffff;
    if (i % 4 === 1) bytes[size++] = (group >> 4) & 255;
    else if (i % 4 === 2) bytes[size++] = (group >> 2) & 255;
    else if (i % 4 === 3) bytes[size++] = group & 255;
  }
  return bytes;
}

const invalid = (text: string) => new EvaluationError(`Not base64: '${text}'`);
