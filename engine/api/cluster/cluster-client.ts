import type { KsqlClient } from '../client.ts';
import type { Entity, Properties, QueryStatistics } from '../protocol.ts';
import { type HeartbeatMessage, type LagReportingMessage, REQUEST, type StoreLags } from './cluster-protocol.ts';

/** A pull query that another engine answers for some partitions of a table. */
export interface ForwardedQuery {
  readonly sql: string;
  readonly properties: Properties;
  readonly variables: Readonly<Record<string, string>>;
  readonly partitions: readonly number[];
}

const DELIMITED = 'application/vnd.ksqlapi.delimited.v1';

/** What an engine asks another of the same service. */
export class ClusterClient {
  readonly #client: KsqlClient;

  constructor(client: KsqlClient) {
    this.#client = client;
  }

  /** Ends idle connections. */
  close(): void {
    this.#client.close();
  }

  /** @throws ClientError */
  async heartbeat(message: HeartbeatMessage, signal?: AbortSignal): Promise<void> {
    await this.#client.post('/heartbeat', message, signal);
  }

  /** @throws ClientError */
  async reportLag(message: LagReportingMessage, signal?: AbortSignal): Promise<void> {
    await this.#client.post('/lag', message, signal);
  }

  /** How far its state is, by `queryId#store`. @throws ClientError */
  async storeLags(): Promise<Readonly<Record<string, StoreLags>>> {
    return ((await this.#client.workbench('/store-lags')) ?? {}) as Record<string, StoreLags>;
  }

  /** What its queries have done, and where they stand. @throws ClientError */
  async queryStatistics(): Promise<readonly QueryStatistics[]> {
    return (await this.#client.statistics()) ?? [];
  }

  /** Its figures for Prometheus, in text form. @throws ClientError */
  metrics(): Promise<string> {
    return this.#client.text('/metrics');
  }

  /** Executes a statement there alone: the other does not ask further engines. @throws ClientError */
  async execute(ksql: string, signal?: AbortSignal): Promise<readonly Entity[]> {
    const body = { ksql, streamsProperties: {}, requestProperties: { [REQUEST.internal]: true } };
    return (await this.#client.post('/ksql', body, signal)) as readonly Entity[];
  }

  /**
   * The lines of an answer as they come: the metadata, then a row a line behind its place and a tab; an error in their
   * place is an object. @throws ClientError
   */
  lines({ sql, properties, variables, partitions }: ForwardedQuery, signal: AbortSignal): AsyncGenerator<string[]> {
    const requestProperties = {
      [REQUEST.skipForwarding]: true,
      [REQUEST.internal]: true,
      [REQUEST.partitions]: partitions.join(','),
      [REQUEST.places]: true,
    };
    const body = { sql, properties, sessionVariables: variables, requestProperties };
    return this.#client.lines('/query-stream', body, DELIMITED, signal);
  }
}
