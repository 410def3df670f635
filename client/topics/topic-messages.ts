/*
 * What the tab of a topic and its web page tell each other: plain data only. The rows are pages of the grid that
 * results have, too; places are those of the engine's view.
 */
import type { Display } from '../results/display.ts';
import type { ColumnInfo, CopyRequest, Page, PageRequest, RowDetail } from '../results/messages.ts';

/** What stands around the records. */
export interface TopicSummary {
  readonly topic: string;
  readonly partitions: number;
  readonly columns: readonly ColumnInfo[];
  /** The condition that holds, and what is wrong with the one that was asked for. */
  readonly where: string;
  readonly whereError?: string | undefined;
  /** What a condition may speak of. */
  readonly names: readonly string[];
  /** Whether the engine has told the figures below. */
  readonly isKnown: boolean;
  /** Records in the view, looked at, and to look at. */
  readonly records: number;
  readonly scanned: number;
  readonly total: number;
  /** Records that are not in the view whatever the condition says, such as those before its begin. */
  readonly unseen: number;
  readonly unreadable: number;
  readonly stopped?: string | undefined;
  /** What was chosen, in words: where it begins, which partitions, and the formats. */
  readonly begin: string;
  readonly chosenPartitions: string;
  readonly formats: string;
  /** Why there is nothing to see; `canPrint` where the server can at least print the topic. */
  readonly problem?: { readonly message: string; readonly canPrint: boolean } | undefined;
}

/** Buttons that ask for more than they say: VS Code's own choices and boxes do that. */
export type TopicAction =
  | 'goTo'
  | 'goToNext'
  | 'begin'
  | 'partitions'
  | 'formats'
  | 'produce'
  | 'capture'
  | 'print'
  | 'retry';

/** A field of the form of a record. */
export interface RecordField {
  readonly part: 'key' | 'value';
  /** The column that it fills in, as records name it; absent where it is the key or the value as a whole. */
  readonly column?: string | undefined;
  readonly name: string;
  /** As KSQL writes it; empty where it is not known. */
  readonly type: string;
  /** `raw` is text whose emptiness counts; in all others an empty field is NULL. */
  readonly input: 'text' | 'number' | 'decimal' | 'checkbox' | 'json' | 'raw';
  /** What may stand there. */
  readonly hint: string;
}

/** What stands in the form of a record. */
export interface FilledRecord {
  /** By the places of the fields; `true` and `false` of boxes. */
  readonly texts: readonly string[];
  readonly timestamp: string;
  readonly partition: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly isTombstone: boolean;
}

/** What is wrong with a record: at the place of a field, at another part of the form, or as a whole. */
export interface FormProblem {
  readonly at?: number | 'timestamp' | 'partition' | 'headers' | undefined;
  readonly message: string;
}

export type ToTopicPage =
  | { readonly kind: 'display'; readonly display: Display }
  | { readonly kind: 'summary'; readonly summary: TopicSummary }
  /** The view is another one: what was shown of the last means nothing any more. */
  | { readonly kind: 'renewed' }
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'detail'; readonly detail: RowDetail }
  /** A record was found: it is to be shown and selected. */
  | { readonly kind: 'reveal'; readonly place: number }
  /** The form of a record is to be open. */
  | { readonly kind: 'form'; readonly fields: readonly RecordField[] }
  /** What became of the record in the form: where it stands, in words, or what is wrong with it. */
  | { readonly kind: 'produced'; readonly written: string; readonly problems: readonly FormProblem[] };

export type FromTopicPage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'page'; readonly request: PageRequest }
  | { readonly kind: 'detail'; readonly place: number }
  | { readonly kind: 'where'; readonly text: string }
  | { readonly kind: 'selected'; readonly place: number }
  | { readonly kind: 'copy'; readonly request: CopyRequest }
  | { readonly kind: 'produce' | 'editAsJson'; readonly filled: FilledRecord }
  | { readonly kind: 'action'; readonly action: TopicAction };
