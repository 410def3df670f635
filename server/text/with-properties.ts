// biome-ignore-all lint/suspicious/noTemplateCurlyInString: editors fill in the places of snippets, JavaScript does not.

import { QUICKSTART_NAMES } from '../../language/documentation/quickstart-names.ts';
import { WITH_PROPERTIES, type WithProperty } from '../../language/settings/with-properties.ts';

/** A property as completion offers it. */
export interface OfferedProperty {
  readonly name: string;
  /** What stands after the equals sign. */
  readonly snippet: string;
  readonly docs: string;
}

/** What one would write for a property that takes any value. */
const SAMPLES: Readonly<Record<string, string>> = {
  PARTITIONS: '4',
  REPLICAS: '1',
  RETENTION_MS: '604800000',
  TIMESTAMP_FORMAT: 'yyyy-MM-dd HH:mm:ss',
  WINDOW_SIZE: '1 MINUTE',
  VALUE_DELIMITER: ',',
  KEY_DELIMITER: ',',
};
/** Taken, but not worth an offer: the server sets it, or there is a better one. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['CLEANUP_POLICY', 'VALUE_AVRO_SCHEMA_FULL_NAME']);

/** The properties that a WITH clause takes, by the text of the statement before it. */
export function offeredProperties(statement: string): readonly OfferedProperty[] {
  if (statement.includes('CONNECTOR')) return CONNECTOR_PROPERTIES;
  const kind = /^\s*INSERT\b/i.test(statement) ? 'insert' : 'create';
  return WITH_PROPERTIES.filter(({ name, statements }) => statements.includes(kind) && !NOT_OFFERED.has(name)).map(
    (property) => ({ name: property.name, docs: property.docs, snippet: snippetOf(property) }),
  );
}

/** The values of a property, where only some are possible. */
export const valuesOf = (name: string): readonly string[] =>
  WITH_PROPERTIES.find((property) => property.name === name)?.values ?? CONNECTOR_VALUES[name] ?? [];

const CONVERTERS = [
  'org.apache.kafka.connect.storage.StringConverter',
  'org.apache.kafka.connect.json.JsonConverter',
  'io.confluent.connect.avro.AvroConverter',
  'io.confluent.connect.protobuf.ProtobufConverter',
  'io.confluent.connect.json.JsonSchemaConverter',
];

/** Of properties of the built-in connectors; names as completion asks for them. */
const CONNECTOR_VALUES: Readonly<Record<string, readonly string[]>> = {
  'CONNECTOR.CLASS': ['io.confluent.kafka.connect.datagen.DatagenConnector', 'ksql.workbench.FileSourceConnector'],
  QUICKSTART: QUICKSTART_NAMES,
  'KEY.CONVERTER': CONVERTERS,
  'VALUE.CONVERTER': CONVERTERS,
};

function snippetOf({ name, type, values }: WithProperty): string {
  const sample = SAMPLES[name];
  const place = values === undefined ? (sample === undefined ? '$1' : `\${1:${sample}}`) : `\${1|${values.join(',')}|}`;
  return type === 'STRING' ? `'${place}'` : place;
}

/** Of the connectors that are built in; connectors take any other name, too. */
const CONNECTOR_PROPERTIES: readonly OfferedProperty[] = [
  {
    name: 'connector.class',
    snippet: "'$1'",
    docs: 'The class of the connector. `io.confluent.kafka.connect.datagen.DatagenConnector` and `ksql.workbench.FileSourceConnector` are built in.',
  },
  { name: 'kafka.topic', snippet: "'$1'", docs: 'The topic that a built-in source writes.' },
  { name: 'file', snippet: "'$1'", docs: 'FileSourceConnector: a CSV or JSON file.' },
  { name: 'key.field', snippet: "'$1'", docs: 'The field that becomes the key of the record.' },
  {
    name: 'max.interval',
    snippet: "'${1:200}'",
    docs: 'DatagenConnector: the longest pause between rows, in milliseconds.',
  },
  {
    name: 'rate',
    snippet: "'${1:10}'",
    docs: 'FileSourceConnector: records a second; without it all at once.',
  },
  {
    name: 'quickstart',
    snippet: "'${1:ratings}'",
    docs: 'DatagenConnector: which kind of rows to make.',
  },
  {
    name: 'schema.string',
    snippet: "'$1'",
    docs: 'DatagenConnector: an Avro schema of the rows, in place of a quickstart; `arg.properties` say what is in them.',
  },
  { name: 'schema.filename', snippet: "'$1'", docs: 'DatagenConnector: a file that holds such a schema.' },
  { name: 'schema.keyfield', snippet: "'$1'", docs: 'DatagenConnector: the field that becomes the key of the record.' },
  {
    name: 'iterations',
    snippet: "'${1:1000}'",
    docs: 'DatagenConnector: how many rows to make; without it there is no end.',
  },
  { name: 'random.seed', snippet: "'${1:0}'", docs: 'DatagenConnector: the same seed gives the same rows.' },
  { name: 'value.converter', snippet: "'$1'", docs: 'How values are written: JSON, unless it says otherwise.' },
];
