import { EvaluationError } from '../types/evaluation-error.ts';

/** A time zone: its id as it was given, and what it adds to UTC at an instant. */
export interface Zone {
  readonly id: string;
  /** Milliseconds. */
  offsetAt(utcMs: number): number;
  /** The name people use for it at an instant. */
  nameAt(utcMs: number, full: boolean): string;
}

export const UTC: Zone = {
  id: 'UTC',
  offsetAt: () => 0,
  nameAt: (_, full) => (full ? 'Coordinated Universal Time' : 'UTC'),
};

const zones = new Map<string, Zone>();

/**
 * A zone by an id of the tz database or an offset such as `+01:00`, as java.time.ZoneId.of takes them: names are case-sensitive,
 * and three-letter abbreviations are none.
 *
 * @throws EvaluationError for an id that there is not
 */
export function zoneOf(id: string): Zone {
  let zone = zones.get(id);
  if (zone === undefined) {
    zone = makeZone(id);
    zones.set(id, zone);
  }
  return zone;
}

function makeZone(id: string): Zone {
  if (id === 'Z' || id === 'UTC' || id === 'GMT' || id === 'UT')
    return {
      ...UTC,
      id,
      nameAt: (_, full) =>
        full ? (id === 'GMT' ? 'Greenwich Mean Time' : 'Coordinated Universal Time') : id === 'GMT' ? 'GMT' : 'UTC',
    };
  const prefixed = /^(?:UTC|GMT|UT)([+-].*)$/.exec(id);
  const offset = parseOffset(prefixed?.[1] ?? id);
  if (offset !== undefined) return { id, offsetAt: () => offset, nameAt: () => id };
  const region =
    /^[A-Za-z][A-Za-z0-9~/._+-]+$/.test(id) &&
    !/^(?:EST|MST|HST|PST|CST|ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|SST|VST)$/.test(
      id,
    );
  if (!region) throw new EvaluationError(`Unknown time-zone ID: ${id}`);
  return regionZone(id);
}

/** An offset such as `Z`, `+5`, `+05`, `+0530`, `+05:30` or `+05:30:15`, in milliseconds; undefined when it is none. */
export function parseOffset(text: string): number | undefined {
  if (text === 'Z') return 0;
  const match = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hours, minutes = '0', seconds = '0'] = match;
  if (Number(hours) > 18 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

function regionZone(id: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: id,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new EvaluationError(`Unknown time-zone ID: ${id}`);
  }
  const canonical = format.resolvedOptions().timeZone;
  if (canonical.toLowerCase() === id.toLowerCase() && canonical !== id)
    throw new EvaluationError(`Unknown time-zone ID: ${id}`);
  const cache = new Map<number, number>();
  const offsetAt = (utcMs: number): number => {
    // Offsets change at whole quarters of an hour, so one lookup serves all times in it.
    const quarter = Math.floor(utcMs / 900_000);
    let offset = cache.get(quarter);
    if (offset === undefined) {
      offset = computeOffset(format, quarter * 900_000);
      if (cache.size > 10_000) cache.clear();
      cache.set(quarter, offset);
    }
    return offset;
  };
  return { id, offsetAt, nameAt: (utcMs, full) => zoneName(id, utcMs, full, offsetAt) };
}

function computeOffset(format: Intl.DateTimeFormat, utcMs: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(utcMs)) parts[type] = value;
  const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
  const local = new Date(0);
  local.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
  local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
  return local.getTime() - utcMs;
}

