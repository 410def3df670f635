import { DATAGEN_CONNECTOR, isClassOf } from '../../../language/documentation/connector-docs.ts';
import { type SqlType, STRING } from '../../../language/types/sql-type.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import { ConfigReader } from '../configuration/config-reader.ts';
import type {
  ConnectorConfig,
  ConnectorPlugin,
  RecordSource,
  SourceChunk,
  SourceRecord,
} from '../configuration/connector.ts';
import { type TypedSide, typedConverterOf } from '../configuration/converters.ts';
import type { DataFiles } from '../configuration/data-files.ts';
import { avroRows } from './avro-random.ts';
import { QUICKSTARTS, quickstartNamed } from './quickstarts.ts';
import { SeededRandom } from './random.ts';
import { type RowKind, rowsOf } from './value-kind.ts';

type Config = ConfigReader<(typeof DATAGEN_CONNECTOR.properties)[number]['name']>;

/** Rows that are due within this time are written together. */
const TICK_MS = 20;
const MAX_CHUNK_RECORDS = 1000;
const DEFAULT_MAX_INTERVAL_MS = 500;
const ROWS_AT_ONCE = 5000;

/** What the generator reads and writes besides its topic. */
export interface DatagenContext {
  /** Among them are schemas. */
  readonly files: DataFiles;
  /** Where converters register the schemas of what they write. */
  readonly registry: SchemaRegistry | undefined;
}

/**
 * Generated rows, with the properties of Confluent's datagen connector: one of `quickstart`, `schema.string` and
 * `schema.filename` (a name among `files`) says which rows, the latter two with an Avro schema that may be
 * annotated; `kafka.topic`, `max.interval` (ms; the pause after each row is random up to it), `iterations` (default:
 * without end), `schema.keyfield` or `key.field`, `key.converter` and `value.converter`, and `random.seed`. The same
 * seed gives the same rows; without one it is 0.
 */
export function datagen(context: DatagenContext): ConnectorPlugin {
  return {
    className: DATAGEN_CONNECTOR.className,
    type: 'source',
    version: '0.6.6',
    accepts: (className) => isClassOf(DATAGEN_CONNECTOR, className),
    open: (properties) => openDatagen(properties, context),
  };
}

async function openDatagen(properties: ConnectorConfig, context: DatagenContext): Promise<RecordSource> {
  const config: Config = new ConfigReader(properties);
  const topic = config.required('kafka.topic');
  const { rows, keyField } = await rowsAndKey(config, context);
  const maxIntervalMs = config.number('max.interval', DEFAULT_MAX_INTERVAL_MS, 0);
  const iterations = config.number('iterations', -1, -1);
  const seed = config.number('random.seed', 0, 0);
  const partitions = config.number('topic.creation.default.partitions', 1, 1);
  const typed = (types: TypedSide['types']) => ({ topic, types, registry: context.registry });
  const keyType: SqlType | undefined = keyField === undefined ? STRING : rows.types[keyField];
  const openKey = typedConverterOf(config, 'key', typed(keyType));
  const openValue = typedConverterOf(config, 'value', typed(rows.types));
  config.check();

  async function* read(position: number): AsyncIterable<SourceChunk> {
    const [encodeKey, encodeValue] = await Promise.all([openKey(), openValue()]);
    const random = new SeededRandom(seed);
    // Pauses have a sequence of their own, so that the rows do not depend on the speed.
    const pauses = new SeededRandom(~seed);
    const next = rows.begin();
    for (let n = 0; n < position; n++) {
      next(random, n);
      // A sequence that has come far takes a while to get there again, and the engine has more to do.
      if (n % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await new Promise(setImmediate);
    }
    let records: SourceRecord[] = [];
    let pauseMs = 0;
    for (let n = position; iterations < 0 || n < iterations; n++) {
      const row = next(random, n);
      const key = keyField === undefined ? null : encodeKey(row[keyField]!);
      records.push({ key, value: encodeValue(row) });
      pauseMs += pauses.next() * maxIntervalMs;
      if (pauseMs < TICK_MS && records.length < MAX_CHUNK_RECORDS) continue;
      yield { records, pauseMs };
      records = [];
      pauseMs = 0;
    }
    if (records.length > 0) yield { records, pauseMs: 0 };
  }
  return { topic, partitions, isFinite: iterations >= 0, isPaced: maxIntervalMs > 0, read };
}

const NO_ROWS: RowKind = rowsOf({});

/** Which rows to make, and the field that is their key; without one there is no key. */
async function rowsAndKey(
  config: Config,
  context: DatagenContext,
): Promise<{ readonly rows: RowKind; readonly keyField: string | undefined }> {
  const given = (['schema.string', 'schema.filename', 'quickstart'] as const).filter(
    (name) => config.text(name) !== undefined,
  );
  if (given.length > 1) config.problem(`Give one of ${given.join(' and ')}: each says which rows to make.`);
  const named = given.includes('quickstart') || given.length === 0 ? config.required('quickstart').toLowerCase() : '';
  const quickstart = quickstartNamed(named);
  if (quickstart === undefined && named !== '') {
    const known = Object.keys(QUICKSTARTS).join(', ');
    config.problem(`Invalid value ${named} for configuration quickstart: give one of ${known}.`);
  }
  const rows = quickstart === undefined ? await schemaRows(config, context) : rowsOf(quickstart.fields);
  const keyField = config.text('schema.keyfield') ?? config.text('key.field') ?? quickstart?.keyField;
  const fields = Object.keys(rows.types);
  if (fields.length > 0 && keyField !== undefined && !fields.includes(keyField)) {
    const whose = quickstart === undefined ? 'the schema' : `quickstart ${named}`;
    config.problem(`The rows of ${whose} have no field ${keyField} to be the key; they have ${fields.join(', ')}.`);
  }
  return { rows, keyField };
}

/** The rows of a schema of the user's own. */
async function schemaRows(config: Config, { files }: DatagenContext): Promise<RowKind> {
  const inline = config.text('schema.string');
  const name = config.text('schema.filename');
  try {
    if (inline !== undefined) return avroRows(inline);
    if (name !== undefined) return avroRows(await (await files.open(name)).text());
  } catch (error) {
    const property = inline === undefined ? `schema.filename ${name}` : 'schema.string';
    config.problem(`Invalid value for configuration ${property}: ${(error as Error).message}`);
  }
  return NO_ROWS;
}
