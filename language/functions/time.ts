import { dateFormatter } from '../java/time/date-format.ts';
import { remembered, timestampPatternFormatter, timestampPatternParser } from '../java/time/date-pattern.ts';
import { dateReader } from '../java/time/date-reader.ts';
import { simpleDateReader } from '../java/time/simple-date-reader.ts';
import { resolveDate, resolveTime } from '../java/time/time-fields.ts';
import { UTC, type Zone, zoneOf } from '../java/time/time-zone.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../types/time-units.ts';
import { environmental, overload, p, primitive, scalarIn, t } from './define.ts';
import type { FunctionExample, ParameterType, ScalarFunction } from './function.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  DAYS: DAY_MS,
  HOURS: HOUR_MS,
  MINUTES: MINUTE_MS,
  SECONDS: SECOND_MS,
  MILLISECONDS: 1,
};

const time = scalarIn('DATE / TIME');
const pattern = p('formatPattern', t.string, "A pattern of java.time's DateTimeFormatter.");
const zone = p('timeZone', t.string, 'An id such as Europe/Berlin, or an offset such as +01:00.');

/** Adds or takes away an amount of a unit. */
function shifting(
  name: string,
  type: ParameterType,
  sign: 1 | -1,
  shift: (value: number, amount: number, unitMs: number) => number,
  details: string,
  example: FunctionExample,
): ScalarFunction {
  const what = type.kind.toLowerCase();
  return time(
    name,
    `${sign > 0 ? 'Adds a span to' : 'Takes a span from'} a ${what}.`,
    [
      overload(
        [p('unit', t.unit), p('interval', t.int), p(what, type)],
        type,
        (unit: string, amount: number, value: number) => shift(value, sign * amount, UNIT_MS[unit]!),
      ),
    ],
    [example],
    { details },
  );
}

/** What is left of a day is cut off towards 1970, and days wrap at 32 bits. */
function shiftDate(days: number, amount: number, unitMs: number): number {
  const byMs = amount * unitMs;
  const wholeDays = days + Math.floor(byMs / DAY_MS);
  return (wholeDays < 0 && byMs % DAY_MS !== 0 ? wholeDays + 1 : wholeDays) | 0;
}

/** Java adds nanoseconds, of which there are no more than 2^63: larger spans are cut off there. */
const MOST_MS = 2 ** 63 / 1e6;
/** What such a span comes to within a day, in nanoseconds. */
const MOST_NANOS_OF_DAY = Number((2n ** 63n - 1n) % 86_400_000_000_000n);
const LEAST_NANOS_OF_DAY = Number(-(2n ** 63n) % 86_400_000_000_000n);

function shiftTime(timeMs: number, amount: number, unitMs: number): number {
  const byMs = amount * unitMs;
  if (Math.abs(byMs) < MOST_MS) return wrapDay(timeMs + (byMs % DAY_MS));
  return Math.floor(wrapDay(timeMs + (byMs > 0 ? MOST_NANOS_OF_DAY : LEAST_NANOS_OF_DAY) / 1e6));
}

const wrapDay = (timeMs: number) => ((timeMs % DAY_MS) + DAY_MS) % DAY_MS;

const shiftTimestamp = (timeMs: number, amount: number, unitMs: number) => timeMs + amount * unitMs;

const formatDate = remembered((text) => dateFormatter(text!, 'date', UTC));
const formatTime = remembered((text) => dateFormatter(text!, 'time', UTC));
const formatTimestamp = remembered((text, zoneId = 'GMT') => timestampPatternFormatter(text!, zoneOf(zoneId)));
const parseDate = remembered((text) => simpleDateReader(text!));
const readFields = remembered((text) => dateReader(text!));
const parseTimestamp = remembered((text, zoneId = 'GMT') => timestampPatternParser(text!, zoneOf(zoneId)));

