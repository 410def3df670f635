import type { FunctionDefinition } from '../functions/function.ts';
import type { Schema } from '../types/schema.ts';
import type { SqlType } from '../types/sql-type.ts';

export type SourceKind = 'STREAM' | 'TABLE';
export type FormatName = 'NONE' | 'KAFKA' | 'DELIMITED' | 'JSON' | 'JSON_SR' | 'AVRO' | 'PROTOBUF' | 'PROTOBUF_NOSR';

/** A serialization format with its properties, for keys or for values. */
export interface FormatInfo {
  readonly name: FormatName;
  /** DELIMITED: the delimiter character itself (TAB and SPACE resolved). */
  readonly delimiter?: string | undefined;
  readonly schemaFullName?: string | undefined;
  readonly schemaId?: number | undefined;
  readonly nullableRepresentation?: 'OPTIONAL' | 'WRAPPER' | undefined;
  /** PROTOBUF: google's wrapper messages appear as plain primitives. */
  readonly unwrapPrimitives?: boolean | undefined;
  /**
   * How a single column is laid out, where that was chosen explicitly or by server default; absent: the format's
   * default.
   */
  readonly wrapping?: 'WRAP_SINGLES' | 'UNWRAP_SINGLES';
}

/**
 * The windows there are, and what bounds one of them: its start and the size that all have, or both of its ends, which
 * are then in its keys. Keys of one kind can be compared with each other.
 */
export const WINDOW_TYPES = { TUMBLING: 'time', HOPPING: 'time', SESSION: 'session' } as const;

export type WindowType = keyof typeof WINDOW_TYPES;
export type WindowBounds = (typeof WINDOW_TYPES)[WindowType];

/** The windowing of a source's keys. */
export interface WindowInfo {
  readonly type: WindowType;
  /** Absent for SESSION. */
  readonly sizeMs?: number;
}

/** A registered stream or table. */
export interface DataSource {
  readonly name: string;
  readonly kind: SourceKind;
  readonly schema: Schema;
  readonly topic: string;
  readonly keyFormat: FormatInfo;
  readonly valueFormat: FormatInfo;
  readonly window?: WindowInfo | undefined;
  /** The column that WITH (TIMESTAMP=…) names. */
  readonly timestamp?: { readonly column: string; readonly format?: string };
  /** Declared with SOURCE: read-only. */
  readonly readOnly: boolean;
  /** Made by CREATE … AS SELECT. */
  readonly createdAs: boolean;
  /**
   * CREATE … AS SELECT: the sources its query reads. They cannot be dropped before this one, even once the query has
   * ended.
   */
  readonly readsFrom?: readonly string[];
  readonly partitions?: number | undefined;
  readonly replicas?: number;
  readonly retentionMs?: number | undefined;
  /** The statement that made it, as ksqlDB's formatter prints it. */
  readonly statementText: string;
  /** The columns are not known without a schema registry that has not been asked (editor without a connection). */
  readonly incomplete?: boolean;
}

/** What the metastore needs to know of a running persistent query. */
export interface QueryInfo {
  readonly id: string;
  readonly kind: 'create-as' | 'insert' | 'source-table';
  readonly sources: readonly string[];
  readonly sink: string;
  readonly statementText: string;
  /** What a query that replaces it has to have too; absent where only a server knows. */
  readonly steps?: readonly QueryStep[];
}

/** A step of ksqlDB's plan of a query, as far as CREATE OR REPLACE looks at it. */
export interface QueryStep {
  /** ksqlDB's name of such steps. */
  readonly type: string;
  /** The clause that it comes from. */
  readonly clause: 'items' | 'from' | 'where' | 'window' | 'groupBy' | 'having' | 'partitionBy';
  /**
   * `passive` steps may come and go, `matched` ones and the source must stay; with an `unsupported` one nothing can be
   * replaced.
   */
  readonly role: 'passive' | 'matched' | 'source' | 'unsupported';
  readonly isJoin?: boolean;
  /** What has to be the same, by ksqlDB's name of it. */
  readonly must: Readonly<Record<string, string>>;
}

export interface TopicInfo {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly retentionMs?: number | undefined;
}

/** A schema that the registry holds for a topic, translated to columns; what inference needs. */
export interface RegisteredSchema {
  readonly subject: string;
  readonly id: number;
  readonly format: FormatName;
  /** A record gives several columns, a primitive one. Names keep the case of the schema. */
  readonly root: SqlType;
  /** PROTOBUF: full names of the messages, when there is more than one. */
  readonly definitions?: readonly string[];
  /** Why KSQL cannot use the schema; then `root` means nothing. */
  readonly problem?: string;
}

/**
 * Everything that statements can refer to, as an immutable value. The engine replaces it with each DDL statement; the
 * editor overlays a script's own CREATE statements on a snapshot of the connected server's.
 */
export interface Metastore {
  readonly sources: ReadonlyMap<string, DataSource>;
  readonly types: ReadonlyMap<string, SqlType>;
  readonly queries: ReadonlyMap<string, QueryInfo>;
  /** Undefined when no broker is connected: then nothing about topics can be an error. */
  readonly topics?: ReadonlyMap<string, TopicInfo> | undefined;
  /** Finds the registered schema of a subject (latest, or by id); undefined when no registry is connected. */
  readonly schemas?: {
    latest(subject: string, fullName?: string): RegisteredSchema | undefined;
    byId(id: number, fullName?: string): RegisteredSchema | undefined;
  };
  /**
   * The sources that a script makes, as a server has them that ran it: they tell the columns that only its registry
   * knows.
   */
  readonly asRun?: ReadonlyMap<string, DataSource>;
  /** The sources that statements of a project's files make, whose queries are not among those of the server. */
  readonly madeByFiles?: { has(source: string): boolean };
  /** User-defined functions, by upper-case name; the built-in catalogue is always there. */
  readonly functions?: ReadonlyMap<string, FunctionDefinition> | undefined;
}

export const EMPTY_METASTORE: Metastore = { sources: new Map(), types: new Map(), queries: new Map() };
