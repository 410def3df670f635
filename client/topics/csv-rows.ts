/** A row of a CSV file, and the line that it begins in, counted from 0. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** The rows of a text in CSV as RFC 4180 has it: fields in quotes may hold commas, line breaks and doubled quotes. */
export function readCsvRows(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let [line, first] = [0, 0];
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y;
  while (field.lastIndex <= text.length) {
    const match = field.exec(text);
    // What stands behind a quote that ends too early belongs to no field.
    if (match === null) break;
    const [whole, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (fields.length > 1 || fields[0] !== '') rows.push({ fields, line: first });
    fields = [];
    first = line;
    if (end === '') break;
  }
  return rows;
}
