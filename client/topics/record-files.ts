import * as l10n from '@vscode/l10n';
import type { ProducedRecord, TopicRecordForm } from '../../engine/api/topics/topics-protocol.ts';
import { readCsvRows } from './csv-rows.ts';
import { columnSchemas, partSchemas, type Schema } from './record-fields.ts';

/** What is wrong with a file of records, and in which line, counted from 0. */
export class RecordFileError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

export interface RecordsOfFile {
  readonly records: readonly ProducedRecord[];
  /** The line that each began in, counted from 0. */
  readonly lines: readonly number[];
}

type Json = NonNullable<ProducedRecord['value']>;

/**
 * The records of a file. JSON lines: a line is a record as a document of records has it, where it has a `value`, and
 * else a value. CSV: the heading names columns of the value, and `key` (or `key.NAME`), `timestamp`, `partition` and
 * `header.NAME`; an empty field is no value, and numbers are those of columns that have numbers.
 * @throws RecordFileError
 */
export function readRecords(
  text: string,
  form: 'json' | 'csv',
  { schema }: Pick<TopicRecordForm, 'schema'>,
): RecordsOfFile {
  return form === 'csv' ? csvRecords(text, schema) : jsonRecords(text);
}

function jsonRecords(text: string): RecordsOfFile {
  const records: ProducedRecord[] = [];
  const lines: number[] = [];
  for (const [line, each] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (each.trim() === '') continue;
    try {
      const json = JSON.parse(each) as Json;
      records.push(isRecord(json) ? withoutPlace(json) : { value: json });
      lines.push(line);
    } catch (error) {
      throw new RecordFileError((error as Error).message, line);
    }
  }
  return { records, lines };
}

const isRecord = (json: Json): boolean => typeof json === 'object' && !Array.isArray(json) && 'value' in json;

/** A captured record knows where it stood, which is another matter. */
function withoutPlace(json: Json): ProducedRecord {
  const { topic: _, offset: __, ...record } = json as Readonly<Record<string, Json>>;
  return record as ProducedRecord;
}

function csvRecords(text: string, schema: Schema): RecordsOfFile {
  const rows = readCsvRows(text.replace(/^\uFEFF/, ''));
  const [heading, ...data] = rows;
  if (heading === undefined)
    throw new RecordFileError(l10n.t('A CSV file begins with a line that names its columns.'), 0);
  const columns = columnsOf(schema);
  return {
    records: data.map(({ fields, line }) => {
      if (fields.length > heading.fields.length)
        throw new RecordFileError(
          l10n.t('{0} fields, but the heading names {1}.', fields.length, heading.fields.length),
          line,
        );
      return csvRecord(heading.fields, fields, columns);
    }),
    lines: data.map(({ line }) => line),
  };
}

function csvRecord(names: readonly string[], fields: readonly string[], columns: Columns): ProducedRecord {
  const value: Record<string, Json | null> = {};
  const headers: Record<string, string> = {};
  const keys: Record<string, Json | null> = {};
  const record: { key?: Json; timestamp?: string; partition?: number } = {};
  for (const [i, name] of names.entries()) {
    const text = fields[i] ?? '';
    const [, part, inner = ''] = /^(key|header)\.(.+)$/.exec(name) ?? [];
    if (part === 'key') keys[inner] = typed(text, undefined);
    else if (part === 'header') {
      if (text !== '') headers[inner] = text;
    } else if (name === 'key') {
      if (text !== '') record.key = typed(text, columns.key) as Json;
    } else if (name === 'timestamp') {
      if (text !== '') record.timestamp = text;
    } else if (name === 'partition') {
      if (text !== '') record.partition = Number(text);
    } else value[name] = typed(text, columns.values.get(name.toUpperCase()));
  }
  if (Object.keys(keys).length > 0) record.key = keys as Json;
  return { ...record, value, ...(Object.keys(headers).length > 0 && { headers }) };
}

interface Columns {
  readonly key: Schema | undefined;
  /** By their names in upper case. */
  readonly values: ReadonlyMap<string, Schema>;
}

function columnsOf(schema: Schema): Columns {
  const { key, value } = partSchemas(schema);
  return {
    key,
    values: new Map(Object.entries(columnSchemas(value)).map(([name, each]) => [name.toUpperCase(), each])),
  };
}

/** A field as the column's type has it; without a type, a number where it looks like one. */
function typed(text: string, schema: Schema | undefined): Json | null {
  if (text === '') return null;
  const types = schema?.['type'] as readonly string[] | undefined;
  const isNumber = /^-?\d{1,15}(\.\d+)?([eE][+-]?\d+)?$/.test(text);
  if (types === undefined) return isNumber ? Number(text) : text;
  if (types.includes('number') || types.includes('integer'))
    return isNumber && !types.includes('string') ? Number(text) : text;
  if (types.includes('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (types.includes('array') || types.includes('object')) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return text;
    }
  }
  return text;
}
