import type { KsqlClient } from '../../engine/api/client.ts';
import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { CONNECTION_TRAITS, type Connection } from './connection.ts';
import type { RunningEngine } from './running-engine.ts';

/** What becomes of topics, definitions and offsets when the server ends. */
export type Keeping =
  /** They are there again when it starts anew: in a state directory, in Kafka, on a server of its own. */
  | { readonly kind: 'kept' }
  /** They end with it; `reason` says why in a sentence. It is unexpected where the settings say otherwise. */
  | { readonly kind: 'in-memory'; readonly reason: string; readonly isUnexpected: boolean };

/** How a session ended: `crashed` is what nobody asked for. */
export interface SessionEnd {
  readonly kind: 'stopped' | 'crashed';
  /** Goes on after a colon. */
  readonly reason: string;
}

/** What a session begins with. */
export interface SessionStart {
  readonly connection: Connection;
  readonly client: KsqlClient;
  /** Where the server was started from here. */
  readonly engine?: RunningEngine;
  readonly keeping: Keeping;
  /** By what Kafka knows the engine's queries and statements, where it is on Kafka. */
  readonly serviceId?: string;
}

/**
 * One life of a server as it is seen from here: from when it was connected to until it is gone or left. What is only
 * true of that life belongs to it, such as the numbers of its commands, the marks behind statements and what ran: an
 * engine that was started again is another session.
 */
export class ServerSession {
  readonly connection: Connection;
  readonly client: KsqlClient;
  readonly engine: RunningEngine | undefined;
  readonly keeping: Keeping;
  readonly serviceId: string | undefined;
  readonly #ended = Promise.withResolvers<SessionEnd>();
  readonly whenEnded: Promise<SessionEnd> = this.#ended.promise;
  /** What the server had when it was last asked. */
  snapshot: MetastoreSnapshot | undefined;
  /** What of a snapshot a server is asked for once; empty until it has told. */
  askedOnce: Pick<MetastoreSnapshot, 'cluster' | 'functions' | 'names'> = {};
  /** The sources with schemas in a registry, when the server was last asked. */
  registeredSources = '';
  /** The last command sent to it: the statements that follow wait until that was executed. */
  commandSequenceNumber: number | undefined;
  end: SessionEnd | undefined;

  constructor({ connection, client, engine, keeping, serviceId }: SessionStart) {
    this.connection = connection;
    this.client = client;
    this.engine = engine;
    this.keeping = keeping;
    this.serviceId = serviceId;
  }

  /** Whether rows know their records and queries tell figures: whether the engine is ours. */
  get isOurEngine(): boolean {
    return CONNECTION_TRAITS[this.connection.kind].isOurEngine;
  }

  /** Marks it as gone, before or after the process is. */
  close(end: SessionEnd): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.client.close();
    this.#ended.resolve(end);
  }
}
