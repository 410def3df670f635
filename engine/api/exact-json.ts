/** JSON with integers beyond the safe ones as bigints. */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const exact = (_key: string, value: unknown, context: { readonly source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '')
      ? BigInt(context.source!)
      : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

/**
 * A number with the text that a server wrote: a double would print `2.50` and `20.0` without their zeros, and lose
 * digits of a long DECIMAL.
 */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  valueOf(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return RAW.rawJSON(this.text);
  }
}

/** A number that a double may print otherwise: with many digits, a zero at its end, many at its start, an exponent. */
const TELLING_NUMBER =
  /(?<![\d.])-?(?=\d[\d.]{15}|\d+\.\d*0(?!\d)|0\.0{6}|\d+(?:\.\d+)?[eE])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * JSON of rows: numbers that a double would print otherwise are a {@link NumberText}, and integers beyond the safe ones
 * bigints.
 */
export function parseRowJson(text: string): unknown {
  if (!mayLoseDigits(text)) return JSON.parse(text);
  const exact = (_key: string, value: unknown, { source = '' }: { readonly source?: string }): unknown => {
    if (typeof value !== 'number' || String(value) === source) return value;
    return /^-?\d+$/.test(source) ? BigInt(source) : new NumberText(source);
  };
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

/** Whether something in a text looks like a number that a double prints otherwise. Most doubles print as they came. */
function mayLoseDigits(text: string): boolean {
  TELLING_NUMBER.lastIndex = 0;
  for (let found = TELLING_NUMBER.exec(text); found !== null; found = TELLING_NUMBER.exec(text))
    if (String(Number(found[0])) !== found[0]) return true;
  return false;
}

const RAW = JSON as unknown as { rawJSON(text: string): unknown };

/** A replacer for JSON.stringify that prints bigints as the numbers they are. */
export function exactNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return RAW.rawJSON(value.toString());
}
