import type { Statement } from '../generated/ast.ts';
import { QUICKSTART_NAMES } from './quickstart-names.ts';

/** What the editor tells of a statement, and the documentation with it. */
export interface StatementDoc {
  /** The words it begins with. */
  readonly label: string;
  readonly type: Statement['$type'];
  /** A few words, for a list. */
  readonly detail: string;
  /** Optional parts in brackets. */
  readonly syntax: string;
  /** Markdown. */
  readonly docs: string;
  /** A statement of its kind, as one would write it. */
  readonly example: string;
  /** With places to fill in. */
  readonly snippet: string;
  /** Only test scripts have it. */
  readonly inTests?: true;
}

const SOURCE_FORMAT = "VALUE_FORMAT = '${7|JSON,AVRO,PROTOBUF,DELIMITED,KAFKA|}'";

const MAIN: readonly StatementDoc[] = [
  {
    label: 'SELECT',
    type: 'Query',
    detail: 'Watch rows as they come',
    syntax:
      'SELECT item [, …] FROM source [JOIN …] [WINDOW …] [WHERE …] [GROUP BY …] [PARTITION BY …] [HAVING …] [EMIT CHANGES|FINAL] [LIMIT n];',
    docs:
      'With `EMIT CHANGES` a push query: it goes on as rows arrive. Without it a pull query: it answers from what is there now, ' +
      'from the state of a materialised table or from the beginning to the end of a stream.',
    example: 'SELECT * FROM clicks EMIT CHANGES;',
    snippet: 'SELECT ${2:*}\nFROM ${1:source}\nEMIT CHANGES;',
  },
  {
    label: 'CREATE STREAM',
    type: 'CreateSource',
    detail: 'A stream over a topic',
    syntax:
      'CREATE [OR REPLACE] [SOURCE] STREAM [IF NOT EXISTS] name (column type [KEY|HEADERS|HEADER(…)] [, …]) WITH (…);',
    docs: 'Registers a stream over a topic: every record is a row of its own. With PARTITIONS the topic is made when it is missing. Columns can be left out where a schema registry knows them.',
    example:
      "CREATE STREAM clicks (id INT KEY, page STRING) WITH (KAFKA_TOPIC='clicks', PARTITIONS=1, VALUE_FORMAT='JSON');",
    snippet: `CREATE STREAM \${1:name} (\n  \${2:id} \${3:STRING} KEY,\n  \${4:amount} \${5:DOUBLE}\n) WITH (\n  KAFKA_TOPIC = '\${6:topic}',\n  ${SOURCE_FORMAT}\n);`,
  },
  {
    label: 'CREATE TABLE',
    type: 'CreateSource',
    detail: 'A table over a topic: the newest row per key',
    syntax: 'CREATE [OR REPLACE] [SOURCE] TABLE [IF NOT EXISTS] name (column type [PRIMARY KEY] [, …]) WITH (…);',
    docs: 'Registers a table over a topic: a record replaces the row of its key, one without a value deletes it. A SOURCE TABLE is kept as state, so that pull queries can read it.',
    example:
      "CREATE TABLE users (id INT PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC='users', PARTITIONS=1, VALUE_FORMAT='JSON');",
    snippet: `CREATE TABLE \${1:name} (\n  \${2:id} \${3:STRING} PRIMARY KEY,\n  \${4:amount} \${5:DOUBLE}\n) WITH (\n  KAFKA_TOPIC = '\${6:topic}',\n  ${SOURCE_FORMAT}\n);`,
  },
  {
    label: 'CREATE STREAM AS SELECT',
    type: 'CreateAs',
    detail: 'A query that keeps running and writes a stream',
    syntax: 'CREATE [OR REPLACE] STREAM [IF NOT EXISTS] name [WITH (…)] AS SELECT …;',
    docs: 'Starts a query that writes its results to a new topic and registers a stream over it. The key of the source must be in the projection.',
    example: 'CREATE STREAM big AS SELECT * FROM orders WHERE total > 100;',
    snippet: 'CREATE STREAM ${1:name} AS\n  SELECT ${3:*}\n  FROM ${2:source}\n  EMIT CHANGES;',
  },
  {
    label: 'CREATE TABLE AS SELECT',
    type: 'CreateAs',
    detail: 'An aggregate that is kept up to date',
    syntax: 'CREATE [OR REPLACE] TABLE [IF NOT EXISTS] name [WITH (…)] AS SELECT …;',
    docs: 'Starts a query that keeps a table up to date: an aggregate, or a table derived from tables. Pull queries can read it.',
    example: 'CREATE TABLE totals AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;',
    snippet:
      'CREATE TABLE ${1:name} AS\n  SELECT ${3:key}, COUNT(*) AS ${4:total}\n  FROM ${2:source}\n  GROUP BY ${3:key}\n  EMIT CHANGES;',
  },
  {
    label: 'INSERT INTO … SELECT',
    type: 'InsertSelect',
    detail: 'A query that adds to an existing stream',
    syntax: "INSERT INTO stream [WITH (QUERY_ID='id')] SELECT …;",
    docs: "Starts a query that writes into a stream beside what already does; so streams are merged. Names and types of the result must be the stream's.",
    example: 'INSERT INTO all_orders SELECT * FROM web_orders;',
    snippet: 'INSERT INTO ${1:target}\n  SELECT ${3:*}\n  FROM ${2:source};',
  },
  {
    label: 'INSERT INTO',
    type: 'InsertValues',
    detail: 'Write a row',
    syntax: 'INSERT INTO source [(column [, …])] VALUES (expression [, …]);',
    docs: "Writes one record. Columns that are not listed are NULL; `ROWTIME` may be listed and sets the record's timestamp.",
    example: "INSERT INTO orders (id, item) VALUES (1, 'pen');",
    snippet: 'INSERT INTO ${1:target} (${2:columns}) VALUES (${3:value});',
  },
  {
    label: 'EXPLAIN',
    type: 'ExplainStatement',
    detail: 'The plan of a query',
    syntax: 'EXPLAIN query | query_id;',
    docs: 'Shows how a query runs, or would run: its steps, its sources and sink, and the settings that it has.',
    example: 'EXPLAIN SELECT * FROM clicks EMIT CHANGES;',
    snippet: 'EXPLAIN ',
  },
  {
    label: 'TERMINATE',
    type: 'TerminateQuery',
    detail: 'End a persistent query',
    syntax: 'TERMINATE query_id | ALL;',
    docs: 'Ends a query and deletes its state. Its sink and the topic stay.',
    example: 'TERMINATE CSAS_BIG_3;',
    snippet: 'TERMINATE ${1:query_id};',
  },
  {
    label: 'PAUSE',
    type: 'PauseQuery',
    detail: 'Hold a persistent query',
    syntax: 'PAUSE query_id | ALL;',
    docs: 'Stops processing; state and place in the topics are kept.',
    example: 'PAUSE CSAS_BIG_3;',
    snippet: 'PAUSE ${1:query_id};',
  },
  {
    label: 'RESUME',
    type: 'ResumeQuery',
    detail: 'Let a held query go on',
    syntax: 'RESUME query_id | ALL;',
    docs: 'Goes on where the query was paused.',
    example: 'RESUME ALL;',
    snippet: 'RESUME ${1:query_id};',
  },
];

