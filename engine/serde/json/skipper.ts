import { MAX_JSON_DEPTH } from '../../../language/java/text/json-text.ts';

/**
 * Passes over the tokens of a JSON document, checking them as it goes. Every method returns false, or -1, for what is
 * no JSON; the position then means nothing.
 */
export class JsonSkipper {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected position = 0;
  protected end = 0;
  /** Of the string that was passed last: only ASCII without escapes. */
  protected plain = true;
  /** Of the string that was passed last: it has escapes. */
  protected escaped = false;
  /** Of the number that was passed last: neither fraction nor exponent. */
  protected integral = true;
  /** Of the arrays and objects around the position that are passed over. */
  #depth = 0;

  protected open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.#depth = 0;
  }

  /** Moves to the next byte that is no blank and returns it, -1 at the end. */
  protected next(): number {
    const { bytes, end } = this;
    let { position } = this;
    while (position < end) {
      const char = bytes[position]!;
      if (char > 0x20) {
        this.position = position;
        return char;
      }
      if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return -1;
      position++;
    }
    return -1;
  }

  protected skipLiteral(text: string): boolean {
    const { bytes, position } = this;
    if (position + text.length > this.end) return false;
    for (let i = 0; i < text.length; i++) if (bytes[position + i] !== text.charCodeAt(i)) return false;
    this.position = position + text.length;
    return true;
  }

  protected skipNumber(first: number): boolean {
    const { bytes, end } = this;
    let { position } = this;
    this.integral = true;
    if (first === 0x2d) position++;
    const digits = position;
    position = skipDigits(bytes, position, end);
    if (position === digits || (bytes[digits] === 0x30 && position > digits + 1)) return false;
    if (position < end && bytes[position] === 0x2e) {
      this.integral = false;
      const fraction = position + 1;
      position = skipDigits(bytes, fraction, end);
      if (position === fraction) return false;
    }
    if (position < end && (bytes[position]! | 0x20) === 0x65) {
      this.integral = false;
      let exponent = position + 1;
      if (bytes[exponent] === 0x2b || bytes[exponent] === 0x2d) exponent++;
      position = skipDigits(bytes, exponent, end);
      if (position === exponent) return false;
    }
    this.position = position;
    return position <= end;
  }

  /** Passes the string whose opening quote is at the position. */
  protected skipString(): boolean {
    const { bytes, end } = this;
    let position = this.position + 1;
    this.plain = true;
    this.escaped = false;
    while (position < end) {
      const char = bytes[position]!;
      if (char === 0x22) {
        this.position = position + 1;
        return true;
      }
      if (char < 0x20) return false;
      if (char === 0x5c) {
        this.plain = false;
        this.escaped = true;
        position = skipEscape(bytes, position, end);
        if (position < 0) return false;
      } else if (char >= 0x80) {
        this.plain = false;
        position = skipUtf8(bytes, position, end);
        if (position < 0) return false;
      } else {
        position++;
      }
    }
    return false;
  }

  /** Passes the value that begins with `first` at the position. */
  protected skipValue(first: number): boolean {
    switch (first) {
      case 0x22:
        return this.skipString();
      case 0x7b:
        return this.#skipEntries(0x7d, true);
      case 0x5b:
        return this.#skipEntries(0x5d, false);
      case 0x74:
        return this.skipLiteral('true');
      case 0x66:
        return this.skipLiteral('false');
      case 0x6e:
        return this.skipLiteral('null');
      default:
        return this.skipNumber(first);
    }
  }

  #skipEntries(close: number, named: boolean): boolean {
    this.position++;
    if (this.next() === close) {
      this.position++;
      return true;
    }
    if (++this.#depth > MAX_JSON_DEPTH) return false;
    for (;;) {
      if (named) {
        if (this.next() !== 0x22 || !this.skipString() || this.next() !== 0x3a) return false;
        this.position++;
      }
      if (!this.skipValue(this.next())) return false;
      const separator = this.next();
      this.position++;
      if (separator === close) {
        this.#depth--;
        return true;
      }
      if (separator !== 0x2c) return false;
    }
  }
}

function skipDigits(bytes: Uint8Array, position: number, end: number): number {
  while (position < end) {
    const char = bytes[position]!;
    if (char < 0x30 || char > 0x39) break;
    position++;
  }
  return position;
}

/** Behind the escape at the position, -1 if it is none. */
function skipEscape(bytes: Uint8Array, position: number, end: number): number {
  if (position + 1 >= end) return -1;
  switch (bytes[position + 1]) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return position + 2;
    case 0x75:
      for (let i = position + 2; i < position + 6; i++) if (i >= end || !isHexDigit(bytes[i]!)) return -1;
      return position + 6;
    default:
      return -1;
  }
}

const isHexDigit = (char: number): boolean =>
  (char >= 0x30 && char <= 0x39) || ((char | 0x20) >= 0x61 && (char | 0x20) <= 0x66);

/** Behind the multi-byte UTF-8 character at the position, -1 if it is malformed. */
function skipUtf8(bytes: Uint8Array, position: number, end: number): number {
  const first = bytes[position]!;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || position + length > end) return -1;
  const second = bytes[position + 1]!;
  // No overlong forms, no surrogates, nothing beyond U+10FFFF.
  if (first === 0xe0 && second < 0xa0) return -1;
  if (first === 0xed && second > 0x9f) return -1;
  if (first === 0xf0 && second < 0x90) return -1;
  if (first === 0xf4 && second > 0x8f) return -1;
  for (let i = 1; i < length; i++) if ((bytes[position + i]! & 0xc0) !== 0x80) return -1;
  return position + length;
}
