import { ConfigReader } from './config-reader.ts';
import type { ConnectorConfig, ConnectorPlugin, RecordSource, SourceChunk, SourceRecord } from './connector.ts';
import { converterOf } from './converters.ts';
import { makeRow, QUICKSTARTS } from './quickstarts.ts';
import { SeededRandom } from './random.ts';

/** Rows that are due within this time are written together. */
const TICK_MS = 20;
const MAX_CHUNK_RECORDS = 1000;
const DEFAULT_MAX_INTERVAL_MS = 500;

/**
 * Generated rows, with the properties of Confluent's datagen connector: `quickstart`, `kafka.topic`, `max.interval` (ms; the
 * pause after each row is random up to it), `iterations` (default: without end), `schema.keyfield` or `key.field`, and
 * `random.seed`. The same seed gives the same rows; without one it is 0.
 */
export const DATAGEN: ConnectorPlugin = {
  className: 'io.confluent.kafka.connect.datagen.DatagenConnector',
  type: 'source',
  version: '0.6.6',
  accepts: (className) => className.endsWith('DatagenConnector'),
  open: openDatagen,
};

function openDatagen(properties: ConnectorConfig): RecordSource {
  const config = new ConfigReader(properties);
  const topic = config.required('kafka.topic');
  const name = config.required('quickstart').toLowerCase();
  const quickstart = QUICKSTARTS[name];
  if (quickstart === undefined && name !== '') {
    const known = Object.keys(QUICKSTARTS).join(', ');
    config.problem(`Invalid value ${name} for configuration quickstart: give one of ${known}.`);
  }
  const keyField = config.text('schema.keyfield') ?? config.text('key.field') ?? quickstart?.keyField ?? '';
  if (quickstart !== undefined && quickstart.fields[keyField] === undefined) {
    const fields = Object.keys(quickstart.fields).join(', ');
    config.problem(`The rows of quickstart ${name} have no field ${keyField} to be the key; they have ${fields}.`);
  }
  const maxIntervalMs = config.number('max.interval', DEFAULT_MAX_INTERVAL_MS, 0);
  const iterations = config.number('iterations', -1, -1);
  const seed = config.number('random.seed', 0, 0);
  const partitions = config.number('topic.creation.default.partitions', 1, 1);
  const encodeKey = converterOf(config, 'key');
  const encodeValue = converterOf(config, 'value');
  config.check();

  const { fields } = quickstart!;
  function* read(position: number): Iterable<SourceChunk> {
    const random = new SeededRandom(seed);
    // Pauses have a sequence of their own, so that the rows do not depend on the speed.
    const pauses = new SeededRandom(~seed);
    for (let n = 0; n < position; n++) makeRow(fields, random, n);
    let records: SourceRecord[] = [];
    let pauseMs = 0;
    for (let n = position; iterations < 0 || n < iterations; n++) {
      const row = makeRow(fields, random, n);
      records.push({ key: encodeKey(row[keyField]!), value: encodeValue(row) });
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