const DEFINITIONS: readonly StatementDoc[] = [
  {
    label: 'DROP STREAM',
    type: 'DropSource',
    detail: 'Remove a stream',
    syntax: 'DROP STREAM [IF EXISTS] name [DELETE TOPIC];',
    docs: 'Unregisters the stream and ends the query that made it. Refused while other sources or INSERT queries use it.',
    example: 'DROP STREAM IF EXISTS clicks;',
    snippet: 'DROP STREAM IF EXISTS ${1:name};',
  },
  {
    label: 'DROP TABLE',
    type: 'DropSource',
    detail: 'Remove a table',
    syntax: 'DROP TABLE [IF EXISTS] name [DELETE TOPIC];',
    docs: 'Unregisters the table and ends the query that made it. Refused while other sources or INSERT queries use it.',
    example: 'DROP TABLE users DELETE TOPIC;',
    snippet: 'DROP TABLE IF EXISTS ${1:name};',
  },
  {
    label: 'ALTER STREAM',
    type: 'AlterSource',
    detail: 'Add columns to a stream or table',
    syntax: 'ALTER STREAM|TABLE name ADD [COLUMN] column type [, ADD …];',
    docs: 'Appends value columns. Queries that are running do not see them.',
    example: 'ALTER STREAM clicks ADD COLUMN referrer STRING;',
    snippet: 'ALTER ${1|STREAM,TABLE|} ${2:name} ADD COLUMN ${3:column} ${4:STRING};',
  },
  {
    label: 'CREATE TYPE',
    type: 'CreateType',
    detail: 'Name a type',
    syntax: 'CREATE TYPE [IF NOT EXISTS] name AS type;',
    docs: 'A name for a type. It is replaced by the type where it is used, so dropping it changes nothing that exists.',
    example: 'CREATE TYPE address AS STRUCT<city STRING, zip INT>;',
    snippet: 'CREATE TYPE ${1:name} AS STRUCT<${2:field} ${3:STRING}>;',
  },
  {
    label: 'DROP TYPE',
    type: 'DropType',
    detail: 'Forget the name of a type',
    syntax: 'DROP TYPE [IF EXISTS] name;',
    docs: 'Forgets a name that CREATE TYPE gave.',
    example: 'DROP TYPE address;',
    snippet: 'DROP TYPE IF EXISTS ${1:name};',
  },
  {
    label: 'CREATE SOURCE CONNECTOR',
    type: 'CreateConnector',
    detail: 'Bring data into a topic',
    syntax: 'CREATE SOURCE|SINK CONNECTOR [IF NOT EXISTS] name WITH (…);',
    docs: `Starts a connector: a built-in generator or file source, or one of Kafka Connect. The generator makes the rows of a \`quickstart\` (${QUICKSTART_NAMES.join(', ')}), or of an Avro schema: \`schema.string\`, \`schema.filename\`.`,
    example:
      "CREATE SOURCE CONNECTOR ratings WITH ('connector.class'='DatagenConnector', 'quickstart'='ratings', 'kafka.topic'='ratings');",
    snippet:
      "CREATE SOURCE CONNECTOR ${1:name} WITH (\n  'connector.class' = '${2:io.confluent.kafka.connect.datagen.DatagenConnector}',\n  'quickstart' = '${3:ratings}',\n  'kafka.topic' = '${4:topic}'\n);",
  },
  {
    label: 'DROP CONNECTOR',
    type: 'DropConnector',
    detail: 'Stop and remove a connector',
    syntax: 'DROP CONNECTOR [IF EXISTS] name;',
    docs: 'Stops a connector and removes it. What it has written stays.',
    example: 'DROP CONNECTOR ratings;',
    snippet: 'DROP CONNECTOR IF EXISTS ${1:name};',
  },
];

