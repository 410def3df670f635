import { describe, expect, test } from 'vitest';
import { resultOf } from './evaluate.ts';

/**
 * What the functions of date and time give where Java's libraries have rules of their own. The results are those of JDK
 * 17: DateTimeFormatter, ZoneId, TimeZone and GregorianCalendar, and of FastDateFormat of commons-lang 3.12.
 */
const RESULTS: Readonly<Record<string, readonly [call: string, result: string][]>> = {
  'padding in a pattern': [
    ["FORMAT_DATE(FROM_DAYS(0), 'ppppd')", '   1'],
    ["FORMAT_DATE(FROM_DAYS(0), 'pppy')", 'NULL'],
    ["FORMAT_DATE(FROM_DAYS(0), 'pp')", 'NULL'],
    ["FORMAT_DATE(FROM_DAYS(0), 'pp-d')", 'NULL'],
    ["FORMAT_DATE(FROM_DAYS(0), 'pp[d]')", 'NULL'],
  ],
  'quotes in a pattern': [
    ["FORMAT_DATE(FROM_DAYS(0), '''''MM''''')", "'01'"],
    ["FORMAT_DATE(FROM_DAYS(0), 'd '''''''' d')", "1 ' 1"],
    ["FORMAT_DATE(FROM_DAYS(0), '''a''''b'' d')", "a'b 1"],
  ],
  'letters of newer versions': [
    ["FORMAT_DATE(FROM_DAYS(0), 'g')", '40587'],
    ["STRINGTODATE('40588', 'g')", '1'],
    ["STRINGTODATE('40588 2000', 'g yyyy')", 'NULL'],
    ["FORMAT_TIME(CAST('00:00:59' AS TIME), 'B BBBBB')", 'midnight mi'],
    ["FORMAT_TIME(CAST('12:01:00' AS TIME), 'BBBB')", 'in the afternoon'],
    ["FORMAT_TIME(CAST('21:00:00' AS TIME), 'B')", 'at night'],
    ["FORMAT_TIME(CAST('12:01:00' AS TIME), 'BB')", 'NULL'],
  ],
  'names of zones': [
    ["TIMESTAMPTOSTRING(0, 'z zzzz', 'UT')", 'UT UT'],
    ["TIMESTAMPTOSTRING(0, 'z zzzz VV', 'GMT+0')", 'GMT Greenwich Mean Time GMT'],
    ["TIMESTAMPTOSTRING(0, 'zzzz', 'CET')", 'Central European Time'],
    ["TIMESTAMPTOSTRING(-2208988800001, 'zzzz', 'Europe/Berlin')", 'Central European Standard Time'],
    ["TIMESTAMPTOSTRING(253402300800000, 'zzzz', 'America/New_York')", 'Eastern Standard Time'],
    ["TIMESTAMPTOSTRING(-823000000000, 'zzz', 'America/New_York')", 'EDT'],
    ["TIMESTAMPTOSTRING(-62000000000000, 'zzz', 'Asia/Kathmandu')", 'NPT'],
  ],
  'zones of java.util.TimeZone': [
    ["UNIX_TIMESTAMP(CONVERT_TZ(FROM_UNIXTIME(0), 'UTC', 'GMT+02:00'))", '7200000'],
    ["UNIX_TIMESTAMP(CONVERT_TZ(FROM_UNIXTIME(0), 'UTC', 'UTC+02:00'))", '0'],
    ["UNIX_TIMESTAMP(CONVERT_TZ(FROM_UNIXTIME(0), 'UT-3', '+01:00'))", '3600000'],
    ["UNIX_TIMESTAMP(CONVERT_TZ(FROM_UNIXTIME(0), 'UTC', '+01:02:03'))", '0'],
  ],
  'years beyond the calendar of the platform': [
    ["STRINGTOTIMESTAMP('-9999999-01-01', 'u-MM-dd', 'Australia/Lord_Howe')", '-315631655634980000'],
  ],
  'zones in a text': [
    ["STRINGTOTIMESTAMP('1970-01-01 UTC-03:00', 'yyyy-MM-dd VV')", '10800000'],
    ["STRINGTOTIMESTAMP('1970-01-01 -03:00', 'yyyy-MM-dd VV')", '10800000'],
    ["STRINGTOTIMESTAMP('1970-01-01 UTC-03', 'yyyy-MM-dd VV')", 'NULL'],
    ["STRINGTOTIMESTAMP('1970-01-01 -03', 'yyyy-MM-dd VV')", 'NULL'],
    ["STRINGTOTIMESTAMP('1970-01-01 UTC-03', 'yyyy-MM-dd VV-MM')", 'NULL'],
    ["STRINGTOTIMESTAMP('1970-01-01 UTC-01', 'yyyy-MM-dd VV-MM')", '0'],
    ["STRINGTOTIMESTAMP('1970-01-01 CET', 'yyyy-MM-dd zzz')", '-3600000'],
    ["STRINGTOTIMESTAMP('1970-01-01 CEST', 'yyyy-MM-dd zzzz')", 'NULL'],
  ],
  'a date in a time': [
    ["PARSE_TIME('10:30', 'HH:mm[ yyyy]')", '10:30:00'],
    ["PARSE_TIME('10:30 2020', 'HH:mm[ yyyy]')", 'NULL'],
  ],
  'fields that disagree': [
    ["PARSE_TIMESTAMP('13:00 AM', 'HH:mm a')", 'NULL'],
    ["PARSE_TIME('13:00 PM', 'HH:mm a')", '13:00:00'],
    ["PARSE_TIME('24:00 PM', 'HH:mm a')", 'NULL'],
    ["STRINGTOTIMESTAMP('3 59 PM', 'H s a')", '54059000'],
    ["STRINGTODATE('2021 53 Sun', 'YYYY ww E')", '18980'],
    ["STRINGTODATE('2021 152 09', 'yyyy DDD dd')", 'NULL'],
    ["PARSE_DATE('2020-01-01 02:00 AM', 'yyyy-MM-dd HH:mm a')", 'NULL'],
    ["PARSE_DATE('2000-07-10 29', 'yyyy-MM-dd w')", '2000-07-10'],
    ["PARSE_DATE('2000-07-10 29 Mon', 'yyyy-MM-dd w E')", '2000-07-10'],
  ],
  'what PARSE_DATE reads': [
    ["PARSE_DATE('Anno Domini2011', 'GGGGyyyy')", '2011-01-01'],
    ["PARSE_DATE('2020-01-01 +0000', 'yyyy-MM-dd z')", '2020-01-01'],
    ["PARSE_DATE('2020-01-01 +00:00', 'yyyy-MM-dd z')", 'NULL'],
    ["PARSE_DATE('2021 10 6 Sun', 'yyyy MM W E')", '2021-10-31'],
    ["PARSE_DATE('2019 1 Fri', 'yyyy F E')", '2019-01-04'],
    ["PARSE_DATE('3 7', 'W F')", '1970-02-15'],
    ["UNIX_DATE(PARSE_DATE('900 09 Thu', 'YYYY ww E'))", '-390747'],
  ],
};

describe.each(Object.entries(RESULTS))('%s', (_, calls) => {
  test.each(calls)('%s', (call, result) => expect(resultOf(call)).toBe(result));
});
