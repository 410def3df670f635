/**
 * The digits of a double as the Java that ksqlDB runs on (before JDK 19) finds them. They identify the double, but are
 * not always the fewest that do: 2.0E23 comes out as 1.9999999999999998E23, and integers beyond 2^53 keep more digits
 * than needed. This is the algorithm of `jdk.internal.math.FloatingDecimal`, a variant of Steele and White's, with
 * arbitrary precision throughout.
 */

const SIGNIFICANT_BITS = 53;
const MAX_SMALL_EXPONENT = 62;
/** How many bits the powers of five have. */
const POWER_OF_FIVE_BITS = [
  0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61,
];
/** How many decimal digits of an integer are lost in its lowest bits, by their number. */
const INSIGNIFICANT_DIGITS = [
  0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 11,
  11, 11, 12, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 17, 17, 17, 18, 18, 18, 19,
];

/** `0.d1d2d3… * 10^exponent`, without zeros at the end. */
export interface DoubleDigits {
  readonly digits: string;
  readonly exponent: number;
}

/** A double's parts: `fraction * 2^(exponent - 52)`, the fraction with its hidden bit at bit 52. */
interface Parts {
  readonly fraction: bigint;
  readonly exponent: number;
  /** Of the fraction; fewer for subnormal numbers. */
  readonly significantBits: number;
}

const view = new DataView(new ArrayBuffer(8));

function partsOf(value: number): Parts {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  if (biased !== 0)
    return { fraction: fraction | 0x10000000000000n, exponent: biased - 1023, significantBits: SIGNIFICANT_BITS };
  const significantBits = fraction.toString(2).length;
  return { fraction: fraction << BigInt(53 - significantBits), exponent: significantBits - 1075, significantBits };
}

/** The digits of a positive finite double. */
export function jdkDoubleDigits(value: number): DoubleDigits {
  const { fraction, exponent, significantBits } = partsOf(value);
  const tailZeros = trailingZeros(fraction);
  const fractionBits = SIGNIFICANT_BITS - tailZeros;
  const tinyBits = Math.max(0, fractionBits - exponent - 1);
  if (tinyBits === 0 && exponent <= MAX_SMALL_EXPONENT) return integerDigits(fraction, exponent, significantBits);
  return fractionDigits(
    { fraction: fraction >> BigInt(tailZeros), exponent, significantBits },
    fractionBits,
    tinyBits,
    fraction,
  );
}

function trailingZeros(value: bigint): number {
  let count = 0;
  for (let rest = value; (rest & 1n) === 0n; rest >>= 1n) count++;
  return count;
}

/** An integer of up to 63 bits is printed as such, but for the digits that its lowest bits cannot tell. */
function integerDigits(fraction: bigint, exponent: number, significantBits: number): DoubleDigits {
  let integer = exponent >= 52 ? fraction << BigInt(exponent - 52) : fraction >> BigInt(52 - exponent);
  let dropped = 0;
  if (exponent > significantBits) {
    dropped = INSIGNIFICANT_DIGITS[exponent - significantBits - 1] ?? 0;
    const power = 10n ** BigInt(dropped);
    const residue = integer % power;
    integer /= power;
    if (dropped > 0 && residue >= power >> 1n) integer += 1n;
  }
  const text = integer.toString();
  return { digits: text.replace(/0+$/, ''), exponent: text.length + dropped };
}

/** The decimal exponent, or one too many. */
function estimateExponent(fraction: bigint, exponent: number): number {
  view.setBigUint64(0, 0x3ff0000000000000n | (fraction & 0xfffffffffffffn));
  const mantissa = view.getFloat64(0);
  return Math.floor((mantissa - 1.5) * 0.289529654 + 0.176091259 + exponent * 0.301029995663981);
}

const powerOfFiveBits = (power: number): number => POWER_OF_FIVE_BITS[power] ?? power * 3;
const scaled = (value: bigint, fives: number, twos: number): bigint => (value * 5n ** BigInt(fives)) << BigInt(twos);

/** Divides digit after digit off the number, until what is left is less than half the distance to the next double. */
function fractionDigits(parts: Parts, fractionBits: number, tinyBits: number, normalized: bigint): DoubleDigits {
  let decimalExponent = estimateExponent(normalized, parts.exponent);
  const numberFives = Math.max(0, -decimalExponent);
  const scaleFives = Math.max(0, decimalExponent);
  let numberTwos = numberFives + tinyBits + parts.exponent;
  let scaleTwos = scaleFives + tinyBits;
  let marginTwos = numberTwos - parts.significantBits;
  numberTwos -= fractionBits - 1;
  const common = Math.min(numberTwos, scaleTwos);
  numberTwos -= common;
  scaleTwos -= common;
  // Below a power of two the next double is only half as far away.
  marginTwos -= common + (fractionBits === 1 ? 1 : 0);
  if (marginTwos < 0) {
    numberTwos -= marginTwos;
    scaleTwos -= marginTwos;
    marginTwos = 0;
  }
  // Java computes small numbers with longs, and there it takes a tie for less.
  const small =
    fractionBits + numberTwos + powerOfFiveBits(numberFives) < 64 &&
    scaleTwos + 1 + powerOfFiveBits(scaleFives + 1) < 64;
  const scale = scaled(1n, scaleFives, scaleTwos);
  const tenScale = scale * 10n;
  let number = scaled(parts.fraction, numberFives, numberTwos);
  let margin = scaled(1n, numberFives, marginTwos);
  let digits = '';
  let low = false;
  let high = false;
  const step = (): bigint => {
    const quotient = number / scale;
    number = 10n * (number % scale);
    margin *= 10n;
    low = number < margin;
    high = small ? number + margin > tenScale : number + margin >= tenScale;
    return quotient;
  };
  const first = step();
  if (first === 0n && !high) decimalExponent--;
  else digits += first;
  // Scientific notation shows at least two digits.
  if (decimalExponent < -3 || decimalExponent >= 8) {
    low = false;
    high = false;
  }
  while (!low && !high) digits += step();
  const roundUp = high && (!low || isNearerAbove(number, tenScale, digits));
  const exponent = decimalExponent + 1;
  if (!roundUp) return { digits: digits.replace(/0+$/, ''), exponent };
  const rounded = (BigInt(digits) + 1n).toString();
  // Leading zeros of the digits cannot occur, so a longer text is a carry out of the first digit.
  return { digits: rounded.replace(/0+$/, ''), exponent: exponent + rounded.length - digits.length };
}

function isNearerAbove(number: bigint, tenScale: bigint, digits: string): boolean {
  const difference = number * 2n - tenScale;
  if (difference !== 0n) return difference > 0n;
  return Number(digits.at(-1)) % 2 === 1;
}