const show = (what: string, type: Statement['$type'], docs: string, options = ''): StatementDoc => ({
  label: `SHOW ${what}`,
  type,
  detail: docs,
  syntax: `SHOW ${what}${options};`,
  docs: `${docs}. LIST says the same as SHOW.`,
  example: `SHOW ${what};`,
  snippet: `SHOW ${what};`,
});

const INFORMATION: readonly StatementDoc[] = [
  {
    ...show('STREAMS', 'ListStreams', 'The streams that there are', ' [EXTENDED]'),
    label: 'SHOW',
    detail: 'List what there is',
    snippet: 'SHOW ${1|STREAMS,TABLES,TOPICS,QUERIES,FUNCTIONS,PROPERTIES,TYPES,VARIABLES,CONNECTORS|};',
  },
  show('TABLES', 'ListTables', 'The tables that there are', ' [EXTENDED]'),
  show('TOPICS', 'ListTopics', 'The topics of the broker; ALL TOPICS lists internal ones as well', ' [EXTENDED]'),
  show('QUERIES', 'ListQueries', 'The queries that run', ' [EXTENDED]'),
  show('FUNCTIONS', 'ListFunctions', 'The functions that there are'),
  show('PROPERTIES', 'ListProperties', 'The settings, with their values'),
  show('TYPES', 'ListTypes', 'The types that CREATE TYPE has named'),
  show('VARIABLES', 'ListVariables', 'The variables that DEFINE has set'),
  show('CONNECTORS', 'ListConnectors', 'The connectors that run'),
  show('CONNECTOR PLUGINS', 'ListConnectorPlugins', 'The kinds of connectors that there are'),
  {
    label: 'DESCRIBE',
    type: 'DescribeSource',
    detail: 'Columns and figures of a source',
    syntax: 'DESCRIBE name [EXTENDED];',
    docs: 'The columns of a stream or table; EXTENDED adds its topic, formats, queries and figures.',
    example: 'DESCRIBE clicks EXTENDED;',
    snippet: 'DESCRIBE ${1:source} EXTENDED;',
  },
  {
    label: 'DESCRIBE STREAMS',
    type: 'DescribeStreams',
    detail: 'Columns of all streams',
    syntax: 'DESCRIBE STREAMS [EXTENDED];',
    docs: 'As DESCRIBE, for every stream.',
    example: 'DESCRIBE STREAMS;',
    snippet: 'DESCRIBE STREAMS EXTENDED;',
  },
  {
    label: 'DESCRIBE TABLES',
    type: 'DescribeTables',
    detail: 'Columns of all tables',
    syntax: 'DESCRIBE TABLES [EXTENDED];',
    docs: 'As DESCRIBE, for every table.',
    example: 'DESCRIBE TABLES;',
    snippet: 'DESCRIBE TABLES EXTENDED;',
  },
  {
    label: 'DESCRIBE FUNCTION',
    type: 'DescribeFunction',
    detail: 'What a function does',
    syntax: 'DESCRIBE FUNCTION name;',
    docs: 'The forms in which a function can be called, and what they give.',
    example: 'DESCRIBE FUNCTION ucase;',
    snippet: 'DESCRIBE FUNCTION ${1:name};',
  },
  {
    label: 'DESCRIBE CONNECTOR',
    type: 'DescribeConnector',
    detail: 'State of a connector',
    syntax: 'DESCRIBE CONNECTOR name;',
    docs: 'The state of a connector and of its tasks, and the topics it uses.',
    example: 'DESCRIBE CONNECTOR ratings;',
    snippet: 'DESCRIBE CONNECTOR ${1:name};',
  },
  {
    label: 'PRINT',
    type: 'PrintTopic',
    detail: 'Raw records of a topic',
    syntax: 'PRINT topic [FROM BEGINNING] [INTERVAL n] [LIMIT n];',
    docs: 'Shows the records of a topic, whatever their format. The name of the topic keeps its case. INTERVAL shows every n-th record.',
    example: "PRINT 'clicks' FROM BEGINNING LIMIT 3;",
    snippet: "PRINT '${1:topic}' FROM BEGINNING;",
  },
];

