/** The types of configuration values, as Kafka's ConfigDef names them. */
export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';

/** A configuration property of the engine, Kafka Streams, or Kafka's clients. */
export interface ConfigProperty {
  readonly name: string;
  readonly group: 'ksql' | 'rest' | 'streams' | 'consumer' | 'producer';
  readonly type: ConfigType;
  /** As SHOW PROPERTIES prints it; undefined is NULL. */
  readonly default?: string | undefined;
  readonly docs: string;
  readonly values?: readonly string[];
  /** The least value of a number. */
  readonly least?: number | undefined;
  /** Set for the whole server only; SET refuses it. */
  readonly immutable?: boolean;
}

type Row = readonly [
  name: string,
  type: ConfigType,
  value: string | undefined,
  docs: string,
  values?: readonly string[],
];

const MAX_INT = '2147483647';
const MAX_LONG = '9223372036854775807';

const KSQL: readonly Row[] = [
  [
    'ksql.dialect',
    'STRING',
    'latest',
    'The dialect: `latest`, or `2018` with continuous SELECT and the implicit column ROWKEY.',
    ['latest', '2018'],
  ],
  ['ksql.workbench.until.end', 'BOOLEAN', 'false', 'Whether push queries end at the end that their topics have now.'],
  [
    'ksql.workbench.memory.max.bytes',
    'STRING',
    undefined,
    "What topics, state, results and logs may take of memory, such as 2GB; unset, half of the machine's.",
  ],
  [
    'ksql.workbench.fsync',
    'STRING',
    'always',
    'When what was acknowledged is flushed to the disk of the state directory: `always` before the answer, `interval` within a second, or `never`.',
    ['always', 'interval', 'never'],
  ],
  [
    'ksql.workbench.state.store',
    'STRING',
    'memory',
    'Where the state of persistent queries is: `memory`, or `disk`, of which memory has what is used most; with a state directory.',
    ['memory', 'disk'],
  ],
  ['ksql.service.id', 'STRING', 'default_', 'Part of the names of internal topics and consumer groups.'],
  ['ksql.persistence.default.format.key', 'STRING', 'KAFKA', 'The key format of statements that state none.'],
  ['ksql.persistence.default.format.value', 'STRING', undefined, 'The value format of statements that state none.'],
  [
    'ksql.persistence.wrap.single.values',
    'BOOLEAN',
    undefined,
    'Whether single value columns are written as records with one field; unset, the format decides.',
  ],
  ['ksql.output.topic.name.prefix', 'STRING', '', 'Put before the default topic names of CREATE … AS SELECT.'],
  [
    'ksql.create.topic.inherit.source.replicas.enabled',
    'BOOLEAN',
    'true',
    'Whether sink topics take over the replication factor of the source topic.',
  ],
  ['ksql.internal.topic.replicas', 'SHORT', '1', 'Replication factor of the command topic and the like.'],
  ['ksql.internal.topic.min.insync.replicas', 'SHORT', '1', 'min.insync.replicas of the command topic and the like.'],
  [
    'ksql.sink.window.change.log.additional.retention',
    'LONG',
    '1000000',
    'Extra retention of changelogs of windowed stores, in milliseconds.',
  ],
  ['ksql.persistent.prefix', 'STRING', 'query_', 'Part of the application ids of persistent queries.'],
  ['ksql.transient.prefix', 'STRING', 'transient_', 'Part of the application ids of push queries.'],
  ['ksql.query.persistent.active.limit', 'INT', MAX_INT, 'How many persistent queries may run.'],
  ['ksql.insert.into.values.enabled', 'BOOLEAN', 'true', 'Whether INSERT INTO … VALUES is allowed.'],
  ['ksql.pull.queries.enable', 'BOOLEAN', 'true', 'Whether pull queries are allowed.'],
  ['ksql.query.pull.table.scan.enabled', 'BOOLEAN', 'true', 'Whether pull queries may scan whole tables.'],
  ['ksql.query.pull.range.scan.enabled', 'BOOLEAN', 'true', 'Whether pull queries may scan ranges of keys.'],
  ['ksql.query.pull.stream.enabled', 'BOOLEAN', 'true', 'Whether pull queries may read streams.'],
  ['ksql.query.pull.limit.clause.enabled', 'BOOLEAN', 'true', 'Whether pull queries may have LIMIT.'],
  ['ksql.query.pull.interpreter.enabled', 'BOOLEAN', 'true', 'Whether pull queries interpret their expressions.'],
  ['ksql.query.pull.enable.standby.reads', 'BOOLEAN', 'false', 'Whether pull queries may read standby stores.'],
  ['ksql.query.pull.max.allowed.offset.lag', 'LONG', MAX_LONG, 'How far behind a standby store may be.'],
  ['ksql.query.pull.max.qps', 'INT', MAX_INT, 'Pull queries a second.'],
  ['ksql.query.pull.max.concurrent.requests', 'INT', MAX_INT, 'Pull queries at a time.'],
  ['ksql.query.pull.max.hourly.bandwidth.megabytes', 'INT', '-1', 'Bandwidth of pull queries.'],
  ['ksql.query.pull.thread.pool.size', 'INT', '50', 'Threads that answer pull queries.'],
  ['ksql.query.pull.router.thread.pool.size', 'INT', '50', 'Threads that route pull queries.'],
  ['ksql.query.pull.coordinator.queue.capacity', 'INT', MAX_INT, 'Queue of pull queries.'],
  ['ksql.query.pull.router.queue.capacity', 'INT', MAX_INT, 'Queue of routed pull queries.'],
  ['ksql.query.pull.forwarding.timeout.ms', 'LONG', '20000', 'Timeout of forwarded pull queries.'],
  ['ksql.query.pull.metrics.enabled', 'BOOLEAN', 'true', 'Metrics of pull queries.'],
  ['ksql.query.push.v2.enabled', 'BOOLEAN', 'false', 'Whether push queries may share the output of a running query.'],
  ['ksql.query.push.v2.registry.installed', 'BOOLEAN', 'false', 'Whether running queries can be shared.'],
  ['ksql.query.push.v2.alos.enabled', 'BOOLEAN', 'true', 'At-least-once for shared push queries.'],
  [
    'ksql.query.push.v2.interpreter.enabled',
    'BOOLEAN',
    'true',
    'Whether shared push queries interpret their expressions.',
  ],
  ['ksql.query.push.v2.new.latest.delay.ms', 'LONG', '5000', 'Delay of shared push queries.'],
  ['ksql.query.push.v2.latest.reset.age.ms', 'LONG', '30000', 'Age at which shared push queries start anew.'],
  ['ksql.query.push.v2.continuation.tokens.enabled', 'BOOLEAN', 'false', 'Continuation tokens for push queries.'],
  ['ksql.query.push.v2.max.catchup.consumers', 'INT', '5', 'Consumers that catch up.'],
  ['ksql.query.push.v2.catchup.consumer.msg.window', 'INT', '50', 'When a consumer has caught up.'],
  ['ksql.query.push.v2.max.hourly.bandwidth.megabytes', 'INT', '-1', 'Bandwidth of push queries.'],
  [
    'ksql.cast.strings.preserve.nulls',
    'BOOLEAN',
    'true',
    'Whether CAST of NULL to STRING is NULL; false gives the text null.',
  ],
  [
    'ksql.nested.error.set.null',
    'BOOLEAN',
    'true',
    'Whether an error in a nested call makes that call NULL, not the whole expression.',
  ],
  ['ksql.timestamp.throw.on.invalid', 'BOOLEAN', 'false', 'Whether a bad TIMESTAMP column stops the query.'],
  ['ksql.fail.on.deserialization.error', 'BOOLEAN', 'false', 'Whether an unreadable record stops the query.'],
  ['ksql.fail.on.production.error', 'BOOLEAN', 'true', 'Whether a failed write stops the query.'],
  ['ksql.suppress.enabled', 'BOOLEAN', 'true', 'Whether EMIT FINAL is allowed.'],
  ['ksql.suppress.buffer.size.bytes', 'LONG', '-1', 'Size of the buffer of EMIT FINAL.'],
  ['ksql.lambdas.enabled', 'BOOLEAN', 'true', 'Whether lambda functions are allowed.'],
  ['ksql.headers.columns.enabled', 'BOOLEAN', 'true', 'Whether HEADERS columns are allowed.'],
  ['ksql.rowpartition.rowoffset.enabled', 'BOOLEAN', 'true', 'Whether ROWPARTITION and ROWOFFSET exist.'],
  [
    'ksql.source.table.materialization.enabled',
    'BOOLEAN',
    'true',
    'Whether CREATE SOURCE TABLE makes the table queryable.',
  ],
  ['ksql.create.or.replace.enabled', 'BOOLEAN', 'true', 'Whether CREATE OR REPLACE is allowed.'],
  [
    'ksql.variable.substitution.enable',
    'BOOLEAN',
    'true',
    'Whether variables, written with a dollar sign and braces, are replaced.',
  ],
  ['ksql.udfs.enabled', 'BOOLEAN', 'true', 'Whether user-defined functions are loaded.'],
  ['ksql.udf.collect.metrics', 'BOOLEAN', 'false', 'Metrics of user-defined functions.'],
  ['ksql.udf.enable.security.manager', 'BOOLEAN', 'true', 'Whether user-defined functions are sandboxed.'],
  ['ksql.extension.dir', 'STRING', 'ext', 'The folder of user-defined functions.'],
  [
    'ksql.hidden.topics',
    'LIST',
    '_confluent.*,__confluent.*,_schemas,__consumer_offsets,__transaction_state,connect-configs,connect-offsets,connect-status,connect-statuses',
    'Patterns of topics that SHOW TOPICS leaves out.',
  ],
  [
    'ksql.readonly.topics',
    'LIST',
    '_confluent.*,__confluent.*,_schemas,__consumer_offsets,__transaction_state,connect-configs,connect-offsets,connect-status,connect-statuses',
    'Patterns of topics that statements may not write to.',
  ],
  ['ksql.query.error.max.queue.size', 'INT', '10', 'Errors kept for each query.'],
  ['ksql.query.retry.backoff.initial.ms', 'LONG', '15000', 'Wait before a failed query is started again.'],
  ['ksql.query.retry.backoff.max.ms', 'LONG', '900000', 'Longest wait before a failed query is started again.'],
  ['ksql.query.status.running.threshold.seconds', 'INT', '300', 'When a query counts as running.'],
  ['ksql.error.classifier.regex', 'STRING', '', 'Patterns that class errors as SYSTEM, USER or UNKNOWN.'],
  ['ksql.query.persistent.max.bytes.buffering.total', 'LONG', '-1', 'Cap on the caches of persistent queries.'],
  ['ksql.query.transient.max.bytes.buffering.total', 'LONG', '-1', 'Cap on the caches of push queries.'],
  ['ksql.assert.topic.default.timeout.ms', 'INT', '1000', 'How long ASSERT TOPIC waits by default.'],
  ['ksql.assert.schema.default.timeout.ms', 'INT', '1000', 'How long ASSERT SCHEMA waits by default.'],
  ['ksql.json_sr.converter.deserializer.enabled', 'BOOLEAN', 'true', 'How JSON_SR is read.'],
  ['ksql.endpoint.migrate.query', 'BOOLEAN', 'true', 'Whether /query is answered as /query-stream is.'],
  ['ksql.websocket.connection.max.timeout.ms', 'LONG', '3600000', 'Longest life of a WebSocket query.'],
  ['ksql.fetch.remote.hosts.max.timeout.seconds', 'LONG', '10', 'How long to wait for other servers.'],
  ['ksql.streams.shutdown.timeout.ms', 'LONG', '300000', 'How long a query may take to stop.'],
  ['ksql.metastore.backup.location', 'STRING', '', 'A folder for a copy of the command log.'],
  ['ksql.runtime.feature.shared.enabled', 'BOOLEAN', 'false', 'Whether queries share runtimes.'],
  ['ksql.shared.runtimes.count', 'INT', '2', 'How many shared runtimes there are.'],
  ['ksql.new.query.planner.enabled', 'BOOLEAN', 'false', 'An experimental planner of ksqlDB.'],
  ['ksql.transient.query.cleanup.service.enable', 'BOOLEAN', 'true', 'Whether leftovers of push queries are removed.'],
  ['ksql.transient.query.cleanup.service.initial.delay.seconds', 'LONG', '600', 'When leftovers are removed first.'],
  ['ksql.transient.query.cleanup.service.period.seconds', 'LONG', '600', 'How often leftovers are removed.'],
  ['ksql.schema.registry.url', 'STRING', '', 'Address of the schema registry.'],
  ['ksql.connect.url', 'STRING', 'http://localhost:8083', 'Address of Kafka Connect.'],
  ['ksql.connect.worker.config', 'STRING', '', 'Settings file of an embedded Connect worker.'],
  ['ksql.access.validator.enable', 'STRING', 'auto', 'Whether access to topics is checked.'],
  ['ksql.authorization.security.plugin.class', 'CLASS', undefined, 'A plugin that authorizes requests.'],
  [
    'ksql.security.extension.class',
    'CLASS',
    'io.confluent.ksql.security.KsqlDefaultSecurityExtension',
    'A plugin for user security contexts.',
  ],
  ['ksql.properties.overrides.denylist', 'LIST', '', 'Names that SET may not set.'],
  [
    'ksql.properties.overrides.validation.mode',
    'STRING',
    'denylist',
    'Whether SET goes by the deny list or the allow list.',
  ],
  ['ksql.internal.metric.collectors', 'STRING', '', 'Metric collectors.'],
  ['ksql.metrics.extension', 'CLASS', undefined, 'Metrics extension.'],
  ['ksql.metrics.tags.custom', 'STRING', '', 'Tags on metrics.'],
  ['ksql.logging.processing.topic.auto.create', 'BOOLEAN', 'false', 'Whether the topic of the processing log is made.'],
  ['ksql.logging.processing.topic.name', 'STRING', '', 'Topic of the processing log.'],
  ['ksql.logging.processing.topic.partitions', 'INT', '1', 'Partitions of the processing log.'],
  ['ksql.logging.processing.topic.replication.factor', 'SHORT', '1', 'Replication factor of the processing log.'],
  [
    'ksql.logging.processing.stream.auto.create',
    'BOOLEAN',
    'false',
    'Whether a stream over the processing log is made.',
  ],
  [
    'ksql.logging.processing.stream.name',
    'STRING',
    'KSQL_PROCESSING_LOG',
    'Name of the stream over the processing log.',
  ],
  ['ksql.logging.processing.rows.include', 'BOOLEAN', 'false', 'Whether rows stand in the processing log.'],
];

