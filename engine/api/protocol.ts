/**
 * What travels over ksqlDB's REST API, as plain data. Internal types are never serialised: what the engine knows is
 * translated into these shapes, and clients see nothing else. Field names are the API's own.
 */

import type { NumberText } from './exact-json.ts';

/**
 * A value inside a row, as JSON carries it. Parsed by our client, integers beyond the safe ones are bigints, and
 * numbers whose text a double does not keep are a NumberText.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | NumberText
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type Properties = Readonly<Record<string, JsonValue>>;

export interface KsqlRequest {
  readonly ksql?: string;
  readonly streamsProperties?: Properties;
  readonly requestProperties?: Properties;
  readonly sessionVariables?: Readonly<Record<string, string>>;
  readonly commandSequenceNumber?: number | null;
}

export interface QueryStreamRequest {
  readonly sql: string;
  readonly properties?: Properties;
  readonly requestProperties?: Properties;
  readonly sessionVariables?: Readonly<Record<string, string>>;
}

export type InsertAck =
  | { readonly status: 'ok'; readonly seq: number }
  | {
      readonly '@type': string;
      readonly status: 'error';
      readonly seq: number;
      readonly error_code: number;
      readonly message: string;
    };

export type ErrorBody = GenericError | StatementErrorBody;
export interface GenericError {
  readonly '@type': 'generic_error';
  readonly error_code: number;
  readonly message: string;
}
export interface StatementErrorBody {
  readonly '@type': 'statement_error';
  readonly error_code: number;
  readonly message: string;
  readonly statementText: string;
  readonly entities: readonly Entity[];
}

export interface Warning {
  readonly message: string;
}

interface EntityBase<T extends string> {
  readonly '@type': T;
  readonly statementText: string;
  readonly warnings: readonly Warning[];
}

/** The answer to one statement. */
export type Entity =
  | CommandStatusEntity
  | (EntityBase<'properties'> & {
      readonly properties: readonly PropertyInfo[];
      readonly overwrittenProperties: readonly string[];
      readonly defaultProperties: readonly string[];
    })
  | (EntityBase<'queries'> & { readonly queries: readonly RunningQuery[] })
  | (EntityBase<'query_descriptions'> & { readonly queryDescriptions: readonly QueryDescription[] })
  | (EntityBase<'queryDescription'> & { readonly queryDescription: QueryDescription })
  | (EntityBase<'sourceDescription'> & { readonly sourceDescription: SourceDescription })
  | (EntityBase<'source_descriptions'> & { readonly sourceDescriptions: readonly SourceDescription[] })
  | (EntityBase<'streams'> & { readonly streams: readonly SourceInfo[] })
  | (EntityBase<'tables'> & { readonly tables: readonly SourceInfo[] })
  | (EntityBase<'kafka_topics'> & { readonly topics: readonly TopicInfo[] })
  | (EntityBase<'kafka_topics_extended'> & { readonly topics: readonly TopicInfoExtended[] })
  | (EntityBase<'function_names'> & { readonly functions: readonly FunctionName[] })
  | FunctionDescriptionEntity
  | (EntityBase<'type_list'> & { readonly types: Readonly<Record<string, SchemaInfo>> })
  | (EntityBase<'variables'> & { readonly variables: readonly { readonly name: string; readonly value: string }[] })
  | (EntityBase<'connector_info'> & { readonly info: ConnectorInfo })
  | (EntityBase<'drop_connector'> & { readonly connectorName: string })
  | (EntityBase<'connector_list'> & { readonly connectors: readonly SimpleConnectorInfo[] })
  | (EntityBase<'connector_plugins_list'> & { readonly connectorsPlugins: readonly ConnectorPlugin[] })
  | (EntityBase<'connector_description'> & ConnectorDescription)
  | (EntityBase<'warning_entity'> & { readonly message: string })
  | (EntityBase<'terminate_query'> & { readonly queryId: string; readonly wasTerminated: boolean })
  | (EntityBase<'assert_topic'> & { readonly topicName: string; readonly exists: boolean })
  | (EntityBase<'assert_schema'> & {
      readonly subject: string | null;
      readonly id: number | null;
      readonly exists: boolean;
    });

export interface CommandStatusEntity extends EntityBase<'currentStatus'> {
  readonly commandId: string;
  readonly commandStatus: CommandStatus;
  readonly commandSequenceNumber: number;
}

export type CommandState = 'QUEUED' | 'PARSING' | 'EXECUTING' | 'RUNNING' | 'TERMINATED' | 'SUCCESS' | 'ERROR';
export interface CommandStatus {
  readonly status: CommandState;
  readonly message: string;
  readonly queryId: string | null;
}

