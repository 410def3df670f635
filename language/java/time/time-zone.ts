import { EvaluationError } from '../../types/evaluation-error.ts';
import { civilFromDays, daysFromCivil, zoneOffsetMs } from '../../types/temporal-text.ts';
import { DAY_MS } from '../../types/time-units.ts';
import { offsetText } from './offset-text.ts';
import { ABBREVIATIONS } from './zone-abbreviations.ts';
import { fullName, shortName } from './zone-names.ts';

/** A time zone: its id as Java prints it, and what it adds to UTC at an instant. */
export interface Zone {
  readonly id: string;
  /** Milliseconds. */
  offsetAt(utcMs: number): number;
  /** The offset without summer time that the zone has nowadays, in milliseconds. */
  readonly standardOffsetMs: number;
  /** The name people use for it at an instant. */
  nameAt(utcMs: number, full: boolean): string;
}

export const UTC: Zone = fixedZone('UTC', 0, 'UTC', 'Coordinated Universal Time');

const zones = new Map<string, Zone>();
/** Zones come from the data, too, so only so many are kept. */
const MAX_ZONES = 1000;

/**
 * A zone by an id of the tz database or an offset such as `+01:00`, as java.time.ZoneId.of takes them: names are
 * case-sensitive, and abbreviations such as EST are none.
 *
 * @throws EvaluationError for an id that there is not
 */
export function zoneOf(id: string): Zone {
  let zone = zones.get(id);
  if (zone === undefined) {
    zone = makeZone(id);
    if (zones.size >= MAX_ZONES) zones.clear();
    zones.set(id, zone);
  }
  return zone;
}

/** A zone that is always the same span from UTC. */
export function offsetZone(offsetMs: number): Zone {
  const id = offsetMs === 0 ? 'Z' : offsetText(offsetMs);
  return fixedZone(id, offsetMs, id, id);
}

function fixedZone(id: string, offsetMs: number, short: string, full: string): Zone {
  return { id, standardOffsetMs: offsetMs, offsetAt: () => offsetMs, nameAt: (_, isFull) => (isFull ? full : short) };
}

function makeZone(id: string): Zone {
  if (id === 'UTC') return UTC;
  if (id === 'UT') return fixedZone(id, 0, id, id);
  if (id === 'GMT') return fixedZone(id, 0, 'GMT', 'Greenwich Mean Time');
  const [, prefix, suffix] = /^(UTC|GMT|UT)([+-].*)$/.exec(id) ?? [];
  const offsetMs = id === 'Z' ? 0 : zoneOffsetMs(suffix ?? id);
  if (offsetMs !== undefined) {
    if (prefix === undefined) return offsetZone(offsetMs);
    if (offsetMs === 0) return zoneOf(prefix);
    const name = `${prefix}${offsetText(offsetMs)}`;
    return fixedZone(name, offsetMs, name, name);
  }
  if (!ABBREVIATIONS.has(id) && !Intl.supportedValuesOf('timeZone').includes(id))
    throw new EvaluationError(`Unknown time-zone ID: ${id}`);
  return regionZone(id);
}

/** Zones change their offset at most once in such a span. */
const SPAN_MS = 8 * DAY_MS;
const MAX_SPANS = 10_000;

/**
 * What a zone does in one span: the offset it begins with, and the one it changes to at an instant, which may never
 * come.
 */
interface Span {
  readonly before: number;
  readonly changeAt: number;
  readonly after: number;
}

