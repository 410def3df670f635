/**
 * A text as a field of CSV (RFC 4180): quoted where it has to be, and where it is empty, which tells it from NULL.
 * ksqlDB's format DELIMITED follows other rules.
 */
export const csvField = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