/** Abbreviations that Java knows and the platform does not: standard time, summer time. */
const ABBREVIATIONS: readonly (readonly [RegExp, string, string])[] = [
  [/^Europe\/(London|Belfast|Jersey|Guernsey|Isle_of_Man)$/, 'GMT', 'BST'],
  [/^Europe\/Dublin$/, 'GMT', 'IST'],
  [/^Europe\/(Lisbon)$|^Atlantic\/(Canary|Madeira|Faroe)$/, 'WET', 'WEST'],
  [
    /^Europe\/(Athens|Bucharest|Helsinki|Kiev|Kyiv|Riga|Sofia|Tallinn|Vilnius|Mariehamn|Chisinau)$|^Asia\/(Beirut|Nicosia)$|^Africa\/Cairo$/,
    'EET',
    'EEST',
  ],
  [/^Europe\/(Moscow|Minsk|Simferopol)$/, 'MSK', 'MSD'],
  [/^Europe\/Istanbul$/, 'TRT', 'TRT'],
  [/^Europe\//, 'CET', 'CEST'],
  [/^Asia\/Tokyo$/, 'JST', 'JDT'],
  [/^Asia\/(Shanghai|Macau|Taipei)$/, 'CST', 'CDT'],
  [/^Asia\/Hong_Kong$/, 'HKT', 'HKST'],
  [/^Asia\/(Kolkata|Calcutta)$/, 'IST', 'IST'],
  [/^Asia\/Kathmandu$/, 'NPT', 'NPST'],
  [/^Asia\/Singapore$/, 'SGT', 'SGT'],
  [/^Asia\/Seoul$/, 'KST', 'KDT'],
  [/^Asia\/(Jerusalem|Tel_Aviv)$/, 'IST', 'IDT'],
  [/^Asia\/Dubai$/, 'GST', 'GST'],
  [/^Asia\/Karachi$/, 'PKT', 'PKST'],
  [/^Asia\/Tehran$/, 'IRST', 'IRDT'],
  [/^Australia\/(Sydney|Melbourne|Hobart|Canberra|Brisbane)$/, 'AEST', 'AEDT'],
  [/^Australia\/(Adelaide|Darwin)$/, 'ACST', 'ACDT'],
  [/^Australia\/Perth$/, 'AWST', 'AWDT'],
  [/^Australia\/Lord_Howe$/, 'LHST', 'LHDT'],
  [/^Pacific\/Auckland$/, 'NZST', 'NZDT'],
  [/^Pacific\/Chatham$/, 'CHAST', 'CHADT'],
  [/^Pacific\/Apia$/, 'WST', 'WSDT'],
  [/^America\/Sao_Paulo$/, 'BRT', 'BRST'],
  [/^America\/(Argentina\/|Buenos_Aires)/, 'ART', 'ARST'],
  [/^America\/St_Johns$/, 'NST', 'NDT'],
  [/^Africa\/(Johannesburg)$/, 'SAST', 'SAST'],
  [/^Africa\/(Lagos)$/, 'WAT', 'WAST'],
  [/^Africa\/(Nairobi)$/, 'EAT', 'EAT'],
];

function zoneName(id: string, utcMs: number, full: boolean, offsetAt: (utcMs: number) => number): string {
  const platform = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: full ? 'long' : 'short' })
    .formatToParts(utcMs)
    .find((part) => part.type === 'timeZoneName')?.value;
  if (full || (platform !== undefined && !/^GMT[+-]/.test(platform))) return platform ?? id;
  const known = ABBREVIATIONS.find(([pattern]) => pattern.test(id));
  if (known === undefined) return platform ?? id;
  const year = new Date(utcMs).getUTCFullYear();
  const standard = Math.min(offsetAt(Date.UTC(year, 0, 1)), offsetAt(Date.UTC(year, 6, 1)));
  return offsetAt(utcMs) > standard ? known[2] : known[1];
}

/** The instant of a local time; of two in an overlap the earlier, and a gap is skipped forwards (java.time). */
export function instantOf(localMs: number, zone: Zone): number {
  const before = zone.offsetAt(localMs - 86_400_000);
  const first = localMs - before;
  if (zone.offsetAt(first) === before) return first;
  const second = localMs - zone.offsetAt(first);
  return zone.offsetAt(second) === zone.offsetAt(first) ? second : first;
}

/** A zone by an abbreviation in a text to parse, or by its id. */
export function zoneInText(name: string): Zone | undefined {
  const ids: Readonly<Record<string, string>> = {
    PST: 'America/Los_Angeles',
    PDT: 'America/Los_Angeles',
    EST: 'America/New_York',
    EDT: 'America/New_York',
    CST: 'America/Chicago',
    CDT: 'America/Chicago',
    MST: 'America/Denver',
    MDT: 'America/Denver',
    CET: 'Europe/Paris',
    CEST: 'Europe/Paris',
    BST: 'Europe/London',
    JST: 'Asia/Tokyo',
    IST: 'Asia/Kolkata',
    MSK: 'Europe/Moscow',
  };
  try {
    return zoneOf(ids[name.toUpperCase()] ?? name);
  } catch {
    return undefined;
  }
}
