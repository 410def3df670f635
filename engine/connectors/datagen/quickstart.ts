import { SeededRandom } from './random.ts';
import { DEFAULT_LENGTH, regexText } from './regex-text.ts';
import { type FieldKinds, type Make, options, range } from './value-kind.ts';

/** A kind of rows that can be generated, and the field that is their key. */
export interface Quickstart {
  readonly keyField: string;
  readonly fields: FieldKinds;
}

export const FIRST_NAMES = ['Ada', 'Ruby', 'Hugh', 'Mae', 'Otto', 'Iris', 'Noel', 'Tess', 'Omar', 'Lena'] as const;
export const LAST_NAMES = [
  'Brandt',
  'Okafor',
  'Silva',
  'Novak',
  'Haddad',
  'Larsen',
  'Ito',
  'Moreau',
  'Quinn',
  'Rossi',
] as const;
export const CITIES = ['London', 'Palo Alto', 'Raleigh', 'New York', 'San Francisco', 'Frankfurt'] as const;

export const FIRST_NAME = options(...FIRST_NAMES);
export const LAST_NAME = options(...LAST_NAMES);
export const IP_ADDRESS = pattern('[1-9][0-9]?\\.[1-9][0-9]\\.[1-9][0-9]?\\.[1-9][0-9]');
/** All of 2021. */
export const IN_2021_MS = range(1_609_459_200_000, 1_640_995_198_999);

/** Texts that match a regular expression. */
export function pattern(regex: string): Make {
  return regexText(regex, DEFAULT_LENGTH);
}

/** The same ids on every run. */
export function fixedUuids(seed: number, count: number): readonly string[] {
  const random = new SeededRandom(seed);
  const make = regexText('[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', DEFAULT_LENGTH);
  return Array.from({ length: count }, () => make(random));
}
