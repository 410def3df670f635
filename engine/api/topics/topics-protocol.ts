/*
 * What the product's own endpoints about topics take and give: plain data only. ksqlDB's servers have none of them.
 */

import type { JsonValue } from '../protocol.ts';

/** POST /workbench/capture: which records of which topics; all where nothing else is said. The answer is JSON lines. */
export interface CaptureRequest {
  readonly topics: readonly string[];
  /** Only the oldest, over all topics. */
  readonly first?: number | undefined;
  /** Only the newest, over all topics. */
  readonly last?: number | undefined;
  /** Only records of this time and later, in milliseconds since the epoch. */
  readonly fromMs?: number | undefined;
  /** Only records before this time. */
  readonly toMs?: number | undefined;
}

/** POST /workbench/records: lines of a fixture file to write. */
export interface AppendRequest {
  readonly lines: readonly string[];
  /** Whether nothing behind a line that is refused is written. */
  readonly stopAtFirst?: boolean;
}

/** Why a line was not written. */
export interface AppendProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export interface AppendAnswer {
  readonly written: number;
  readonly problems: readonly AppendProblem[];
}

/** Where a view of a topic begins. Absent: with the newest million records. */
export type ViewStart =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'newest'; readonly records: number }
  /** In each partition. */
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'time'; readonly timeMs: number };

/** POST /workbench/topics/<name>/views: which records of a topic are looked at, and as what. */
export interface TopicViewRequest {
  readonly start?: ViewStart | undefined;
  /** Absent: all. */
  readonly partitions?: readonly number[] | undefined;
  /** A condition in KSQL, as behind WHERE. */
  readonly where?: string | undefined;
  /** Names of formats as PRINT has them; absent: guessed. */
  readonly keyFormat?: string | undefined;
  readonly valueFormat?: string | undefined;
}

/** What a view is over; it ends when nobody has asked it for a while. */
export interface TopicViewInfo {
  readonly id: string;
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly earliest: number; readonly latest: number }[];
  readonly formats: ViewFormats;
  /** What a condition may speak of. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isKey: boolean }[];
  /** The source that the columns are those of, where one reads the topic. */
  readonly source?: string | undefined;
}

export interface ViewFormats {
  readonly key: string;
  readonly value: string;
  /** What may be chosen. */
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** GET /workbench/topic-views/<id>?start=…&count=…: records in the order in which their times meet. */
export interface TopicViewPage {
  /** Records in the view so far. Each keeps its place; those that arrive come behind them. */
  readonly end: number;
  /** The place of the first of the records; absent in the request: the last `count` ones. */
  readonly start: number;
  readonly records: readonly ViewRecord[];
  /** Records looked at so far, and how many there are to look at. */
  readonly scanned: number;
  readonly total: number;
  /** Records that the condition's columns could not be read from. */
  readonly unreadable: number;
  /** Why no more is looked at, such as that the view is full. */
  readonly stopped?: string | undefined;
}

/** A record as texts; they may be cut, as long as the view is not asked for it alone. */
export interface ViewRecord {
  readonly place: number;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly { readonly key: string; readonly value: string | null }[];
  /** How many bytes the value has. */
  readonly valueBytes: number;
}

/** POST /workbench/topic-views/<id>/find: the next record of the view that is like this. */
export interface FindRequest {
  /** The place after which is looked; -1 for the beginning. */
  readonly after: number;
  /** With `partition`, or in any of them: this offset or the next. */
  readonly offset?: number | undefined;
  readonly partition?: number | undefined;
  /** This time or later. */
  readonly timeMs?: number | undefined;
  /** The key's text is this. */
  readonly key?: string | undefined;
  readonly header?: { readonly name: string; readonly value?: string | undefined } | undefined;
}

export interface FindAnswer {
  /** Absent: there is none behind it, as far as the topic was looked at. */
  readonly place?: number | undefined;
}

/** GET /workbench/topics/<name>/record-form: what a record to be written looks like. */
export interface TopicRecordForm {
  readonly topic: string;
  /** A JSON schema. */
  readonly schema: Readonly<Record<string, JsonValue>>;
  /** A record to begin with. */
  readonly example: Readonly<Record<string, JsonValue>>;
  /** The source whose columns it has. */
  readonly source?: string | undefined;
}

/** A record as a user writes it. */
export interface ProducedRecord {
  readonly key?: JsonValue | undefined;
  /** Null is a tombstone. */
  readonly value?: JsonValue | undefined;
  readonly headers?:
    | Readonly<Record<string, string | null>>
    | readonly { readonly name: string; readonly value?: string | null }[]
    | null
    | undefined;
  /** Milliseconds since the epoch, or a time in ISO 8601. */
  readonly timestamp?: number | string | null | undefined;
  readonly partition?: number | undefined;
}

/** POST /workbench/topics/<name>/produce: records to write. */
export interface ProduceRequest {
  readonly records: readonly ProducedRecord[];
}

/** Where a record stands in its topic. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
}

export interface ProduceAnswer {
  readonly written: number;
  /** Records that were not written, counted from 0. */
  readonly problems: readonly { readonly record: number; readonly message: string }[];
  /** Where the record stands that was written alone. */
  readonly place?: RecordPlace | undefined;
}

/** POST /workbench/test-script with a `statement`: what a test of its query begins with. */
export interface TestScript {
  /** All that the query reads, and the query. */
  readonly script: string;
  /** Topics that are written from outside. */
  readonly topics: readonly string[];
}
