import { QUICKSTART_NAMES } from './quickstart-names.ts';

/** A property of a connector. */
export interface ConnectorProperty {
  readonly name: string;
  /** A sentence. */
  readonly docs: string;
  /** What one would write for it, without quotes, with places to fill in; absent: nothing in particular. */
  readonly sample?: string;
  /** What it can be, where only some values are possible or make sense. */
  readonly values?: readonly string[];
}

/** A connector that is built in: the engine has what it does, and reads no property that is not named here. */
export interface BuiltInConnector {
  readonly className: string;
  readonly properties: readonly ConnectorProperty[];
}

/** Connect's converters by the last part of their class: those that write bytes as they are. */
export const PLAIN_CONVERTERS = {
  StringConverter: 'org.apache.kafka.connect.storage.StringConverter',
  JsonConverter: 'org.apache.kafka.connect.json.JsonConverter',
  IntegerConverter: 'org.apache.kafka.connect.converters.IntegerConverter',
  LongConverter: 'org.apache.kafka.connect.converters.LongConverter',
  DoubleConverter: 'org.apache.kafka.connect.converters.DoubleConverter',
} as const;

/** And those that register a schema. */
export const REGISTERING_CONVERTERS = {
  AvroConverter: 'io.confluent.connect.avro.AvroConverter',
  ProtobufConverter: 'io.confluent.connect.protobuf.ProtobufConverter',
  JsonSchemaConverter: 'io.confluent.connect.json.JsonSchemaConverter',
} as const;

const PLAIN = Object.values(PLAIN_CONVERTERS);
const ALL = [...PLAIN, ...Object.values(REGISTERING_CONVERTERS)];

/** What every built-in source takes, and most others do. */
const COMMON_PROPERTIES = [
  { name: 'kafka.topic', docs: 'The topic that a built-in source writes.' },
  { name: 'key.field', docs: 'The field that becomes the key of the record.' },
  {
    name: 'topic.creation.default.partitions',
    docs: 'The partitions of the topic, should it not exist yet; 1 unless it says otherwise.',
    sample: '${1:1}',
  },
] as const satisfies readonly ConnectorProperty[];

const KEY_CONVERTER = {
  name: 'key.converter',
  docs: 'How keys are written: as text, unless it says otherwise.',
} as const;
const VALUE_CONVERTER = {
  name: 'value.converter',
  docs: 'How values are written: JSON, unless it says otherwise.',
} as const;

/** Rows that are made, with the properties of Confluent's connector of that name. */
export const DATAGEN_CONNECTOR = {
  className: 'io.confluent.kafka.connect.datagen.DatagenConnector',
  properties: [
    ...COMMON_PROPERTIES,
    { ...KEY_CONVERTER, values: ALL },
    { ...VALUE_CONVERTER, values: ALL },
    { name: 'quickstart', docs: 'Which kind of rows to make.', sample: '${1:ratings}', values: QUICKSTART_NAMES },
    {
      name: 'schema.string',
      docs: 'An Avro schema of the rows, in place of a quickstart; `arg.properties` say what is in them.',
    },
    { name: 'schema.filename', docs: 'A file that holds such a schema.' },
    { name: 'schema.keyfield', docs: 'The field that becomes the key of the record.' },
    { name: 'max.interval', docs: 'The longest pause between rows, in milliseconds.', sample: '${1:200}' },
    { name: 'iterations', docs: 'How many rows to make; without it there is no end.', sample: '${1:1000}' },
    { name: 'random.seed', docs: 'The same seed gives the same rows.', sample: '${1:0}' },
  ],
} as const satisfies BuiltInConnector;

export const FILE_FORMATS = ['json', 'json-array', 'csv'] as const;

/** The rows of a file. */
export const FILE_CONNECTOR = {
  className: 'ksql.workbench.FileSourceConnector',
  properties: [
    ...COMMON_PROPERTIES,
    { ...KEY_CONVERTER, values: PLAIN },
    { ...VALUE_CONVERTER, values: PLAIN },
    { name: 'file', docs: 'A CSV or JSON file.' },
    {
      name: 'format',
      docs: 'What is in the file: a JSON object a line, an array of them, or CSV with a heading. By default its name tells.',
      values: FILE_FORMATS,
    },
    { name: 'rate', docs: 'Records a second; without it all at once.', sample: '${1:10}' },
    { name: 'loop', docs: 'Whether to begin again at the end of the file.', values: ['true', 'false'] },
    { name: 'timestamp.field', docs: 'The field that is the time of the record, in milliseconds or as ISO 8601.' },
    { name: 'timestamp.value', docs: 'One time for all records, in milliseconds or as ISO 8601.' },
  ],
} as const satisfies BuiltInConnector;

export const BUILT_IN_CONNECTORS: readonly BuiltInConnector[] = [DATAGEN_CONNECTOR, FILE_CONNECTOR];

/** The last part of a connector's class. */
export const shortName = ({ className }: BuiltInConnector): string => className.slice(className.lastIndexOf('.') + 1);

/** Whether a `connector.class` means a built-in connector: the last part of the name tells. */
export const isClassOf = (connector: BuiltInConnector, className: string): boolean =>
  className.endsWith(shortName(connector));
