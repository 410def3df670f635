import { parseDecimal, powerOfTen, precisionOf } from '../../types/decimal.ts';
import { EvaluationError } from '../../types/evaluation-error.ts';
import { doubleToLong, type Long } from '../../types/integer.ts';
import { doubleToString } from '../../types/java-double.ts';

/** Java's BigInteger ends at 2^(2^31), so no power of ten beyond this one can be part of a rounding. */
const MAX_POWER_OF_TEN = 646_456_993;

/** Java's Math.round: ties go towards positive infinity, NaN is 0, and what is too large becomes the greatest long. */
export function roundToLong(value: number): Long {
  const floor = Math.floor(value);
  // The difference is exact, where value + 0.5 may round up itself (0.49999999999999994).
  return doubleToLong(value - floor >= 0.5 ? floor + 1 : floor);
}

/**
 * Rounds an unscaled decimal to a number of places, which may be negative; ties go towards positive infinity (ksqlDB:
 * HALF_UP for positive values, HALF_DOWN for negative ones). The scale stays, so the digits beyond become zeros.
 * @throws EvaluationError for places that Java's BigDecimal cannot go to.
 */
export function roundScaled(unscaled: bigint, scale: number, places: number): bigint {
  if (!losesDigits(unscaled, scale, places)) return unscaled;
  if (scale - places > precisionOf(unscaled)) return 0n;
  const unit = powerOfTen(scale - places);
  const rest = ((unscaled % unit) + unit) % unit;
  const floor = unscaled - rest;
  return rest * 2n >= unit ? floor + unit : floor;
}

/** Cuts an unscaled decimal off after a number of places, as {@link roundScaled} rounds it. */
export function truncateScaled(unscaled: bigint, scale: number, places: number): bigint {
  if (!losesDigits(unscaled, scale, places)) return unscaled;
  return scale - places > precisionOf(unscaled) ? 0n : unscaled - (unscaled % powerOfTen(scale - places));
}

function losesDigits(unscaled: bigint, scale: number, places: number): boolean {
  if (unscaled === 0n) return false;
  if (Math.abs(scale - places) > MAX_POWER_OF_TEN) throw new EvaluationError(`Cannot round to ${places} places`);
  return places < scale;
}

/**
 * {@link roundScaled} for a DOUBLE, over its shortest decimal text as BigDecimal.valueOf has it.
 * @throws EvaluationError for NaN and infinities.
 */
export function roundDouble(value: number, places: number): number {
  return overDecimal(value, (unscaled, scale) => roundScaled(unscaled, scale, places));
}

/** Cuts a DOUBLE off after a number of places. */
export function truncateDouble(value: number, places: number): number {
  return overDecimal(value, (unscaled, scale) => truncateScaled(unscaled, scale, places));
}

function overDecimal(value: number, change: (unscaled: bigint, scale: number) => bigint): number {
  const { unscaled, scale } = parseDecimal(doubleToString(value));
  // Scales below zero come from exponents; they are written out so that places mean the same for every value.
  const [digits, places] = scale < 0 ? [unscaled * powerOfTen(-scale), 0] : [unscaled, scale];
  return Number(`${change(digits, places)}e${-places}`);
}