function regionZone(id: string): Zone {
  const offsetFrom = offsetReader(id);
  const spans = new Map<number, Span>();
  const spanAt = (index: number): Span => {
    const known = spans.get(index);
    if (known !== undefined) return known;
    if (spans.size >= MAX_SPANS) spans.clear();
    const span = findChange(offsetFrom, index * SPAN_MS);
    spans.set(index, span);
    return span;
  };
  const offsetAt = (utcMs: number): number => {
    const knownMs = withinCalendar(utcMs);
    const span = spanAt(Math.floor(knownMs / SPAN_MS));
    return knownMs < span.changeAt ? span.before : span.after;
  };
  const leastIn = (year: number) =>
    Math.min(...SAMPLE_DAYS.map(([month, day]) => offsetAt(daysFromCivil(year, month, day) * DAY_MS)));
  const isSummer = (utcMs: number) => {
    const { year } = civilFromDays(Math.floor(utcMs / DAY_MS));
    // In the war, summer time went on through whole years.
    const standardMs = year >= 1940 && year <= 1945 ? Math.max(leastIn(1939), leastIn(1946)) : leastIn(year);
    return offsetAt(utcMs) > standardMs;
  };
  return {
    id,
    offsetAt,
    standardOffsetMs: leastIn(YEAR_OF_NAMES),
    nameAt: (utcMs, isFull) => {
      const isNowSummer = isSummer(utcMs);
      if (!isFull) return shortName(id, isNowSummer, offsetAt(utcMs));
      // Java names a zone as it is called nowadays, whatever the instant.
      const nowadays = SAMPLE_DAYS.map(([month, day]) => Date.UTC(YEAR_OF_NAMES, month - 1, day));
      return fullName(id, nowadays.find((nowMs) => isSummer(nowMs) === isNowSummer) ?? utcMs);
    },
  };
}

/**
 * The year whose offsets and summer time count where Java speaks of a zone as such. Java has that in tables of its
 * release; here it is found in the calendar of a year near it, the same one whenever this runs.
 */
const YEAR_OF_NAMES = 2026;
/** Days of which at least one is in standard time, and one in summer time where there is any. */
const SAMPLE_DAYS = [
  [1, 1],
  [7, 1],
  [12, 31],
] as const;

function findChange(offsetFrom: (utcMs: number) => number, startMs: number): Span {
  const before = offsetFrom(startMs);
  const after = offsetFrom(startMs + SPAN_MS - 1000);
  if (before === after) return { before, changeAt: Number.POSITIVE_INFINITY, after };
  let low = startMs;
  let high = startMs + SPAN_MS - 1000;
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetFrom(middle) === before) low = middle;
    else high = middle;
  }
  return { before, changeAt: high, after };
}

/** Reads a zone's offset off the platform's own calendar, which takes some microseconds. */
function offsetReader(id: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
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
  return (utcMs) => {
    const parts: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(utcMs)) parts[type] = value;
    const year = parts['era'] === 'BC' ? 1 - Number(parts['year']) : Number(parts['year']);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(parts['month']) - 1, Number(parts['day']));
    local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
    return local.getTime() - utcMs;
  };
}

const LAST_MS = 8.6e15;
/** The Gregorian calendar repeats every 400 years. */
const PERIOD_MS = 146_097 * DAY_MS;

/** An instant with the same offset that the platform's calendar knows: it ends before Java's. */
function withinCalendar(utcMs: number): number {
  const beyondMs = Math.abs(utcMs) - LAST_MS;
  return beyondMs <= 0 ? utcMs : utcMs - Math.sign(utcMs) * Math.ceil(beyondMs / PERIOD_MS) * PERIOD_MS;
}

/**
 * The instant of a local time. Of two in an overlap it is the one with the offset preferred, else the earlier; a gap is
 * skipped forwards (java.time).
 */
export function instantOf(localMs: number, zone: Zone, preferredOffsetMs?: number): number {
  const before = zone.offsetAt(localMs - DAY_MS);
  const after = zone.offsetAt(localMs + DAY_MS);
  if (before === after && zone.offsetAt(localMs - before) === before) return localMs - before;
  if (preferredOffsetMs !== undefined && zone.offsetAt(localMs - preferredOffsetMs) === preferredOffsetMs)
    return localMs - preferredOffsetMs;
  const first = localMs - before;
  if (zone.offsetAt(first) === before) return first;
  const second = localMs - zone.offsetAt(first);
  return zone.offsetAt(second) === zone.offsetAt(first) ? second : first;
}
