import { powerOfTen, rescaleExact, type ScaledNumber } from '../../../language/types/decimal.ts';
import { EvaluationError } from '../../../language/types/evaluation-error.ts';
import {
  type Long,
  parseInteger as parseTrimmedInteger,
  parseLong as parseTrimmedLong,
} from '../../../language/types/integer.ts';
import type { DecimalType } from '../../../language/types/sql-type.ts';

/** Values as text in payloads. What is no such value throws EvaluationError. */

/** Java's `Integer.parseInt`: unlike CAST it takes no blanks. */
export const parseInteger = (text: string): number => parseTrimmedInteger(withoutBlanks(text));

/** Java's `Long.parseLong`: unlike CAST it takes no blanks. */
export const parseLong = (text: string): Long => parseTrimmedLong(withoutBlanks(text));

function withoutBlanks(text: string): string {
  if (/^[\0- ]|[\0- ]$/.test(text)) throw new EvaluationError(`For input string: "${text}"`);
  return text;
}

const MAX_RESCALING = 100_000;

/** The unscaled value of a number as a DECIMAL. Payloads must fit without rounding. */
export function fitExactly(value: ScaledNumber, type: DecimalType): bigint {
  if (value.unscaled === 0n) return 0n;
  const outOfRange = Math.abs(type.scale - value.scale) > MAX_RESCALING;
  const unscaled = outOfRange ? undefined : rescaleExact(value.unscaled, value.scale, type.scale);
  const limit = powerOfTen(type.precision);
  if (unscaled === undefined || unscaled >= limit || unscaled <= -limit) {
    throw new EvaluationError(
      `Numeric field overflow: the value does not fit DECIMAL(${type.precision}, ${type.scale})`,
    );
  }
  return unscaled;
}

const BASE64_GROUPS = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Base64 text as Jackson reads it: padding is required, blanks may stand between groups of four. */
export function decodeJsonBase64(text: string): Uint8Array {
  if (BASE64_GROUPS.test(text)) return new Uint8Array(Buffer.from(text, 'base64'));
  const groups = text.split(/[\0- ]+/).filter((group) => group !== '');
  if (!groups.every((group) => BASE64_GROUPS.test(group))) throw new EvaluationError('Illegal base64 content');
  return new Uint8Array(Buffer.concat(groups.map((group) => Buffer.from(group, 'base64'))));
}

/** Bytes as base64 text with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
