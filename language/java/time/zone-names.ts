import { localizedOffset } from './offset-text.ts';
import { ABBREVIATIONS } from './zone-abbreviations.ts';

/** The abbreviation of a zone of the tz database, such as `CEST`; its offset where it has none. */
export const shortName = (id: string, isSummer: boolean, offsetMs: number): string =>
  ABBREVIATIONS.get(id)?.[isSummer ? 1 : 0] ?? localizedOffset(offsetMs, true);

/** The name in full that a zone of the tz database has at an instant, such as `Central European Summer Time`. */
export function fullName(id: string, utcMs: number): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: 'long' }).formatToParts(utcMs);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? id;
  // Zones that are no region's have names of their own in Java.
  return /^[CEW]ET$/.test(id) ? name.replace(' Standard', '') : name;
}

/** Of the zones that share an abbreviation, those that it means in a text to read. */
const MEANT: Readonly<Record<string, string>> = {
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  AST: 'America/Halifax',
  CET: 'Europe/Paris',
  CEST: 'Europe/Paris',
  EET: 'Europe/Athens',
  EEST: 'Europe/Athens',
  WET: 'Europe/Lisbon',
  WEST: 'Europe/Lisbon',
  BST: 'Europe/London',
  GMT: 'GMT',
  UTC: 'UTC',
  JST: 'Asia/Tokyo',
  IST: 'Asia/Kolkata',
  MSK: 'Europe/Moscow',
};

let byAbbreviation: Map<string, string> | undefined;

/** The id of a zone by an abbreviation, whatever its case; undefined where there is none. */
export function zoneIdOfAbbreviation(abbreviation: string): string | undefined {
  const upper = abbreviation.toUpperCase();
  if (MEANT[upper] !== undefined) return MEANT[upper];
  byAbbreviation ??= new Map(
    [...ABBREVIATIONS].flatMap(([id, names]) => (names ?? []).map((name): [string, string] => [name, id])).reverse(),
  );
  return byAbbreviation.get(upper);
}
