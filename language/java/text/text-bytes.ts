import { decodeBase64, encodeBase64 } from '../../types/base64.ts';
import { EvaluationError } from '../../types/evaluation-error.ts';

/** Text in an encoding as bytes, and back: hex, utf8, ascii, base64 (ksqlDB's BytesUtils). */
export interface TextEncoding {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

const utf8Encoder = new TextEncoder();
/** A byte order mark is a character like any other in Java. */
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new EvaluationError(`'${text}' is not hexadecimal text.`);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const startsSurrogate = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xed && (bytes[at + 1]! & 0xe0) === 0xa0;

/**
 * Java takes the bytes of a surrogate, which UTF-8 does not have, for one wrong character, where JavaScript sees
 * several.
 */
const withoutSurrogates = (bytes: Uint8Array): Uint8Array =>
  bytes
    .map((byte, at) => (startsSurrogate(bytes, at) ? 0xff : byte))
    .filter(
      (byte, at) => !startsSurrogate(bytes, at - 1) && !(startsSurrogate(bytes, at - 2) && (byte & 0xc0) === 0x80),
    );

export const utf8: TextEncoding = {
  encode: (text) =>
    utf8Encoder.encode(text.toWellFormed().replaceAll('\ufffd', (found, at) => (text[at] === found ? found : '?'))),
  decode: (bytes) => utf8Decoder.decode(bytes.includes(0xed) ? withoutSurrogates(bytes) : bytes),
};

export const ascii: TextEncoding = {
  encode: (text) =>
    Uint8Array.from(
      Array.from(text, (character) =>
        character.length === 1 && character < '\u0080' ? character.charCodeAt(0) : 0x3f,
      ),
    ),
  decode: (bytes) => Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')).join(''),
};

/** Lower-case digits; those of FROM_BYTES are upper case. */
export const hex: TextEncoding = { encode: fromHex, decode: toHex };
export const base64: TextEncoding = { encode: decodeBase64, decode: encodeBase64 };

const ENCODINGS: Readonly<Record<string, TextEncoding>> = {
  hex: { encode: fromHex, decode: (bytes) => toHex(bytes).toUpperCase() },
  utf8,
  ascii,
  base64,
};

/** @throws EvaluationError for an encoding that does not exist */
export function encodingNamed(name: string): TextEncoding {
  const found = ENCODINGS[name.toLowerCase()];
  if (found !== undefined) return found;
  throw new EvaluationError(
    `Unknown encoding type '${name}'. Supported formats are 'hex', 'utf8', 'ascii', and 'base64'.`,
  );
}

/** Bytes put together. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Where `wanted` first stands in `bytes` at or after `from`; -1 where it does not. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = from; at + wanted.length <= bytes.length; at++) {
    let i = 0;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++;
    if (i === wanted.length) return at;
  }
  return -1;
}
