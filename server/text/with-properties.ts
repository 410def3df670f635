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

/** The properties that the WITH clause of a statement takes, without those that are given already with their values. */
export function offeredProperties(
  statement: 'create' | 'insert' | 'topic' | 'connector',
  given: ReadonlyMap<string, string>,
): readonly OfferedProperty[] {
  const isFree = ({ name }: { readonly name: string }) => !given.has(name.toUpperCase());
  if (statement === 'connector') return connectorProperties(given.get('CONNECTOR.CLASS')).filter(isFree);
  return WITH_PROPERTIES.filter(({ name, statements }) =>
    statement === 'topic' ? TOPIC_PROPERTIES.has(name) : statements.includes(statement) && !NOT_OFFERED.has(name),
  )
    .filter(isFree)
    .map((property) => ({ name: property.name, docs: property.docs, snippet: snippetOf(property) }));
}

/** What ASSERT TOPIC compares. */
const TOPIC_PROPERTIES: ReadonlySet<string> = new Set(['PARTITIONS', 'REPLICAS']);

/** The properties of a connector: those of its class where it is built in, of all classes before that is known. */
function connectorProperties(connectorClass: string | undefined): readonly OfferedProperty[] {
  const isOther = ({ docs }: OfferedProperty) =>
    BUILT_IN.some((name) => docs.startsWith(`${name}:`) && !connectorClass?.endsWith(name));
  return connectorClass === undefined ? CONNECTOR_PROPERTIES : CONNECTOR_PROPERTIES.filter((each) => !isOther(each));
}

const BUILT_IN = ['DatagenConnector', 'FileSourceConnector'];

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