export interface PropertyInfo {
  readonly name: string;
  readonly scope: string;
  readonly value: string | null;
  readonly editable: boolean;
  readonly level: 'QUERY' | 'SERVER';
}

export interface SourceInfo {
  readonly type: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly isWindowed: boolean;
}

export interface TopicInfo {
  readonly name: string;
  /** The replicas of each partition. */
  readonly replicaInfo: readonly number[];
}
export interface TopicInfoExtended extends TopicInfo {
  readonly consumerCount: number;
  readonly consumerGroupCount: number;
}

export interface FunctionName {
  readonly name: string;
  readonly type: 'SCALAR' | 'AGGREGATE' | 'TABLE';
  readonly category: string;
}
export interface FunctionDescriptionEntity extends EntityBase<'describe_function'> {
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly version: string;
  readonly path: string;
  readonly functions: readonly FunctionVariant[];
  readonly type: 'SCALAR' | 'AGGREGATE' | 'TABLE';
}
export interface FunctionVariant {
  readonly arguments: readonly FunctionArgument[];
  readonly returnType: string;
  readonly description: string;
  readonly argumentTypes: readonly string[];
}
export interface FunctionArgument {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly isVariadic: boolean;
}

export interface SchemaInfo {
  readonly type: string;
  readonly fields: readonly FieldInfo[] | null;
  readonly memberSchema: SchemaInfo | null;
  readonly parameters?: Readonly<Record<string, number>>;
}
export interface FieldInfo {
  readonly name: string;
  readonly schema: SchemaInfo;
  readonly type?: 'KEY' | 'HEADER';
  readonly headerKey?: string;
}

export type QueryState = 'RUNNING' | 'ERROR' | 'UNRESPONSIVE' | 'PAUSED';
export interface RunningQuery {
  readonly queryString: string;
  readonly sinks: readonly string[];
  readonly sinkKafkaTopics: readonly string[];
  readonly id: string;
  readonly statusCount: Readonly<Partial<Record<QueryState, number>>>;
  readonly queryType: 'PERSISTENT' | 'PUSH' | 'PULL';
  readonly state: string;
}

export interface QueryDescription {
  readonly id: string;
  readonly statementText: string;
  readonly windowType: string | null;
  readonly fields: readonly FieldInfo[];
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly topology: string;
  readonly executionPlan: string;
  readonly overriddenProperties: Properties;
  readonly ksqlHostQueryStatus: Readonly<Record<string, QueryState>>;
  readonly queryType: 'PERSISTENT' | 'PUSH' | 'PULL';
  readonly queryErrors: readonly QueryError[];
  readonly tasksMetadata: readonly TaskMetadata[];
  readonly consumerGroupId: string;
  readonly state: string | null;
}
export interface QueryError {
  readonly timestamp: number;
  readonly errorMessage: string;
  readonly type: 'USER' | 'SYSTEM' | 'UNKNOWN';
}
export interface TaskMetadata {
  readonly taskId: string;
  readonly topicOffsets: readonly {
    readonly topicPartitionEntity: { readonly topic: string; readonly partition: number };
    readonly endOffset: number;
    readonly committedOffset: number;
  }[];
  readonly timeCurrentIdlingStarted: number | null;
}

export interface SourceDescription {
  readonly name: string;
  readonly windowType: string | null;
  readonly readQueries: readonly RunningQuery[];
  readonly writeQueries: readonly RunningQuery[];
  readonly fields: readonly FieldInfo[];
  readonly type: 'STREAM' | 'TABLE';
  readonly timestamp: string;
  readonly statistics: string;
  readonly errorStats: string;
  readonly extended: boolean;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly topic: string;
  readonly partitions: number;
  readonly replication: number;
  readonly statement: string;
  readonly queryOffsetSummaries: readonly QueryOffsetSummary[];
  readonly sourceConstraints: readonly string[];
  readonly clusterStatistics: readonly Statistic[];
  readonly clusterErrorStats: readonly Statistic[];
}
export interface QueryOffsetSummary {
  readonly groupId: string;
  readonly topicSummaries: readonly {
    readonly kafkaTopic: string;
    readonly offsets: readonly {
      readonly partition: number;
      readonly logStartOffset: number;
      readonly logEndOffset: number;
      readonly consumerOffset: number;
    }[];
  }[];
}
export interface Statistic {
  readonly name: string;
  readonly host: string;
  readonly value: number;
  readonly timestamp: number;
}