const STREAMS: readonly Row[] = [
  ['acceptable.recovery.lag', 'LONG', '10000', 'Lag at which a standby counts as caught up.'],
  ['application.id', 'STRING', undefined, 'Set by the engine.'],
  ['application.server', 'STRING', '', 'Address of this server for others.'],
  ['bootstrap.servers', 'LIST', undefined, 'The Kafka brokers.'],
  ['buffered.records.per.partition', 'INT', '1000', 'Records held for each partition.'],
  ['built.in.metrics.version', 'STRING', 'latest', 'Version of the metrics.'],
  [
    'cache.max.bytes.buffering',
    'LONG',
    '10000000',
    'Size of the cache that folds updates of one key together; 0 passes each on.',
  ],
  ['client.id', 'STRING', '', 'Name of the client in logs.'],
  ['commit.interval.ms', 'LONG', '2000', 'How often progress is committed and caches are flushed.'],
  ['connections.max.idle.ms', 'LONG', '540000', 'When idle connections are closed.'],
  ['default.deserialization.exception.handler', 'CLASS', undefined, 'What happens to unreadable records.'],
  ['default.key.serde', 'CLASS', undefined, 'Set by the engine.'],
  ['default.production.exception.handler', 'CLASS', undefined, 'What happens when a write fails.'],
  [
    'default.timestamp.extractor',
    'CLASS',
    'org.apache.kafka.streams.processor.FailOnInvalidTimestamp',
    'What happens to records with a bad timestamp.',
  ],
  ['default.value.serde', 'CLASS', undefined, 'Set by the engine.'],
  ['max.task.idle.ms', 'LONG', '0', 'How long a join waits for records of its other side.'],
  ['max.warmup.replicas', 'INT', '2', 'Extra standbys.'],
  ['metadata.max.age.ms', 'LONG', '300000', 'How often metadata is refreshed.'],
  ['metric.reporters', 'LIST', '', 'Metric reporters.'],
  ['metrics.num.samples', 'INT', '2', 'Samples of a metric.'],
  ['metrics.recording.level', 'STRING', 'INFO', 'Level of metrics.', ['INFO', 'DEBUG', 'TRACE']],
  ['metrics.sample.window.ms', 'LONG', '30000', 'Window of a metric.'],
  ['num.standby.replicas', 'INT', '0', 'Standby copies of state.'],
  [
    'num.stream.threads',
    'INT',
    '4',
    'Threads that share the tasks of queries, on a Kafka cluster: at most as many as there are processors.',
  ],
  ['poll.ms', 'LONG', '100', 'How long to wait for input.'],
  ['probing.rebalance.interval.ms', 'LONG', '600000', 'How often to look for a better balance.'],
  [
    'processing.guarantee',
    'STRING',
    'at_least_once',
    'What a failure may repeat.',
    ['at_least_once', 'exactly_once', 'exactly_once_v2'],
  ],
  ['receive.buffer.bytes', 'INT', '32768', 'Receive buffer.'],
  ['reconnect.backoff.max.ms', 'LONG', '1000', 'Longest wait before reconnecting.'],
  ['reconnect.backoff.ms', 'LONG', '50', 'Wait before reconnecting.'],
  ['replication.factor', 'INT', '-1', 'Replication factor of internal topics.'],
  ['request.timeout.ms', 'INT', '40000', 'Timeout of requests.'],
  ['retry.backoff.ms', 'LONG', '100', 'Wait before a retry.'],
  ['rocksdb.config.setter', 'CLASS', undefined, 'Settings of RocksDB.'],
  [
    'security.protocol',
    'STRING',
    'PLAINTEXT',
    'How to talk to the brokers.',
    ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
  ],
  ['send.buffer.bytes', 'INT', '131072', 'Send buffer.'],
  ['state.cleanup.delay.ms', 'LONG', '600000', 'When state of moved tasks is deleted.'],
  ['state.dir', 'STRING', '/tmp/kafka-streams', 'The folder of state.'],
  ['task.timeout.ms', 'LONG', '300000', 'How long a task may fail to make progress.'],
  ['topology.optimization', 'STRING', 'all', 'Whether repartition topics are merged.', ['all', 'none']],
  ['upgrade.from', 'STRING', undefined, 'Version to upgrade from.'],
  ['window.size.ms', 'LONG', undefined, 'Set by the engine.'],
  [
    'windowstore.changelog.additional.retention.ms',
    'LONG',
    '86400000',
    'Extra retention of changelogs of windowed stores.',
  ],
];

