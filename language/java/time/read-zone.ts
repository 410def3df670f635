import { zoneOffsetMs } from '../../types/temporal-text.ts';
import { type OffsetForm, offsetText } from './offset-text.ts';
import type { Reader } from './piece-reader.ts';
import { type Zone, zoneOf } from './time-zone.ts';
import { ABBREVIATIONS } from './zone-abbreviations.ts';
import { zoneIdOfAbbreviation } from './zone-names.ts';

/** Zone ids by their lower-case form: texts may write them in any case. */
let idsInLowerCase: ReadonlyMap<string, string> | undefined;

function knownId(name: string): string | undefined {
  idsInLowerCase ??= new Map([...ABBREVIATIONS.keys(), 'UTC', 'UT', 'GMT'].map((id) => [id.toLowerCase(), id]));
  return idsInLowerCase.get(name.toLowerCase());
}

const OFFSET = /([+-]\d{2}:\d{2}(?::\d{2})?|Z)/iy;
const PREFIXED = /(UTC|GMT|UT)([+-]\d{2}:\d{2}(?::\d{2})?)/iy;
const NAME = /[A-Za-z][A-Za-z0-9_/+-]*/y;

/** Reads a zone: an id or an offset with its minutes, or an abbreviation as well. */
export function readZone(takesAbbreviations: boolean): Reader {
  return (state, at) => {
    const found =
      matchAt(PREFIXED, state.text, at, ([whole, prefix, offset]) => {
        const offsetMs = offsetOf(offset!);
        return offsetMs === undefined ? undefined : [zoneOf(`${prefix!.toUpperCase()}${offset!}`), whole!.length];
      }) ??
      matchAt(NAME, state.text, at, ([name]) => longestName(name!, takesAbbreviations)) ??
      matchAt(OFFSET, state.text, at, ([offset]) => [zoneOf(offset!.toUpperCase()), offset!.length]);
    if (found === undefined) return -1 - at;
    state.zone = found[0];
    return at + found[1];
  };
}

type Found = readonly [zone: Zone, length: number];

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
  meaning: (match: RegExpExecArray) => Found | undefined,
): Found | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null ? undefined : meaning(match);
}

/** The longest beginning of a text that names a zone. */
function longestName(text: string, takesAbbreviations: boolean): Found | undefined {
  for (let length = text.length; length > 1; length--) {
    const name = text.slice(0, length);
    const id = (takesAbbreviations ? zoneIdOfAbbreviation(name) : undefined) ?? knownId(name);
    if (id !== undefined) return [zoneOf(id), length];
  }
  return undefined;
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
  const form = (letter === 'Z' ? (count === 5 ? 5 : 2) : count) as OffsetForm;
  const zero = letter === 'X' || (letter === 'Z' && count === 5) ? 'Z' : `\\${offsetText(0, form)}`;
  const pattern = isLocalized ? localizedPattern(count === 4) : new RegExp(`${zero}|[+-]${OFFSET_DIGITS[form]}`, 'iy');
  return (state, at) => {
    pattern.lastIndex = at;
    const match = pattern.exec(state.text);
    if (match === null) return -1 - at;
    const offsetMs = offsetOf(isLocalized ? (match[1] ?? 'Z') : match[0]);
    if (offsetMs === undefined || (state.offsetMs ?? offsetMs) !== offsetMs) return -1 - at;
    state.offsetMs = offsetMs;
    return at + match[0].length;
  };
}

const localizedPattern = (isFull: boolean) =>
  isFull ? /GMT([+-]\d{2}:\d{2}(?::\d{2})?)?/iy : /GMT([+-]\d{1,2}(?::\d{2}(?::\d{2})?)?)?/iy;

const padHour = (offset: string): string => offset.replace(/^([+-])(\d)(?!\d)/, '$10$2');

function offsetOf(text: string): number | undefined {
  return text.toUpperCase() === 'Z' ? 0 : zoneOffsetMs(padHour(text));
}
