import { EvaluationError } from './evaluation-error.ts';
import { trimJava } from './integer.ts';
import { jdkDoubleDigits } from './jdk-double-digits.ts';

/**
 * The text of a DOUBLE as Java's Double.toString prints it: `1.0`, `1.0E10`, `4.9E-324`, `NaN`, `-Infinity`. Plain
 * notation is used from 10^-3 up to, but not including, 10^7.
 */
export function doubleToString(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const plain = String(value);
    return Number.isInteger(value) ? `${plain}.0` : plain;
  }
  if (magnitude >= 2 ** 53) return largeToString(value, magnitude);
  let scientific = value.toExponential();
  // Java prints at least two digits, and picks the closest two where one would do.
  if (!scientific.includes('.')) scientific = value.toExponential(1);
  const e = scientific.indexOf('e');
  const exponent = scientific.slice(e + 1);
  return `${scientific.slice(0, e)}E${exponent.startsWith('+') ? exponent.slice(1) : exponent}`;
}

/** Below 2^53 Java prints the shortest digits, as JavaScript does; above it has digits of its own. */
function largeToString(value: number, magnitude: number): string {
  const { digits, exponent } = jdkDoubleDigits(magnitude);
  return `${value < 0 ? '-' : ''}${digits[0]}.${digits.slice(1) || '0'}E${exponent - 1}`;
}

const DECIMAL_FORM = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/;
const HEX_FORM = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?\d+)[fFdD]?$/;
const NON_FINITE = /^([+-]?)(NaN|Infinity)$/;

/**
 * Java's Double.parseDouble: trimmed decimal and hexadecimal forms with an optional type suffix (`1d`, `0x1p3`, `5.`),
 * NaN and Infinity.
 * @throws EvaluationError `For input string: "x"`.
 */
export function parseDouble(text: string): number {
  const trimmed = trimJava(text);
  if (DECIMAL_FORM.test(trimmed)) {
    const last = trimmed.charCodeAt(trimmed.length - 1);
    return Number(last > 0x39 ? trimmed.slice(0, -1) : trimmed);
  }
  const [, sign, whole, fraction = '', exponent] = HEX_FORM.exec(trimmed) ?? [];
  if (whole || fraction) return hexToDouble(sign!, whole!, fraction, Number(exponent));
  const special = NON_FINITE.exec(trimmed);
  if (special) return special[2] === 'NaN' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  throw new EvaluationError(`For input string: "${text}"`);
}

/** {@link parseDouble} as CAST uses it: texts that are, or overflow to, NaN or Infinity are refused. */
export function parseFiniteDouble(text: string): number {
  const value = parseDouble(text);
  if (!Number.isFinite(value)) throw new EvaluationError(`Not a finite DOUBLE: "${text}"`);
  return value;
}

function hexToDouble(sign: string, whole: string, fraction: string, exponent: number): number {
  let mantissa = BigInt(`0x${whole}${fraction}`);
  let power = exponent - 4 * fraction.length;
  // 64 significant bits with a sticky last one round exactly as all of them would.
  const excess = mantissa.toString(2).length - 64;
  if (excess > 0) {
    const dropped = mantissa & ((1n << BigInt(excess)) - 1n);
    mantissa = (mantissa >> BigInt(excess)) | (dropped === 0n ? 0n : 1n);
    power += excess;
  }
  const value =
    Number(mantissa) *
    2 ** Math.max(-1074, Math.min(1023, power)) *
    2 ** (power - Math.max(-1074, Math.min(1023, power)));
  return sign === '-' ? -value : value;
}