const CONSUMER: readonly Row[] = [
  ['allow.auto.create.topics', 'BOOLEAN', 'true', 'Whether reading a topic makes it.'],
  ['auto.commit.interval.ms', 'INT', '5000', 'How often offsets are committed.'],
  [
    'auto.offset.reset',
    'STRING',
    'latest',
    'Where a new query starts reading: `earliest` is the beginning of the topic, `latest` what arrives from now on.',
    ['earliest', 'latest', 'none'],
  ],
  ['check.crcs', 'BOOLEAN', 'true', 'Whether checksums are checked.'],
  ['default.api.timeout.ms', 'INT', '60000', 'Timeout of client calls.'],
  ['enable.auto.commit', 'BOOLEAN', 'true', 'Set by the engine.'],
  ['exclude.internal.topics', 'BOOLEAN', 'true', 'Whether internal topics are left out.'],
  ['fetch.max.bytes', 'INT', '52428800', 'Size of a fetch.'],
  ['fetch.max.wait.ms', 'INT', '500', 'Wait of a fetch.'],
  ['fetch.min.bytes', 'INT', '1', 'Least size of a fetch.'],
  ['group.id', 'STRING', undefined, 'Set by the engine.'],
  ['group.instance.id', 'STRING', undefined, 'Static member of the group.'],
  ['heartbeat.interval.ms', 'INT', '3000', 'Heartbeats of the group.'],
  ['interceptor.classes', 'LIST', '', 'Client interceptors.'],
  [
    'isolation.level',
    'STRING',
    'read_uncommitted',
    'Whether uncommitted records are read.',
    ['read_committed', 'read_uncommitted'],
  ],
  ['max.partition.fetch.bytes', 'INT', '1048576', 'Size of a fetch for one partition.'],
  ['max.poll.interval.ms', 'INT', '300000', 'Longest time between polls.'],
  ['max.poll.records', 'INT', '500', 'Records of a poll.'],
  ['partition.assignment.strategy', 'LIST', undefined, 'How partitions are shared out.'],
  ['session.timeout.ms', 'INT', '45000', 'When a member of the group counts as dead.'],
];

