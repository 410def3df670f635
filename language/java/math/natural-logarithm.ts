/** The natural logarithm of 2 in two parts, the first with zeros at its end, so that its multiples are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** 2^27 + 1 splits a double into halves whose products are exact (Dekker). */
const SPLITTER = 134_217_729;
const bits = new DataView(new ArrayBuffer(8));

/**
 * The natural logarithm, rounded correctly but for the rarest of cases, as Java's is: Math.log of V8 misses the last
 * digit of some (1.0986122886681096 for 3).
 */
export function naturalLogarithm(value: number): number {
  if (!(value > 2.3e-308 && value < Number.POSITIVE_INFINITY)) return Math.log(value);
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  // ln m = 2 (s + s³/3 + s⁵/5 + …) with s = (m - 1) / (m + 1), whose quotient is carried on to twice the digits.
  const dividend = mantissa - 1;
  const divisor = mantissa + 1;
  const divisorRest = mantissa - (divisor - 1);
  const s = dividend / divisor;
  const sRest = (remainder(dividend, s, divisor) - s * divisorRest) / divisor;
  const square = s * s;
  let series = 0;
  for (let n = 41; n >= 3; n -= 2) series = series * square + 1 / n;
  const low = 2 * sRest + 2 * s * square * series + exponent * LN2_LOW;
  const first = exponent * LN2_HIGH;
  const sum = first + 2 * s;
  const sumRest = Math.abs(first) > Math.abs(2 * s) ? first - sum + 2 * s : 2 * s - sum + first;
  return sum + (sumRest + low);
}

/** a - x * y without rounding in between. */
function remainder(a: number, x: number, y: number): number {
  const [xHigh, xLow] = split(x);
  const [yHigh, yLow] = split(y);
  const product = x * y;
  const productRest = xHigh * yHigh - product + xHigh * yLow + xLow * yHigh + xLow * yLow;
  return a - product - productRest;
}

function split(value: number): [high: number, low: number] {
  const shifted = value * SPLITTER;
  const high = shifted - (shifted - value);
  return [high, value - high];
}