export interface ConnectorInfo {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly tasks: readonly { readonly connector: string; readonly task: number }[];
  readonly type: string;
}
export interface SimpleConnectorInfo {
  readonly name: string;
  readonly type: string;
  readonly className: string;
  readonly state: string;
}
export interface ConnectorPlugin {
  readonly className: string;
  readonly type: string;
  readonly version: string;
}
export interface ConnectorDescription {
  readonly connectorClass: string;
  readonly status: {
    readonly name: string;
    readonly connector: { readonly state: string; readonly worker_id: string; readonly trace?: string };
    readonly tasks: readonly {
      readonly id: number;
      readonly state: string;
      readonly worker_id: string;
      readonly trace?: string;
    }[];
    readonly type: string;
  };
  readonly sources: readonly SourceDescription[];
  readonly topics: readonly string[];
}

/** One element of an answer to a query in the form `application/vnd.ksql.v1+json`. */
export type StreamedRow =
  | { readonly header: { readonly queryId: string; readonly schema: string; readonly protoSchema?: string } }
  | {
      readonly row: {
        readonly columns?: readonly JsonValue[];
        readonly tombstone?: true;
        readonly protobufBytes?: string;
      };
      readonly sourceHost?: string;
      readonly record?: RowRecord;
    }
  | { readonly errorMessage: ErrorBody }
  | { readonly finalMessage: string }
  | { readonly continuationToken: { readonly continuationToken: string } }
  | { readonly consistencyToken: { readonly consistencyToken: string } };

/**
 * Product-only, asked for with the request property `request.workbench.records`: the record whose processing gave a
 * row.
 */
export interface RowRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The row's event time. */
  readonly timestampMs: number;
}

export interface ServerInfo {
  readonly KsqlServerInfo: {
    readonly version: string;
    readonly kafkaClusterId: string;
    readonly ksqlServiceId: string;
    /** INITIALIZING, which ksqlDB does not know: the engine is still being opened; ksqlDB answers nothing then. */
    readonly serverStatus: 'INITIALIZING' | 'RUNNING' | 'ERROR' | 'DEGRADED';
  };
}

export interface ServerClusterId {
  readonly scope: {
    readonly path: readonly string[];
    readonly clusters: { readonly 'kafka-cluster': string; readonly 'ksql-cluster': string };
  };
  readonly id: string;
}
export interface ServerMetadata {
  readonly version: string;
  readonly clusterId: ServerClusterId;
}

export interface HealthCheckResponse {
  readonly isHealthy: boolean;
  readonly details: Readonly<Record<string, { readonly isHealthy: boolean }>>;
  readonly serverState: string;
}

/** Product-only, GET /workbench/queries: what a query has done and where it stands. Counts are since its start. */
export interface QueryStatistics {
  readonly queryId: string;
  readonly queryType: 'PERSISTENT' | 'PUSH' | 'PULL';
  readonly state: QueryState;
  readonly recordsIn: number;
  readonly rowsOut: number;
  readonly badRecords: number;
  readonly lateRecords: number;
  /** How it found its place in its topics when it went on after a restart, in sentences. */
  readonly notices: readonly string[];
  readonly rowsInPerSecond: number;
  readonly rowsOutPerSecond: number;
  /** Records not yet processed, over all partitions. */
  readonly lag: number;
  /** Entries of the state that is here, and what it takes of memory, in bytes as estimated. */
  readonly stateEntries: number;
  readonly stateBytes: number;
  readonly streamTimeMs: number | null;
  readonly positions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly endOffset: number;
  }[];
}

/** Product-only, GET /workbench/queries/<id>/late: a record that came after a window that it belongs to had closed. */
export interface LateRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Its event time, in milliseconds. */
  readonly timeMs: number;
  /** How far the event time of its query had come, in milliseconds. */
  readonly streamTimeMs: number;
}

/** Product-only, GET /workbench/topics/<name>/records: records as the log holds them. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  /** Without its window. Text, or hexadecimal digits where it is none. */
  readonly key: string | null;
  readonly window?: { readonly startMs: number; readonly endMs: number };
  readonly value: string | null;
  readonly headers: readonly { readonly key: string; readonly value: string | null }[];
}

/** Product-only, GET /workbench/processing-log. */
export interface ProcessingLogEntry {
  readonly timeMs: number;
  readonly logger: string;
  readonly message: JsonValue;
  readonly source?: { readonly topic: string; readonly partition: number; readonly offset: number };
}

/** Product-only, GET /workbench/memory: what the engine may take of memory, and who has it, in bytes as estimated. */
export interface MemoryReport {
  readonly limitBytes: number;
  readonly usedBytes: number;
  /** Whether queries pause and topics give up records for want of memory. */
  readonly full: boolean;
  readonly kinds: readonly { readonly kind: string; readonly shareBytes: number; readonly usedBytes: number }[];
  /** The greatest first. */
  readonly holders: readonly { readonly name: string; readonly kind: string; readonly usedBytes: number }[];
  readonly heapUsedBytes: number;
  readonly heapLimitBytes: number;
}