const PRODUCER: readonly Row[] = [
  ['acks', 'STRING', 'all', 'How many replicas must have a record.', ['all', '-1', '0', '1']],
  ['batch.size', 'INT', '16384', 'Size of a batch.'],
  ['buffer.memory', 'LONG', '33554432', 'Memory for unsent records.'],
  ['compression.type', 'STRING', 'none', 'Compression of records.', ['none', 'gzip', 'snappy', 'lz4', 'zstd']],
  ['delivery.timeout.ms', 'INT', '120000', 'Timeout of delivery.'],
  ['enable.idempotence', 'BOOLEAN', 'true', 'Whether the broker drops repeated records.'],
  ['linger.ms', 'LONG', '0', 'How long to gather a batch.'],
  ['max.block.ms', 'LONG', '60000', 'How long a write may block.'],
  ['max.in.flight.requests.per.connection', 'INT', '5', 'Requests in flight.'],
  ['max.request.size', 'INT', '1048576', 'Largest request.'],
  ['metadata.max.idle.ms', 'LONG', '300000', 'When metadata of idle topics is dropped.'],
  ['partitioner.class', 'CLASS', undefined, 'How records are shared out over partitions.'],
  ['retries', 'INT', MAX_INT, 'How often to retry.'],
  ['transaction.timeout.ms', 'INT', '60000', 'Timeout of transactions.'],
  ['transactional.id', 'STRING', undefined, 'Set by the engine.'],
];

