import { FILE_CONNECTOR, FILE_FORMATS, isClassOf } from '../../../language/documentation/connector-docs.ts';
import { readCsvRecord } from '../../serde/delimited/csv.ts';
import { ConfigReader } from '../configuration/config-reader.ts';
import type {
  ConnectorConfig,
  ConnectorPlugin,
  RecordSource,
  SourceChunk,
  SourceRecord,
} from '../configuration/connector.ts';
import { converterOf, type JsonValue } from '../configuration/converters.ts';
import type { DataFile, DataFiles } from '../configuration/data-files.ts';

const CHUNK_RECORDS = 500;
const TICKS_PER_SECOND = 50;
type FileFormat = (typeof FILE_FORMATS)[number];
type Config = ConfigReader<(typeof FILE_CONNECTOR.properties)[number]['name']>;
type FileRow = Readonly<Record<string, JsonValue>>;

/**
 * Rows of a file: `file` (its name among `files`), `format` (`json`: an object a line, `json-array`, or `csv` with a
 * heading; default by the file's name), `kafka.topic`, `key.field`, `timestamp.field` (epoch ms or ISO 8601),
 * `timestamp.value` (one time for all), `rate` (rows a second; 0, the default: as fast as they are taken) and `loop`.
 */
export function fileSource(files: DataFiles): ConnectorPlugin {
  return {
    className: FILE_CONNECTOR.className,
    type: 'source',
    version: '1.0.0',
    accepts: (className) => isClassOf(FILE_CONNECTOR, className),
    open: (properties) => openSource(properties, files),
  };
}

async function openSource(properties: ConnectorConfig, files: DataFiles): Promise<RecordSource> {
  const config: Config = new ConfigReader(properties);
  const topic = config.required('kafka.topic');
  const name = config.required('file');
  if (name !== '') {
    try {
      (await files.open(name)).close();
    } catch (error) {
      config.problem(`Invalid value ${name} for configuration file: ${(error as Error).message}`);
    }
  }
  const format = config.oneOf('format', FILE_FORMATS, formatOf(name));
  const rate = config.number('rate', 0, 0, false);
  const loop = config.flag('loop', false);
  const partitions = config.number('topic.creation.default.partitions', 1, 1);
  const toRecord = recordMaker(config);
  config.check();

  async function* read(position: number): AsyncIterable<SourceChunk> {
    const chunkRecords =
      rate > 0 ? Math.max(1, Math.min(CHUNK_RECORDS, Math.round(rate / TICKS_PER_SECOND))) : CHUNK_RECORDS;
    const pauseMs = rate > 0 ? (chunkRecords / rate) * 1000 : 0;
    let toSkip = position;
    do {
      let records: SourceRecord[] = [];
      let rows = 0;
      for await (const row of rowsOf(await files.open(name), name, format)) {
        rows++;
        if (toSkip > 0) {
          toSkip--;
          continue;
        }
        records.push(toRecord(row));
        if (records.length < chunkRecords) continue;
        yield { records, pauseMs };
        records = [];
      }
      if (records.length > 0) yield { records, pauseMs };
      if (rows === 0) return;
    } while (loop);
  }
  return { topic, partitions, isFinite: !loop, isPaced: rate > 0, read };
}

function formatOf(file: string): FileFormat {
  if (file.endsWith('.csv')) return 'csv';
  return /\.(jsonl|ndjson)$/.test(file) ? 'json' : 'json-array';
}

function recordMaker(config: Config): (row: FileRow) => SourceRecord {
  const keyField = config.text('key.field');
  const timeField = config.text('timestamp.field');
  const fixed = config.text('timestamp.value');
  const fixedMs = fixed === undefined ? undefined : timeOf(fixed);
  if (fixed !== undefined && fixedMs === undefined) {
    config.problem(`Invalid value ${fixed} for configuration timestamp.value: give milliseconds or an ISO 8601 time.`);
  }
  const encodeKey = converterOf(config, 'key');
  const encodeValue = converterOf(config, 'value');
  return (row) => {
    const key = keyField === undefined ? null : encodeKey(field(row, keyField));
    const timeMs = timeField === undefined ? fixedMs : timeOf(field(row, timeField));
    if (timeField !== undefined && timeMs === undefined) {
      throw new Error(`Field ${timeField} is no time: ${JSON.stringify(row)}`);
    }
    return { key, value: encodeValue(row), timeMs };
  };
}

function field(row: FileRow, name: string): JsonValue {
  const value = row[name];
  if (value === undefined) throw new Error(`A row of the file has no field ${name}: ${JSON.stringify(row)}`);
  return value;
}

/** Milliseconds since the epoch, given as such or as ISO 8601 text. */
function timeOf(value: JsonValue): number | undefined {
  const timeMs = typeof value === 'string' && !/^-?\d+$/.test(value) ? Date.parse(value) : Number(value);
  return Number.isFinite(timeMs) ? timeMs : undefined;
}

/** @param name for people */
async function* rowsOf(file: DataFile, name: string, format: FileFormat): AsyncIterable<FileRow> {
  if (format !== 'json-array') {
    yield* rowsOfLines(file.lines(), format);
    return;
  }
  const rows: unknown = JSON.parse(await file.text());
  if (!Array.isArray(rows)) throw new Error(`${name} holds no JSON array; for one object a line give format=json.`);
  yield* rows as FileRow[];
}

async function* rowsOfLines(lines: AsyncIterable<string>, format: FileFormat): AsyncIterable<FileRow> {
  let heading: string[] | undefined;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    if (format === 'json') yield JSON.parse(line) as FileRow;
    else if (heading === undefined) heading = readCsvRecord(line, ',') ?? [];
    else yield csvRow(heading, readCsvRecord(line, ',') ?? []);
  }
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/;

/** Cells that are written as JSON writes numbers become numbers, empty ones null. */
function csvRow(heading: readonly string[], cells: readonly string[]): FileRow {
  const row: Record<string, JsonValue> = {};
  heading.forEach((name, i) => {
    const cell = cells[i] ?? '';
    row[name] = cell === '' ? null : JSON_NUMBER.test(cell) ? Number(cell) : cell;
  });
  return row;
}
