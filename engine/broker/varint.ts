/** Writes a zigzag varint of 32 bits. @returns the place behind it */
export function putVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  while (zigzag >= 0x80) {
    bytes[at++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  bytes[at++] = zigzag;
  return at;
}

/** Writes a zigzag varint of as many bits as a double holds. @returns the place behind it */
export function putVarlong(bytes: Uint8Array, start: number, value: number): number {
  if (value >= -0x40000000 && value < 0x40000000) return putVarint(bytes, start, value);
  let at = start;
  let zigzag = value < 0 ? -value * 2 - 1 : value * 2;
  while (zigzag >= 0x80) {
    bytes[at++] = (zigzag % 128) | 0x80;
    zigzag = Math.floor(zigzag / 128);
  }
  bytes[at++] = zigzag;
  return at;
}