const SECURITY: readonly Row[] = [
  ['sasl.mechanism', 'STRING', 'GSSAPI', 'SASL mechanism.'],
  ['sasl.jaas.config', 'PASSWORD', undefined, 'SASL login.'],
  ['ssl.truststore.location', 'STRING', undefined, 'Trusted certificates.'],
  ['ssl.truststore.password', 'PASSWORD', undefined, 'Password of the trusted certificates.'],
  ['ssl.keystore.location', 'STRING', undefined, 'Own certificates.'],
  ['ssl.keystore.password', 'PASSWORD', undefined, 'Password of the own certificates.'],
  ['ssl.key.password', 'PASSWORD', undefined, 'Password of the own key.'],
  ['ssl.endpoint.identification.algorithm', 'STRING', 'https', 'How server names are checked.'],
];

/** The least values that numbers may have, where there is a bound. */
const LEAST: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    [
      'acceptable.recovery.lag auto.commit.interval.ms batch.size buffer.memory cache.max.bytes.buffering commit.interval.ms',
      'default.api.timeout.ms delivery.timeout.ms fetch.max.bytes fetch.max.wait.ms fetch.min.bytes',
      'ksql.query.pull.max.allowed.offset.lag linger.ms max.block.ms max.partition.fetch.bytes max.request.size metadata.max.age.ms',
      'metrics.sample.window.ms reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retries retry.backoff.ms',
      'task.timeout.ms',
    ].flatMap((names) => names.split(' ').map((name) => [name, 0])),
  ),
  'max.in.flight.requests.per.connection': 1,
  'max.poll.interval.ms': 1,
  'max.poll.records': 1,
  'max.warmup.replicas': 1,
  'metadata.max.idle.ms': 5000,
  'metrics.num.samples': 1,
  'probing.rebalance.interval.ms': 60_000,
};