/** Says what failed with which pattern, whatever the reason. */
function explained<A extends readonly unknown[], R>(what: string, run: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return run(...args);
    } catch (error) {
      const [value, format, timeZone] = args;
      const at = timeZone === undefined ? '' : ` at timezone '${timeZone}'`;
      throw new EvaluationError(
        `Failed to ${what} '${value}'${at} with formatter '${format}': ${(error as Error).message}`,
      );
    }
  };
}

/** The years before are those of java.util.TimeZone: they have the offset of today's standard time. */
const FIRST_CHANGE_MS = Date.UTC(1900, 0, 1);

/** The offsets that java.util.TimeZone takes for GMT: those from UTC or UT by name, and those with seconds. */
const NO_TIME_ZONE = /^UTC?[+-]|:\d\d:/;

function offsetAt(zone: Zone, timeMs: number): number {
  if (NO_TIME_ZONE.test(zone.id)) return 0;
  return timeMs < FIRST_CHANGE_MS ? zone.standardOffsetMs : zone.offsetAt(timeMs);
}

const convertZone = (timeMs: number, from: string, to: string): number =>
  timeMs + offsetAt(zoneOf(to), timeMs) - offsetAt(zoneOf(from), timeMs);

export const TIME_FUNCTIONS: readonly ScalarFunction[] = [
  time(
    'CONVERT_TZ',
    'A timestamp of one time zone as one of another.',
    [
      overload(
        [p('timestamp', t.timestamp), p('fromTimeZone', t.string), p('toTimeZone', t.string)],
        t.timestamp,
        convertZone,
      ),
    ],
    [{ call: "CONVERT_TZ(FROM_UNIXTIME(0), 'UTC', '+01:00')", result: "CAST('1970-01-01T01:00:00.000' AS TIMESTAMP)" }],
    {
      details:
        'The difference of both zones at that instant is added. Zones are ids such as Europe/Berlin or offsets such as +01:00; abbreviations such as EST are none, and UTC+01:00 counts as UTC.',
    },
  ),
  shifting(
    'DATEADD',
    t.date,
    1,
    shiftDate,
    'Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS; what is left of a day is cut off towards 1970.',
    {
      call: 'DATEADD(DAYS, 1, FROM_DAYS(0))',
      result: "CAST('1970-01-02' AS DATE)",
    },
  ),
  shifting(
    'DATESUB',
    t.date,
    -1,
    shiftDate,
    'Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS; what is left of a day is cut off towards 1970.',
    {
      call: 'DATESUB(DAYS, 1, FROM_DAYS(1))',
      result: "CAST('1970-01-01' AS DATE)",
    },
  ),
  shifting(
    'TIMEADD',
    t.time,
    1,
    shiftTime,
    'Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS; the clock goes on behind midnight.',
    {
      call: "TIMEADD(HOURS, 2, CAST('23:00:00' AS TIME))",
      result: "CAST('01:00:00' AS TIME)",
    },
  ),
  shifting(
    'TIMESUB',
    t.time,
    -1,
    shiftTime,
    'Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS; the clock goes on before midnight.',
    {
      call: "TIMESUB(HOURS, 2, CAST('01:00:00' AS TIME))",
      result: "CAST('23:00:00' AS TIME)",
    },
  ),
  shifting(
    'TIMESTAMPADD',
    t.timestamp,
    1,
    shiftTimestamp,
    'Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS.',
    {
      call: 'TIMESTAMPADD(SECONDS, 1, FROM_UNIXTIME(0))',
      result: 'FROM_UNIXTIME(1000)',
    },
  ),
  shifting(
    'TIMESTAMPSUB',
    t.timestamp,
    -1,
    shiftTimestamp,
    'Units are DAYS, HOURS, MINUTES, SECONDS and MILLISECONDS.',
    {
      call: 'TIMESTAMPSUB(SECONDS, 1, FROM_UNIXTIME(1000))',
      result: 'FROM_UNIXTIME(0)',
    },
  ),
  time(
    'DATETOSTRING',
    'Days since the epoch as text.',
    [
      overload(
        [primitive('epochDays', t.int), pattern],
        t.string,
        explained('format date', (days: number, text: string) => formatDate(text)(days * DAY_MS)),
      ),
    ],
    [{ call: "DATETOSTRING(1, 'yyyy-MM-dd')", result: "'1970-01-02'" }],
    { successor: 'FORMAT_DATE' },
  ),
  time(
    'STRINGTODATE',
    'A text as days since the epoch.',
    [
      overload(
        [p('formattedDate', t.string), pattern],
        t.int,
        explained('parse date', (text: string, format: string) => resolveDate(readFields(format)(text))),
      ),
    ],
    [{ call: "STRINGTODATE('1970-01-02', 'yyyy-MM-dd')", result: '1' }],
    { details: 'The text must say the whole date.', successor: 'PARSE_DATE' },
  ),
  time(
    'TIMESTAMPTOSTRING',
    'Milliseconds since the epoch as text.',
    [
      overload(
        [primitive('epochMilli', t.bigint), pattern],
        t.string,
        explained('format timestamp', (ms: number, text: string) => formatTimestamp(text)(Number(ms))),
      ),
      overload(
        [primitive('epochMilli', t.bigint), pattern, zone],
        t.string,
        explained('format timestamp', (ms: number, text: string, id: string) => formatTimestamp(text, id)(Number(ms))),
      ),
    ],
    [{ call: "TIMESTAMPTOSTRING(0, 'yyyy-MM-dd HH:mm:ss')", result: "'1970-01-01 00:00:00'" }],
    { successor: 'FORMAT_TIMESTAMP' },
  ),
  time(
    'STRINGTOTIMESTAMP',
    'A text as milliseconds since the epoch.',
    [
      overload(
        [p('formattedTimestamp', t.string), pattern],
        t.bigint,
        explained('parse timestamp', (text: string, format: string) => parseTimestamp(format)(text)),
      ),
      overload(
        [p('formattedTimestamp', t.string), pattern, zone],
        t.bigint,
        explained('parse timestamp', (text: string, format: string, id: string) => parseTimestamp(format, id)(text)),
      ),
    ],
    [{ call: "STRINGTOTIMESTAMP('1970-01-01 00:00:01', 'yyyy-MM-dd HH:mm:ss')", result: '1000' }],
    { successor: 'PARSE_TIMESTAMP' },
  ),
  time(
    'FORMAT_DATE',
    'A date as text.',
    [
      overload(
        [p('date', t.date), pattern],
        t.string,
        explained('format date', (days: number, text: string) => formatDate(text)(days * DAY_MS)),
      ),
    ],
    [{ call: "FORMAT_DATE(FROM_DAYS(0), 'dd.MM.yyyy')", result: "'01.01.1970'" }],
    {
      details:
        "Patterns are those of Java's DateTimeFormatter; one that asks for a time or a zone is an error, which gives NULL.",
    },
  ),
  time(
    'FORMAT_TIME',
    'A time of day as text.',
    [
      overload(
        [p('time', t.time), pattern],
        t.string,
        explained('format time', (ms: number, text: string) => formatTime(text)(ms)),
      ),
    ],
    [{ call: "FORMAT_TIME(CAST('13:05:00' AS TIME), 'hh:mm a')", result: "'01:05 PM'" }],
    {
      details:
        "Patterns are those of Java's DateTimeFormatter; one that asks for a date or a zone is an error, which gives NULL.",
    },
  ),
  time(
    'FORMAT_TIMESTAMP',
    'A timestamp as text, in GMT or another time zone.',
    [
      overload(
        [p('timestamp', t.timestamp), pattern],
        t.string,
        explained('format timestamp', (ms: number, text: string) => formatTimestamp(text)(ms)),
      ),
      overload(
        [p('timestamp', t.timestamp), pattern, zone],
        t.string,
        explained('format timestamp', (ms: number, text: string, id: string) => formatTimestamp(text, id)(ms)),
      ),
    ],
    [{ call: "FORMAT_TIMESTAMP(FROM_UNIXTIME(0), 'yyyy-MM-dd HH:mm:ss')", result: "'1970-01-01 00:00:00'" }],
    { details: "Patterns are those of Java's DateTimeFormatter. Weeks begin on Sunday." },
  ),
  time(
    'PARSE_DATE',
    'A text as a date.',
    [
      environmental([p('formattedDate', t.string), pattern], t.date, ({ nowMs }) =>
        explained('parse date', (text: string, format: string) => parseDate(format)(text, nowMs)),
      ),
    ],
    [{ call: "PARSE_DATE('01.02.1970', 'dd.MM.yyyy')", result: "CAST('1970-02-01' AS DATE)" }],
    {
      details:
        "Patterns are those of Java's SimpleDateFormat: numbers may run over into the next field, what follows is not looked at, and dates before 15 October 1582 are those of the Julian calendar. A time other than midnight is an error.",
    },
  ),
  time(
    'PARSE_TIME',
    'A text as a time of day.',
    [
      overload(
        [p('formattedTime', t.string), pattern],
        t.time,
        explained('parse time', (text: string, format: string) => resolveTime(readFields(format)(text))),
      ),
    ],
    [{ call: "PARSE_TIME('01:05 PM', 'hh:mm a')", result: "CAST('13:05:00' AS TIME)" }],
    {
      details: "Patterns are those of Java's DateTimeFormatter. The text must say the hour, and nothing of a date.",
    },
  ),
  time(
    'PARSE_TIMESTAMP',
    'A text as a timestamp; a zone in the text wins over the one given, which is GMT if there is none.',
    [
      overload(
        [p('formattedTimestamp', t.string), pattern],
        t.timestamp,
        explained('parse timestamp', (text: string, format: string) => parseTimestamp(format)(text)),
      ),
      overload(
        [p('formattedTimestamp', t.string), pattern, zone],
        t.timestamp,
        explained('parse timestamp', (text: string, format: string, id: string) => parseTimestamp(format, id)(text)),
      ),
    ],
    [{ call: "PARSE_TIMESTAMP('1970-01-01 00:00:01', 'yyyy-MM-dd HH:mm:ss')", result: 'FROM_UNIXTIME(1000)' }],
    {
      details:
        "Patterns are those of Java's DateTimeFormatter. What the text does not say is that of 1970-01-01T00:00. Names of months and days are short ones, whether MMM or MMMM asks for them.",
    },
  ),
  time(
    'FROM_DAYS',
    'Days since the epoch as a date.',
    [overload([primitive('days', t.int)], t.date, (days: number) => days)],
    [{ call: 'FROM_DAYS(1)', result: "CAST('1970-01-02' AS DATE)" }],
  ),
  time(
    'FROM_UNIXTIME',
    'Milliseconds since the epoch as a timestamp.',
    [overload([p('epochMilli', t.bigint)], t.timestamp, (ms: number | bigint) => Number(ms))],
    [{ call: 'FROM_UNIXTIME(1000)', result: "CAST('1970-01-01T00:00:01.000' AS TIMESTAMP)" }],
    { details: 'Milliseconds, not seconds.' },
  ),
  time(
    'UNIX_DATE',
    'The days since the epoch of a date, or of today.',
    [
      environmental(
        [],
        t.int,
        ({ nowMs }) =>
          () =>
            Math.floor(nowMs() / DAY_MS),
      ),
      overload([p('date', t.date)], t.int, (days: number) => days),
    ],
    [{ call: 'UNIX_DATE(FROM_DAYS(5))', result: '5' }],
    { volatile: true },
  ),
  time(
    'UNIX_TIMESTAMP',
    'The milliseconds since the epoch of a timestamp, or of now.',
    [
      environmental([], t.bigint, ({ nowMs }) => nowMs),
      overload([p('timestamp', t.timestamp)], t.bigint, (ms: number) => ms),
    ],
    [{ call: 'UNIX_TIMESTAMP(FROM_UNIXTIME(5))', result: '5' }],
    { details: 'Milliseconds, not seconds.', volatile: true },
  ),
];
