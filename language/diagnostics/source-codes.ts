import type { DiagnosticEntry } from './diagnostic-entry.ts';

/** CREATE STREAM and CREATE TABLE: columns, WITH, formats. */
export const SOURCE_CODES = {
  'missing-property': {
    severity: 'error',
    stage: 'as-sent',
    title: 'A property that has no default',
    meaning: 'WITH leaves out something that nobody can guess: the topic, a format, the size of windows.',
    reason: 'Neither the statement nor a setting of the server says it.',
    example: "CREATE STREAM clicks (page STRING) WITH (VALUE_FORMAT='JSON');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
  },
  'unknown-property': {
    severity: 'error',
    title: 'A property that does not exist',
    meaning: 'WITH, SET or UNSET names a property that there is not, or that this statement does not take.',
    reason: 'A misspelt property would do nothing without a word.',
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPICS='clicks', VALUE_FORMAT='JSON');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
  },
  'duplicate-property': {
    severity: 'error',
    title: 'A property that is given twice',
    meaning: 'WITH names a property more than once.',
    reason: 'It would not be clear which value counts.',
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='a', KAFKA_TOPIC='b', VALUE_FORMAT='JSON');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');",
  },
  'invalid-property': {
    severity: 'error',
    stage: 'as-sent',
    title: 'A property that means nothing here',
    meaning: 'WINDOW_SIZE is given, and the windows are sessions, or there are none.',
    reason: 'Sessions have no size of their own.',
    example:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION', WINDOW_SIZE='1 MINUTE');",
    corrected:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');",
  },
  'invalid-property-value': {
    severity: 'error',
    stage: 'as-sent',
    title: 'A value that the property cannot have',
    meaning: 'The value has another type, or is none of those that are possible.',
    reason: 'The property would have no meaning.',
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS='many');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=4);",
  },
  'conflicting-properties': {
    severity: 'error',
    stage: 'as-sent',
    title: 'Two properties that say the same',
    meaning: 'FORMAT stands beside KEY_FORMAT or VALUE_FORMAT, or a deprecated name beside the present one.',
    reason: 'It would not be clear which one counts.',
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', FORMAT='JSON', VALUE_FORMAT='AVRO');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', FORMAT='JSON');",
  },
  'ineffective-property': {
    severity: 'warning',
    title: 'A property without an effect',
    meaning: 'ksqlDB takes CLEANUP_POLICY and sets its own.',
    reason: 'The kind of the source tells it: compact for a table, delete for a stream.',
    example:
      "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', CLEANUP_POLICY='compact');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
  },
  'unknown-format': {
    severity: 'error',
    stage: 'formats',
    title: 'A format that does not exist',
    meaning: 'There is no format of that name.',
    reason: 'The formats are JSON, AVRO, PROTOBUF, JSON_SR, DELIMITED, KAFKA, PROTOBUF_NOSR and NONE.',
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='XML');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
  },
  'unsupported-format-property': {
    severity: 'error',
    title: 'A property that the format does not have',
    meaning: 'A delimiter, schema name or representation of NULL is given for a format without one.',
    reason: 'The property would have no effect.',
    example:
      "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', VALUE_DELIMITER='|');",
    corrected:
      "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='DELIMITED', VALUE_DELIMITER='|');",
  },
  'format-schema': {
    severity: 'error',
    title: 'Columns that the format cannot write',
    meaning: 'The key or value format has no form for one of the types, or for so many columns.',
    reason: 'KAFKA writes one simple column, DELIMITED no ARRAY, MAP or STRUCT, NONE nothing at all.',
    example: "CREATE STREAM clicks (pages ARRAY<STRING>) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='DELIMITED');",
    corrected: "CREATE STREAM clicks (pages ARRAY<STRING>) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
  },
  'wrap-single-value': {
    severity: 'error',
    title: 'WRAP_SINGLE_VALUE where it cannot be',
    meaning: 'The value has several columns, or the format leaves no choice.',
    reason: 'Only a single column can stand with or without a record around it.',
    example:
      "CREATE STREAM clicks (page STRING, n INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', WRAP_SINGLE_VALUE=false);",
    corrected:
      "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', WRAP_SINGLE_VALUE=false);",
  },
  'key-format-without-key': {
    severity: 'error',
    title: 'A key format for a stream without a key',
    meaning: 'PARTITION BY NULL takes the key away, and WITH names a format for it.',
    reason: 'There is nothing to write.',
    example: "CREATE STREAM loose WITH (KEY_FORMAT='JSON') AS SELECT * FROM orders PARTITION BY NULL EMIT CHANGES;",
    corrected: 'CREATE STREAM loose AS SELECT * FROM orders PARTITION BY NULL EMIT CHANGES;',
  },
  'no-columns': {
    severity: 'error',
    title: 'A source without columns',
    meaning: 'The statement declares none, and the format keeps no schema that could tell them.',
    reason: 'Nothing could be read. AVRO, PROTOBUF and JSON_SR take the columns from the schema registry.',
    example: "CREATE STREAM clicks WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
  },
  'missing-primary-key': {
    severity: 'error',
    title: 'A table without a primary key',
    meaning: 'No column of the table is marked PRIMARY KEY.',
    reason: 'A new row replaces the one with the same key.',
    example: "CREATE TABLE prices (item STRING, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
  },
  'key-keyword': {
    severity: 'error',
    stage: 'as-sent',
    title: 'KEY for a table, or PRIMARY KEY for a stream',
    meaning: 'The key of a stream is KEY, that of a table PRIMARY KEY.',
    reason: 'The words say whether a row replaces another.',
    example: "CREATE TABLE prices (item STRING KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
  },
  'window-without-key': {
    severity: 'error',
    title: 'A windowed source without a key',
    meaning: 'WINDOW_TYPE is given, and no column is a key.',
    reason: 'The window stands in the key of a record.',
    example:
      "CREATE STREAM visits (page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');",
    corrected:
      "CREATE STREAM visits (id INT KEY, page STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', WINDOW_TYPE='SESSION');",
  },
  'header-type': {
    severity: 'error',
    title: 'A header column of another type',
    meaning: 'HEADERS is an ARRAY<STRUCT<key STRING, value BYTES>>, HEADER(…) is BYTES.',
    reason: 'That is what Kafka keeps.',
    example:
      "CREATE STREAM traced (trace STRING HEADER('trace'), page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE STREAM traced (trace BYTES HEADER('trace'), page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
  },
  'header-key': {
    severity: 'error',
    title: 'A header column without the key of a header',
    meaning: 'The brackets of HEADER hold an empty text.',
    reason: 'A header is found by its key.',
    example:
      "CREATE STREAM traced (trace BYTES HEADER(''), page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE STREAM traced (trace BYTES HEADER('trace'), page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
  },
  'header-columns': {
    severity: 'error',
    title: 'Two columns for the same headers',
    meaning: 'There are two HEADERS columns, one beside a HEADER, or two for the same key.',
    reason: 'ksqlDB takes all headers as one column, or each by its key.',
    example:
      "CREATE STREAM traced (a BYTES HEADER('trace'), b BYTES HEADER('trace'), page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE STREAM traced (a BYTES HEADER('trace'), b BYTES HEADER('span'), page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
  },
  'headers-disabled': {
    severity: 'error',
    title: 'Header columns where they are turned off',
    meaning: 'The server takes no columns for headers.',
    reason: 'ksql.headers.columns.enabled is false.',
    given: { text: '`ksql.headers.columns.enabled` is false.', settings: { 'ksql.headers.columns.enabled': 'false' } },
    example:
      "CREATE STREAM traced (trace BYTES HEADER('trace'), page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
    corrected: "CREATE STREAM traced (page STRING) WITH (KAFKA_TOPIC='traced', VALUE_FORMAT='JSON');",
  },
  'source-disabled': {
    severity: 'error',
    title: 'A source table where they are turned off',
    meaning: 'The server makes no source tables.',
    reason: 'ksql.source.table.materialization.enabled is false.',
    given: {
      text: '`ksql.source.table.materialization.enabled` is false.',
      settings: { 'ksql.source.table.materialization.enabled': 'false' },
    },
    example:
      "CREATE SOURCE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
    corrected:
      "CREATE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');",
  },
  'table-retention': {
    severity: 'error',
    title: 'RETENTION_MS for a table',
    meaning: 'A table without windows is to forget rows by their age.',
    reason: 'A row of a table counts until another replaces it.',
    example:
      "CREATE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON', PARTITIONS=1, RETENTION_MS=1000);",
    corrected:
      "CREATE TABLE prices (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON', PARTITIONS=1);",
  },
  'timestamp-column': {
    severity: 'error',
    title: 'TIMESTAMP that names no column with a time',
    meaning: 'The column does not exist, or is no BIGINT, TIMESTAMP or STRING.',
    reason: 'The time of a record has to be read from it.',
    example:
      "CREATE STREAM clicks (page STRING, t BIGINT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', TIMESTAMP='at');",
    corrected:
      "CREATE STREAM clicks (page STRING, t BIGINT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', TIMESTAMP='t');",
  },
  'timestamp-format': {
    severity: 'error',
    title: 'TIMESTAMP_FORMAT that is missing, wrong or too much',
    meaning: 'A STRING needs a pattern that can be read, and other types take none.',
    reason: 'A text can be a time in many ways, a number in one.',
    example:
      "CREATE STREAM clicks (page STRING, t STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', TIMESTAMP='t');",
    corrected:
      "CREATE STREAM clicks (page STRING, t STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', TIMESTAMP='t', TIMESTAMP_FORMAT='yyyy-MM-dd');",
  },
  'unknown-topic': {
    severity: 'error',
    title: 'A topic that does not exist',
    meaning: 'The server has no such topic, and the statement does not say with how many partitions to make it.',
    reason: 'A misspelt topic would be made, and stay empty.',
    given: { text: 'A server is connected, which has no topic `clicks`.', connected: true },
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=1);",
  },
  'topic-mismatch': {
    severity: 'error',
    stage: 'as-sent',
    title: 'A topic that exists with other partitions or replicas',
    meaning: 'The topic is there, and not as the statement wants it.',
    reason: 'CREATE does not change a topic. Leave out PARTITIONS and REPLICAS for one that exists.',
    given: { text: 'A server is connected, which has a topic `events` with one partition.', connected: true },
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='events', VALUE_FORMAT='JSON', PARTITIONS=4);",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='events', VALUE_FORMAT='JSON');",
  },
  'columns-from-registry': {
    severity: 'information',
    title: 'Columns that only the schema registry knows',
    meaning: 'The statement declares no columns, and no registry is asked while one types.',
    reason: 'What uses the columns is checked when it runs, or while a server is connected.',
    example: "CREATE STREAM clicks WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO');",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO');",
  },
  'missing-schema': {
    severity: 'error',
    stage: 'formats',
    title: 'A schema that the registry does not have',
    meaning: 'The columns are to come from the schema registry, which has no schema for the topic, or none of that id.',
    reason: 'Without a schema, and without declared columns, nothing can be read.',
    given: { text: 'A server is connected, whose registry has no subject `clicks-value`.', connected: true },
    example: "CREATE STREAM clicks WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO', PARTITIONS=1);",
    corrected: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO', PARTITIONS=1);",
  },
  'schema-format': {
    severity: 'error',
    stage: 'formats',
    title: 'A schema of another format',
    meaning: 'The registry has a schema for the topic, of another format than the statement says.',
    reason: 'Records of the one format cannot be read as the other.',
    given: { text: 'A server is connected, whose registry has an AVRO schema for `events-value`.', connected: true },
    example: "CREATE STREAM clicks WITH (KAFKA_TOPIC='events', VALUE_FORMAT='PROTOBUF');",
    corrected: "CREATE STREAM clicks WITH (KAFKA_TOPIC='events', VALUE_FORMAT='AVRO');",
  },
  'unusable-schema': {
    severity: 'error',
    stage: 'formats',
    title: 'A schema that gives no columns',
    meaning: 'The schema of the registry is no record, or has a type that KSQL has not.',
    reason: 'Columns need names and types. Declare them, or register another schema.',
    given: {
      text: 'A server is connected, whose registry has the AVRO schema `"string"` for `plain-value`.',
      connected: true,
    },
    example: "CREATE STREAM clicks WITH (KAFKA_TOPIC='plain', VALUE_FORMAT='AVRO');",
    corrected: "CREATE STREAM clicks WITH (KAFKA_TOPIC='plain', VALUE_FORMAT='AVRO', WRAP_SINGLE_VALUE=false);",
  },
  'several-schema-definitions': {
    severity: 'error',
    stage: 'formats',
    title: 'A schema with several messages',
    meaning: 'The schema of the registry defines more than one message, and the statement names none.',
    reason: 'Each would give other columns: say which with VALUE_SCHEMA_FULL_NAME.',
    given: {
      text: 'A server is connected, whose registry has a PROTOBUF schema with the messages `Click` and `View` for `mixed-value`.',
      connected: true,
    },
    example: "CREATE STREAM clicks WITH (KAFKA_TOPIC='mixed', VALUE_FORMAT='PROTOBUF');",
    corrected:
      "CREATE STREAM clicks WITH (KAFKA_TOPIC='mixed', VALUE_FORMAT='PROTOBUF', VALUE_SCHEMA_FULL_NAME='Click');",
  },
  'schema-id-mismatch': {
    severity: 'error',
    title: 'A result that is not what the named schema says',
    meaning: 'The columns of the query are not the first columns of the schema that WITH names by its id.',
    reason: 'Records are written with that schema.',
    given: {
      text: 'A server is connected, whose registry has the AVRO schema 1 with the field PAGE.',
      connected: true,
    },
    example:
      "CREATE STREAM notes WITH (VALUE_FORMAT='AVRO', VALUE_SCHEMA_ID=1) AS SELECT id, note FROM orders EMIT CHANGES;",
    corrected:
      "CREATE STREAM notes WITH (VALUE_FORMAT='AVRO', VALUE_SCHEMA_ID=1) AS SELECT id, note AS page FROM orders EMIT CHANGES;",
  },
  'schema-id-without-registry': {
    severity: 'error',
    title: 'The id of a schema for a format without schemas',
    meaning: 'VALUE_SCHEMA_ID or KEY_SCHEMA_ID is given, and the format keeps no schemas in the registry.',
    reason: 'Only AVRO, PROTOBUF and JSON_SR do.',
    example: "CREATE STREAM clicks WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', VALUE_SCHEMA_ID=1);",
    corrected: "CREATE STREAM clicks WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO', VALUE_SCHEMA_ID=1);",
  },
  'columns-and-schema-id': {
    severity: 'error',
    title: 'Columns beside the id of a schema',
    meaning: 'The statement declares columns, and names a schema that has them.',
    reason: 'It would not be clear which ones count.',
    example: "CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO', VALUE_SCHEMA_ID=1);",
    corrected: "CREATE STREAM clicks WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO', VALUE_SCHEMA_ID=1);",
  },
} as const satisfies Readonly<Record<string, DiagnosticEntry>>;