/**
 * Of the server's REST API. Only its own configuration has them: SET and SHOW PROPERTIES do not know them, as in
 * ksqlDB.
 */
const REST: readonly Row[] = [
  ['ksql.advertised.listener', 'STRING', undefined, 'The URL that clients are to use for the server.'],
  ['ksql.max.push.queries', 'INT', '100', 'How many push queries may run at a time.'],
  ['ksql.heartbeat.enable', 'BOOLEAN', 'false', 'Whether engines of a service tell one another that they are alive.'],
  ['ksql.heartbeat.send.interval.ms', 'LONG', '100', 'How often they do.'],
  ['ksql.heartbeat.check.interval.ms', 'LONG', '200', 'How often it is looked who has missed what.'],
  ['ksql.heartbeat.window.ms', 'LONG', '2000', 'After so long without a sign of life an engine is dead.'],
  ['ksql.heartbeat.missed.threshold.ms', 'LONG', '3', 'So many missed signs of life in a row make an engine dead.'],
  ['ksql.heartbeat.discover.interval.ms', 'LONG', '2000', 'How often it is looked which engines there are.'],
  ['ksql.lag.reporting.enable', 'BOOLEAN', 'false', 'Whether engines tell one another how far their state is.'],
  ['ksql.lag.reporting.send.interval.ms', 'LONG', '5000', 'How often they do.'],
  [
    'ksql.server.command.response.timeout.ms',
    'LONG',
    '5000',
    'How long a request waits for a statement to be carried out, or for the one that it says to come after.',
  ],
];

