import { localizedOffset } from './offset-text.ts';
import { ABBREVIATIONS } from './zone-abbreviations.ts';

/** The name of a zone of the tz database at an instant: `CEST`, or `Central European Summer Time` in full. */
export function regionName(id: string, utcMs: number, full: boolean, isSummer: boolean, offsetMs: number): string {
  const abbreviations = ABBREVIATIONS.get(id);
  if (!full) return abbreviations?.[isSummer ? 1 : 0] ?? localizedOffset(offsetMs, true);
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: 'long' }).formatToParts(utcMs);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? id;
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
