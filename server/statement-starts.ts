// biome-ignore-all lint/suspicious/noTemplateCurlyInString: editors fill in the places of snippets, JavaScript does not.
/** How statements begin: what completion offers where a statement may stand. */
export const STATEMENT_STARTS: readonly {
  readonly label: string;
  readonly snippet: string;
  readonly detail: string;
}[] = [
  { label: 'SELECT', snippet: 'SELECT ${2:*}\nFROM ${1:source}\nEMIT CHANGES;', detail: 'Watch rows as they come' },
  {
    label: 'CREATE STREAM',
    snippet:
      "CREATE STREAM ${1:name} (\n  ${2:id} ${3:STRING} KEY,\n  ${4:amount} ${5:DOUBLE}\n) WITH (\n  KAFKA_TOPIC = '${6:topic}',\n  VALUE_FORMAT = '${7|JSON,AVRO,PROTOBUF,DELIMITED,KAFKA|}'\n);",
    detail: 'A stream over a topic',
  },
  {
    label: 'CREATE TABLE',
    snippet:
      "CREATE TABLE ${1:name} (\n  ${2:id} ${3:STRING} PRIMARY KEY,\n  ${4:amount} ${5:DOUBLE}\n) WITH (\n  KAFKA_TOPIC = '${6:topic}',\n  VALUE_FORMAT = '${7|JSON,AVRO,PROTOBUF,DELIMITED,KAFKA|}'\n);",
    detail: 'A table over a topic: the newest row per key',
  },
  {
    label: 'CREATE STREAM AS SELECT',
    snippet: 'CREATE STREAM ${1:name} AS\n  SELECT ${3:*}\n  FROM ${2:source}\n  EMIT CHANGES;',
    detail: 'A query that keeps running and writes a stream',
  },
  {
    label: 'CREATE TABLE AS SELECT',
    snippet:
      'CREATE TABLE ${1:name} AS\n  SELECT ${3:key}, COUNT(*) AS ${4:total}\n  FROM ${2:source}\n  GROUP BY ${3:key}\n  EMIT CHANGES;',
    detail: 'An aggregate that is kept up to date',
  },
  {
    label: 'INSERT INTO',
    snippet: 'INSERT INTO ${1:target} (${2:columns}) VALUES (${3:values});',
    detail: 'Write a row',
  },
  {
    label: 'CREATE SOURCE CONNECTOR',
    snippet:
      "CREATE SOURCE CONNECTOR ${1:name} WITH (\n  'connector.class' = '${2:io.confluent.kafka.connect.datagen.DatagenConnector}',\n  'kafka.topic' = '${3:topic}'\n);",
    detail: 'Bring data into a topic',
  },
  { label: 'CREATE TYPE', snippet: 'CREATE TYPE ${1:name} AS STRUCT<${2:field} ${3:STRING}>;', detail: 'Name a type' },
  {
    label: 'SET',
    snippet: "SET '${1:auto.offset.reset}' = '${2:earliest}';",
    detail: 'Change a setting for what follows',
  },
  {
    label: 'SHOW',
    snippet: 'SHOW ${1|STREAMS,TABLES,TOPICS,QUERIES,FUNCTIONS,PROPERTIES,TYPES,VARIABLES,CONNECTORS|};',
    detail: 'List what there is',
  },
  { label: 'DESCRIBE', snippet: 'DESCRIBE ${1:source} EXTENDED;', detail: 'Columns and figures of a source' },
  { label: 'PRINT', snippet: "PRINT '${1:topic}' FROM BEGINNING;", detail: 'Raw records of a topic' },
  { label: 'EXPLAIN', snippet: 'EXPLAIN ', detail: 'The plan of a query' },
  { label: 'DROP STREAM', snippet: 'DROP STREAM IF EXISTS ${1:name};', detail: 'Remove a stream' },
  { label: 'DROP TABLE', snippet: 'DROP TABLE IF EXISTS ${1:name};', detail: 'Remove a table' },
  { label: 'TERMINATE', snippet: 'TERMINATE ${1:query};', detail: 'End a persistent query' },
  { label: 'PAUSE', snippet: 'PAUSE ${1:query};', detail: 'Hold a persistent query' },
  { label: 'RESUME', snippet: 'RESUME ${1:query};', detail: 'Let a held query go on' },
  { label: 'DEFINE', snippet: "DEFINE ${1:name} = '${2:value}';", detail: 'A variable, used as ${name}' },
  {
    label: 'ASSERT TOPIC',
    snippet: "ASSERT TOPIC '${1:topic}' WITH (PARTITIONS = ${2:4}) TIMEOUT ${3:10} SECONDS;",
    detail: 'Fail when a topic is missing',
  },
];