/** Names that only the server's own configuration may set, whatever a request says: SET has no effect on them. */
export const SERVER_PROPERTIES: ReadonlySet<string> = new Set([
  'bootstrap.servers',
  'ksql.extension.dir',
  'ksql.query.persistent.active.limit',
  'ksql.pull.queries.enable',
  'ksql.hidden.topics',
  'ksql.readonly.topics',
  'ksql.source.table.materialization.enabled',
  'ksql.headers.columns.enabled',
  'ksql.service.id',
]);

/** Properties of the server as a whole: SET refuses them. */
const IMMUTABLE: ReadonlySet<string> = new Set([
  ...SERVER_PROPERTIES,
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.key.password',
]);

/** Every known property. A name that both consumers and producers have stands once. */
export const CONFIG_PROPERTIES: readonly ConfigProperty[] = [
  ...KSQL.map((row) => toProperty(row, 'ksql')),
  ...STREAMS.map((row) => toProperty(row, 'streams')),
  ...SECURITY.map((row) => toProperty(row, 'streams')),
  ...CONSUMER.map((row) => toProperty(row, 'consumer')),
  ...PRODUCER.map((row) => toProperty(row, 'producer')),
];

/** The settings of the REST API, by name. */
export const REST_PROPERTIES: ReadonlyMap<string, ConfigProperty> = new Map(
  REST.map((row) => [row[0], toProperty(row, 'rest')]),
);

function toProperty([name, type, value, docs, values]: Row, group: ConfigProperty['group']): ConfigProperty {
  return {
    name,
    group,
    type,
    docs,
    default: value,
    ...(values ? { values } : {}),
    least: LEAST[name],
    ...(IMMUTABLE.has(name) ? { immutable: true } : {}),
  };
}
