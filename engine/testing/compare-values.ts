import { type ExactJson, ExactNumber, isObject, printExactJson } from './case-json.ts';

/**
 * Compares a decoded value with the one a test expects, the way ksqlDB's own runner does (qtt-format §1.8): the type of
 * the expected JSON decides, field names may differ in case, and the scale of decimals matters.
 *
 * @returns undefined when they agree, else the path of the first difference.
 */
export function findDifference(expected: ExactJson, actual: ExactJson, inexact: boolean, at = '$'): string | undefined {
  if (expected === null) return actual === null ? undefined : at;
  if (expected instanceof ExactNumber) return sameNumber(expected, actual, inexact) ? undefined : at;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return at;
    return firstOf(expected.map((item, i) => () => findDifference(item, actual[i]!, inexact, `${at}[${i}]`)));
  }
  if (isObject(expected)) {
    if (!isObject(actual) || Object.keys(actual).length !== Object.keys(expected).length) return at;
    return firstOf(
      Object.entries(expected).map(([name, item]) => () => {
        const found = Object.hasOwn(actual, name) ? actual[name] : actual[name.toUpperCase()];
        if (found === undefined) return item === null ? undefined : `${at}.${name}`;
        return findDifference(item, found, inexact, `${at}.${name}`);
      }),
    );
  }
  if (typeof expected === 'string' && actual instanceof ExactNumber)
    return sameDecimalText(expected, actual.text) ? undefined : at;
  return expected === actual ? undefined : at;
}

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const difference = check();
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function sameNumber(expected: ExactNumber, actual: ExactJson, inexact: boolean): boolean {
  if (!(actual instanceof ExactNumber)) return false;
  if (inexact || actual.isDouble) {
    return Math.abs(expected.valueOf() - actual.valueOf()) < 1e-6 || expected.valueOf() === actual.valueOf();
  }
  if (expected.isInteger) return sameInteger(expected.text, actual.text);
  return actual.isInteger
    ? BigInt(Math.trunc(expected.valueOf())) === BigInt(actual.text)
    : sameDecimalText(expected.text, actual.text) || bothDoubles(expected.text, actual.text);
}

/**
 * An integer agrees with a number that has no decimals, however that is written: `1000` with `1.0E3`, but not with
 * `1000.0`.
 */
function sameInteger(expected: string, actual: string): boolean {
  const [left, right] = [decimalParts(expected), decimalParts(actual)];
  if (left === undefined || right === undefined || right.scale > 0) return false;
  return left.unscaled * 10n ** BigInt(-left.scale) === right.unscaled * 10n ** BigInt(-right.scale);
}

/** Numbers with an exponent are doubles; those compare by value. */
function bothDoubles(a: string, b: string): boolean {
  return /e/i.test(a) || /e/i.test(b) ? Number(a) === Number(b) : false;
}

/** Equal as java.math.BigDecimal: the same digits and the same scale. */
function sameDecimalText(a: string, b: string): boolean {
  const [left, right] = [decimalParts(a), decimalParts(b)];
  return left !== undefined && right !== undefined && left.unscaled === right.unscaled && left.scale === right.scale;
}

function decimalParts(text: string): { unscaled: bigint; scale: number } | undefined {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/.exec(text);
  if (match === null || !(match[2] || match[3])) return undefined;
  const fraction = match[3] ?? '';
  const digits = BigInt(`${match[2] ?? ''}${fraction}` || '0');
  return { unscaled: match[1] === '-' ? -digits : digits, scale: fraction.length - Number(match[4] ?? 0) };
}

/** A value for a message, cut to a length people still read. */
export function shown(value: ExactJson): string {
  const text = printExactJson(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
