/** One line of CSV by the rules of Apache commons-csv's default format, which ksqlDB reads and writes. */

const QUOTE = '"';

/** Whether Java's `Character.isWhitespace` holds: Unicode blanks except no-break ones, and some controls. */
function isJavaWhitespace(char: string): boolean {
  return /[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]/.test(char);
}

/**
 * The fields of the first record of a text; leading empty lines are skipped, and what follows the record is not looked
 * at.
 * @returns undefined when there is no record
 * @throws Error for a quoted field that does not end, or that something follows
 */
export function readCsvRecord(text: string, delimiter: string): string[] | undefined {
  let position = 0;
  while (text[position] === '\n' || text[position] === '\r') position++;
  if (position === text.length) return undefined;
  const fields: string[] = [];
  for (;;) {
    if (text[position] === QUOTE) {
      position = readQuoted(text, position + 1, delimiter, fields);
    } else {
      const start = position;
      while (position < text.length && !isFieldEnd(text[position]!, delimiter)) position++;
      fields.push(text.slice(start, position));
    }
    if (text[position] !== delimiter) return fields;
    position++;
  }
}

const isFieldEnd = (char: string, delimiter: string): boolean => char === delimiter || char === '\n' || char === '\r';

/** Adds the quoted field that starts at `position`, and returns where its delimiter or end of line stands. */
function readQuoted(text: string, position: number, delimiter: string, fields: string[]): number {
  let value = '';
  for (;;) {
    const quote = text.indexOf(QUOTE, position);
    if (quote < 0) throw new Error('(startline 1) EOF reached before encapsulated token finished');
    value += text.slice(position, quote);
    position = quote + 1;
    if (text[position] !== QUOTE) break;
    value += QUOTE;
    position++;
  }
  fields.push(value);
  while (position < text.length && !isFieldEnd(text[position]!, delimiter)) {
    if (!isJavaWhitespace(text[position]!)) {
      throw new Error('(line 1) invalid char between encapsulated token and delimiter');
    }
    position++;
  }
  return position;
}

/**
 * A field as it is written, quoted where commons-csv quotes it: the first field of a line unless it begins with an
 * ASCII letter or digit, any field that begins with a character up to `#`, ends in a blank or control character, or
 * holds a delimiter, a quote or a line break.
 */
export function csvField(value: string, delimiter: string, isFirst: boolean): string {
  return needsQuotes(value, delimiter, isFirst) ? `"${value.replaceAll(QUOTE, '""')}"` : value;
}

function needsQuotes(value: string, delimiter: string, isFirst: boolean): boolean {
  if (value === '') return isFirst;
  if (isFirst && !/^[0-9A-Za-z]/.test(value)) return true;
  return value[0]! <= '#' || value.at(-1)! <= ' ' || value.includes(delimiter) || /["\r\n]/.test(value);
}
