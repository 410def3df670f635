// biome-ignore-all lint/suspicious/noTemplateCurlyInString: editors fill in the places of snippets, JavaScript does not.
/** Formats of keys and values, the common ones first. */
export const FORMATS = ['JSON', 'AVRO', 'PROTOBUF', 'JSON_SR', 'DELIMITED', 'KAFKA', 'PROTOBUF_NOSR', 'NONE'] as const;

interface WithProperty {
  readonly name: string;
  readonly of: 'source' | 'connector';
  /** What stands after the equals sign. */
  readonly snippet: string;
  readonly docs: string;
}

const FORMAT_CHOICE = "'${1|JSON,AVRO,PROTOBUF,JSON_SR,DELIMITED,KAFKA|}'";

/** What completion and hover know about the properties of WITH clauses. */
export const WITH_PROPERTIES: readonly WithProperty[] = [
  {
    name: 'KAFKA_TOPIC',
    of: 'source',
    snippet: "'$1'",
    docs: 'The topic behind the source. It is created when it does not exist and PARTITIONS is given.',
  },
  { name: 'VALUE_FORMAT', of: 'source', snippet: FORMAT_CHOICE, docs: 'How values are laid out in the topic.' },
  {
    name: 'KEY_FORMAT',
    of: 'source',
    snippet: FORMAT_CHOICE,
    docs: 'How keys are laid out in the topic; `KAFKA` when absent.',
  },
  { name: 'FORMAT', of: 'source', snippet: FORMAT_CHOICE, docs: 'Sets the key and the value format at once.' },
  { name: 'PARTITIONS', of: 'source', snippet: '${1:4}', docs: 'How many partitions the topic is created with.' },
  { name: 'REPLICAS', of: 'source', snippet: '${1:1}', docs: 'How many replicas the topic is created with.' },
  {
    name: 'RETENTION_MS',
    of: 'source',
    snippet: '${1:604800000}',
    docs: 'How long the topic keeps records, in milliseconds.',
  },
  {
    name: 'TIMESTAMP',
    of: 'source',
    snippet: "'$1'",
    docs: 'The column that holds the event time; without it the time of the record counts.',
  },
  {
    name: 'TIMESTAMP_FORMAT',
    of: 'source',
    snippet: "'${1:yyyy-MM-dd HH:mm:ss}'",
    docs: "Pattern of a STRING timestamp column, in Java's DateTimeFormatter letters.",
  },
  {
    name: 'WRAP_SINGLE_VALUE',
    of: 'source',
    snippet: '${1|true,false|}',
    docs: 'Whether a single value column is written as a record with one field.',
  },
  {
    name: 'WINDOW_TYPE',
    of: 'source',
    snippet: "'${1|TUMBLING,HOPPING,SESSION|}'",
    docs: 'The window type of the keys in an existing topic.',
  },
  {
    name: 'WINDOW_SIZE',
    of: 'source',
    snippet: "'${1:1 MINUTE}'",
    docs: 'The size of the windows of the keys in an existing topic.',
  },
  {
    name: 'VALUE_DELIMITER',
    of: 'source',
    snippet: "'${1:,}'",
    docs: 'DELIMITED: the character between values; `SPACE` and `TAB` by name.',
  },
  { name: 'KEY_DELIMITER', of: 'source', snippet: "'${1:,}'", docs: 'DELIMITED keys: the character between columns.' },
  { name: 'VALUE_SCHEMA_ID', of: 'source', snippet: '$1', docs: 'The id of the value schema in the schema registry.' },
  { name: 'KEY_SCHEMA_ID', of: 'source', snippet: '$1', docs: 'The id of the key schema in the schema registry.' },
  { name: 'VALUE_AVRO_SCHEMA_FULL_NAME', of: 'source', snippet: "'$1'", docs: 'The full name of the Avro record.' },
  {
    name: 'VALUE_PROTOBUF_NULLABLE_REPRESENTATION',
    of: 'source',
    snippet: "'${1|OPTIONAL,WRAPPER|}'",
    docs: 'How PROTOBUF values write NULL.',
  },
  {
    name: 'connector.class',
    of: 'connector',
    snippet: "'$1'",
    docs: 'The class of the connector. `io.confluent.kafka.connect.datagen.DatagenConnector` and `ksql.workbench.FileSourceConnector` are built in.',
  },
  { name: 'kafka.topic', of: 'connector', snippet: "'$1'", docs: 'The topic that a built-in source writes.' },
  { name: 'file', of: 'connector', snippet: "'$1'", docs: 'FileSourceConnector: a CSV or JSON file.' },
  { name: 'key.field', of: 'connector', snippet: "'$1'", docs: 'The field that becomes the key of the record.' },
  {
    name: 'max.interval',
    of: 'connector',
    snippet: "'${1:200}'",
    docs: 'DatagenConnector: the longest pause between rows, in milliseconds.',
  },
  {
    name: 'rate',
    of: 'connector',
    snippet: "'${1:10}'",
    docs: 'FileSourceConnector: records a second; without it all at once.',
  },
  {
    name: 'quickstart',
    of: 'connector',
    snippet: "'${1:ratings}'",
    docs: 'DatagenConnector: which kind of rows to make.',
  },
];
