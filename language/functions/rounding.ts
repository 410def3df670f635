import { parseDecimal, powerOfTen, precisionOf } from '../types/decimal.ts';
import { doubleToString } from '../types/java-double.ts';

/**
 * Rounds an unscaled decimal to a number of places, which may be negative; ties go towards positive infinity (ksqlDB: HALF_UP
 * for positive values, HALF_DOWN for negative ones). The scale stays, so the digits beyond become zeros.
 */
export function roundScaled(unscaled: bigint, scale: number, places: number): bigint {
  if (places >= scale) return unscaled;
  if (scale - places > precisionOf(unscaled)) return 0n;
  const unit = powerOfTen(scale - places);
  const rest = ((unscaled % unit) + unit) % unit;
  const floor = unscaled - rest;
  return rest * 2n >= unit ? floor + unit : floor;
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
  return overDecimal(value, (unscaled, scale) => {
    if (places >= scale) return unscaled;
    return scale - places > precisionOf(unscaled) ? 0n : unscaled - (unscaled % powerOfTen(scale - places));
  });
}

function overDecimal(value: number, change: (unscaled: bigint, scale: number) => bigint): number {
  const { unscaled, scale } = parseDecimal(doubleToString(value));
  // Scales below zero come from exponents; they are written out so that places mean the same for every value.
  const [digits, places] = scale < 0 ? [unscaled * powerOfTen(-scale), 0] : [unscaled, scale];
  return Number(`${change(digits, places)}e${-places}`);
}
