import { zoneOffsetMs } from '../types/temporal-text.ts';
import type { Reader } from './date-reader.ts';
import { offsetZone, type Zone, zoneOf } from './time-zone.ts';
import { zoneIdOfAbbreviation } from './zone-names.ts';

/** Reads a zone: an id or an offset (V), or an abbreviation as well (z). */
export function readZone(letter: 'V' | 'z'): Reader {
  return (state, at) => {
    const rest = state.text.slice(at);
    const name = /^(?:[A-Za-z][A-Za-z0-9_/+:-]*|[+-]\d{1,2}(?::?\d{2}){0,2})/.exec(rest)?.[0];
    const zone = name === undefined ? undefined : namedZone(name, letter);
    if (name === undefined || zone === undefined) return -1 - at;
    state.zone = zone;
    return at + name.length;
  };
}

function namedZone(name: string, letter: 'V' | 'z'): Zone | undefined {
  try {
    return zoneOf((letter === 'z' ? zoneIdOfAbbreviation(name) : undefined) ?? name);
  } catch {
    return name.toUpperCase() === 'Z' ? offsetZone(0) : undefined;
  }
}

/** The digits of the offsets that the patterns X and x of one to five letters read. */
const OFFSET_DIGITS = [
  '',
  '\\d{2}(?:\\d{2})?',
  '\\d{4}',
  '\\d{2}:\\d{2}',
  '\\d{4}(?:\\d{2})?',
  '\\d{2}:\\d{2}(?::\\d{2})?',
];

/** Reads an offset from UTC by the letters X, x, Z or O. */
export function readOffset(letter: string, count: number): Reader {
  const isLocalized = letter === 'O' || (letter === 'Z' && count === 4);
  const form = letter === 'Z' ? (count === 5 ? 5 : 2) : count;
  const takesZ = letter === 'X' || (letter === 'Z' && count === 5);
  const pattern = isLocalized
    ? /GMT([+-]\d{1,2}(?::\d{2}){0,2})?/iy
    : new RegExp(`[+-]${OFFSET_DIGITS[form]}${takesZ ? '|Z' : ''}`, 'iy');
  return (state, at) => {
    pattern.lastIndex = at;
    const match = pattern.exec(state.text);
    if (match === null) return -1 - at;
    const offsetMs = offsetOf(isLocalized ? (match[1] ?? 'Z') : match[0]);
    if (offsetMs === undefined) return -1 - at;
    state.offsetMs = offsetMs;
    return at + match[0].length;
  };
}

function offsetOf(text: string): number | undefined {
  if (text.toUpperCase() === 'Z') return 0;
  return zoneOffsetMs(text.replace(/^([+-])(\d)(?=:)/, '$10$2'));
}
