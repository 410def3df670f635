/** The properties of a connector, as CREATE SOURCE CONNECTOR gives them. */
export type ConnectorConfig = Readonly<Record<string, string>>;

export type ConnectorState = 'RUNNING' | 'PAUSED' | 'FAILED' | 'UNASSIGNED';

/** A record that a source makes; the partition follows from the key. */
export interface SourceRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Absent: the time of writing. */
  readonly timeMs?: number | undefined;
}

/** Records to write together, and how long to wait before the next ones. */
export interface SourceChunk {
  readonly records: readonly SourceRecord[];
  readonly pauseMs: number;
}

/** Where a built-in connector's records come from. */
export interface RecordSource {
  readonly topic: string;
  /** Partitions of the topic, should it not exist yet. */
  readonly partitions: number;
  /** It ends by itself. */
  readonly isFinite: boolean;
  /** It pauses between records, for somebody who watches. */
  readonly isPaced: boolean;
  /** The records after the first `position` ones. Pulled chunk by chunk; nothing is made ahead. */
  read(position: number): AsyncIterable<SourceChunk> | Iterable<SourceChunk>;
}

/** How a connector is started. */
export interface StartOptions {
  /** What ends by itself is written without pauses, for a run that nobody watches. */
  readonly atOnce?: boolean;
}

/** A kind of built-in connector. */
export interface ConnectorPlugin {
  readonly className: string;
  readonly type: 'source';
  readonly version: string;
  /** Whether a `connector.class` means this plugin. */
  accepts(className: string): boolean;
  /** @throws ConnectorError when a property is missing or wrong */
  open(config: ConnectorConfig): Promise<RecordSource>;
}

/** A connector that cannot be made or found; the message says what to change. */
export class ConnectorError extends Error {
  readonly code: 'invalid-config' | 'exists' | 'unknown';

  constructor(message: string, code: ConnectorError['code'], options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectorError';
    this.code = code;
  }
}
