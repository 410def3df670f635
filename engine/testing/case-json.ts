import { NumberText } from '../api/exact-json.ts';

/**
 * A JSON number with the text it was written in: `1.10` and 9223372036854775807 stay what they are. ksqlDB's test files
 * depend on both.
 */
export class ExactNumber extends NumberText {
  /** Read from a binary DOUBLE: it has a value, but no text of its own, and is compared with a tolerance. */
  readonly isDouble: boolean;

  constructor(text: string, isDouble = false) {
    super(text);
    this.isDouble = isDouble;
  }

  /** Whether it is written as an integer: no fraction, no exponent. */
  get isInteger(): boolean {
    return /^-?\d+$/.test(this.text);
  }
}

/** A JSON document whose numbers are exact. */
export type ExactJson = null | boolean | string | ExactNumber | readonly ExactJson[] | ExactObject;
export interface ExactObject {
  readonly [key: string]: ExactJson;
}

/** Parses JSON, keeping the text of every number. */
export function parseExactJson(text: string): ExactJson {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new ExactNumber(context?.source ?? String(value)) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** Prints an exact document compactly. */
export function printExactJson(value: ExactJson): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(printExactJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value as ExactObject);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${printExactJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

export const isObject = (value: ExactJson | undefined): value is ExactObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof ExactNumber);
export const asText = (value: ExactJson | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
export const asNumber = (value: ExactJson | undefined): number | undefined =>
  value instanceof ExactNumber ? value.valueOf() : undefined;
export const asList = (value: ExactJson | undefined): readonly ExactJson[] => (Array.isArray(value) ? value : []);