const SETTINGS: readonly StatementDoc[] = [
  {
    label: 'SET',
    type: 'SetProperty',
    detail: 'Change a setting for what follows',
    syntax: "SET 'property'='value';",
    docs: "Changes a setting for the statements that follow. `'auto.offset.reset'='earliest'` makes new queries read from the beginning; `'ksql.dialect'='2018'` switches the dialect.",
    example: "SET 'auto.offset.reset'='earliest';",
    snippet: "SET '${1:auto.offset.reset}' = '${2:earliest}';",
  },
  {
    label: 'UNSET',
    type: 'UnsetProperty',
    detail: 'Give a setting its default again',
    syntax: "UNSET 'property';",
    docs: 'Undoes SET.',
    example: "UNSET 'auto.offset.reset';",
    snippet: "UNSET '${1:auto.offset.reset}';",
  },
  {
    label: 'ALTER SYSTEM',
    type: 'AlterSystem',
    detail: 'Change a setting of the server',
    syntax: "ALTER SYSTEM 'property'='value';",
    docs: 'Changes a setting for everybody, where the server allows it.',
    example: "ALTER SYSTEM 'auto.offset.reset'='earliest';",
    snippet: "ALTER SYSTEM '${1:auto.offset.reset}' = '${2:earliest}';",
  },
  {
    label: 'DEFINE',
    type: 'DefineVariable',
    detail: 'A variable, used as ${name}',
    syntax: "DEFINE name = 'value';",
    docs: 'Sets a variable. `${name}` stands for its value in names, literals and texts of the statements that follow.',
    example: "DEFINE topic = 'clicks';",
    snippet: "DEFINE ${1:name} = '${2:value}';",
  },
  {
    label: 'UNDEFINE',
    type: 'UndefineVariable',
    detail: 'Forget a variable',
    syntax: 'UNDEFINE name;',
    docs: 'Undoes DEFINE.',
    example: 'UNDEFINE topic;',
    snippet: 'UNDEFINE ${1:name};',
  },
];

