/** What stops the run over a text: its end, escapes, controls, and what is no ASCII. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte < 0x20 || byte === 0x22 || byte === 0x5c || byte >= 0x80),
);

/**
 * The place behind a token of the usual form that begins at a place of some bytes; -1 where none does, and for those of
 * other forms, right or wrong.
 */
export type Pass = (bytes: Uint8Array, start: number, end: number) => number;

/** Passes a text of ASCII without escapes. */
export const passText: Pass = (bytes, start, end) => {
  if (start >= end || bytes[start] !== 0x22) return -1;
  let at = start + 1;
  while (at < end && STOPS[bytes[at]!] === 0) at++;
  return at < end && bytes[at] === 0x22 ? at + 1 : -1;
};

/** So long are integers, with their sign, whose digits all of 64 bits hold. */
const MAX_INTEGER_BYTES = 18;

/** Passes a number without fraction and exponent. */
export const passInteger: Pass = (bytes, start, end) => {
  const at = passDigits(bytes, start, end);
  if (at < 0 || at - start > MAX_INTEGER_BYTES) return -1;
  if (at < end && (bytes[at] === 0x2e || (bytes[at]! | 0x20) === 0x65)) return -1;
  return at;
};

/** Passes a number without exponent. */
export const passDecimal: Pass = (bytes, start, end) => {
  const point = passDigits(bytes, start, end);
  if (point < 0 || point >= end) return -1;
  let at = point;
  if (bytes[point] === 0x2e) {
    at++;
    while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
    if (at === point + 1 || at >= end) return -1;
  }
  return (bytes[at]! | 0x20) === 0x65 ? -1 : at;
};

/** Passes digits that are no other's, with or without a sign. */
function passDigits(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  const digits = bytes[start] === 0x2d ? start + 1 : start;
  let at = digits;
  while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
  return at === digits || (bytes[digits] === 0x30 && at > digits + 1) ? -1 : at;
}

/** The place of the next byte that is no blank; the end, where another control comes before. */
export function passBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! <= 0x20) {
    const char = bytes[at]!;
    if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return end;
    at++;
  }
  return at;
}