const TESTS: readonly StatementDoc[] = [
  {
    label: 'ASSERT TOPIC',
    type: 'AssertTopic',
    detail: 'Fail when a topic is missing',
    syntax: 'ASSERT [NOT EXISTS] TOPIC name [WITH (PARTITIONS=n, REPLICAS=n)] [TIMEOUT n unit];',
    docs: 'Waits until the topic is there, with that configuration, and fails when it does not come in time.',
    example: "ASSERT TOPIC 'clicks' WITH (PARTITIONS=1) TIMEOUT 10 SECONDS;",
    snippet: "ASSERT TOPIC '${1:topic}' WITH (PARTITIONS = ${2:4}) TIMEOUT ${3:10} SECONDS;",
  },
  {
    label: 'ASSERT SCHEMA',
    type: 'AssertSchema',
    detail: 'Fail when a schema is missing',
    syntax: 'ASSERT [NOT EXISTS] SCHEMA [SUBJECT name] [ID n] [TIMEOUT n unit];',
    docs: 'Waits until the schema registry has the schema, and fails when it does not come in time.',
    example: "ASSERT SCHEMA SUBJECT 'clicks-value' TIMEOUT 10 SECONDS;",
    snippet: "ASSERT SCHEMA SUBJECT '${1:topic-value}' TIMEOUT ${2:10} SECONDS;",
  },
  {
    label: 'ASSERT VALUES',
    type: 'AssertValues',
    detail: 'In a test: the next row is this one',
    syntax: 'ASSERT VALUES source [(column [, …])] VALUES (expression [, …]);',
    docs: 'Takes the next record of the topic of the source, and compares the columns that are listed.',
    example: "ASSERT VALUES big (id, item) VALUES (1, 'pen');",
    snippet: 'ASSERT VALUES ${1:source} (${2:columns}) VALUES (${3:value});',
    inTests: true,
  },
  {
    label: 'ASSERT NULL VALUES',
    type: 'AssertNullValues',
    detail: 'In a test: the next record deletes this key',
    syntax: 'ASSERT NULL VALUES source [(key column [, …])] KEY (expression [, …]);',
    docs: 'Takes the next record of the topic of the source, which must have this key and no value.',
    example: 'ASSERT NULL VALUES totals (id) KEY (1);',
    snippet: 'ASSERT NULL VALUES ${1:source} (${2:key}) KEY (${3:value});',
    inTests: true,
  },
  {
    label: 'ASSERT STREAM',
    type: 'AssertSource',
    detail: 'In a test: a source has these columns',
    syntax: 'ASSERT STREAM|TABLE name (column type [KEY] [, …]) [WITH (…)];',
    docs: 'Compares columns, topic and formats of a registered source.',
    example: "ASSERT STREAM big (id INT KEY, item STRING) WITH (KAFKA_TOPIC='BIG', VALUE_FORMAT='JSON');",
    snippet: "ASSERT ${1|STREAM,TABLE|} ${2:name} (${3:id} ${4:STRING} KEY) WITH (KAFKA_TOPIC = '${5:topic}');",
    inTests: true,
  },
  {
    label: 'RUN SCRIPT',
    type: 'RunScript',
    detail: 'Run the statements of a file',
    syntax: "RUN SCRIPT 'file';",
    docs: 'Runs the statements of another file here. For the command line and for tests.',
    example: "RUN SCRIPT 'setup.ksql';",
    snippet: "RUN SCRIPT '${1:file}';",
    inTests: true,
  },
];

/** Every statement, those that are written most first. */
export const STATEMENT_DOCS: readonly StatementDoc[] = [...MAIN, ...DEFINITIONS, ...INFORMATION, ...SETTINGS, ...TESTS];
