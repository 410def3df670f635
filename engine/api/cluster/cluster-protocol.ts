/**
 * What engines of one service tell one another and who watches them, as ksqlDB's servers do: GET /clusterStatus, POST
 * /heartbeat and POST /lag. A host is `name:port`.
 */

/** POST /heartbeat */
export interface HeartbeatMessage {
  readonly hostInfo: string;
  /** The sender's time. */
  readonly timestamp: number;
}

/** How far the state of a task is: records of its changelog. */
export interface LagInfo {
  readonly currentOffsetPosition: number;
  readonly endOffsetPosition: number;
  readonly offsetLag: number;
}

/** By partition. */
export interface StoreLags {
  readonly lagByPartition: Readonly<Record<string, LagInfo>>;
  readonly size?: number;
}

export interface HostStoreLags {
  /** By `queryId#store`. */
  readonly stateStoreLags: Readonly<Record<string, StoreLags>>;
  readonly updateTimeMs: number;
}

/** POST /lag */
export interface LagReportingMessage {
  readonly ksqlHost: string;
  readonly hostStoreLags: HostStoreLags;
}

export interface ActiveStandby {
  readonly activeStores: readonly string[];
  readonly activePartitions: readonly { readonly topic: string; readonly partition: number }[];
  readonly standByStores: readonly string[];
  readonly standByPartitions: readonly { readonly topic: string; readonly partition: number }[];
}

export interface HostStatusEntity {
  readonly hostAlive: boolean;
  readonly lastStatusUpdateMs: number;
  readonly activeStandbyPerQuery: Readonly<Record<string, ActiveStandby>>;
  readonly hostStoreLags: HostStoreLags;
}

/** GET /clusterStatus */
export interface ClusterStatusResponse {
  readonly clusterStatus: Readonly<Record<string, HostStatusEntity>>;
}

/** What a request says of itself (`requestProperties`) that one engine sends another, by ksqlDB's names. */
export const REQUEST = {
  /** The request comes from another engine of the service. */
  internal: 'request.ksql.internal.request',
  /** A pull query is answered by what this engine has itself. */
  skipForwarding: 'request.ksql.query.pull.skip.forwarding',
  /** The partitions of the table that are asked for, such as `0,3`. */
  partitions: 'request.ksql.query.pull.partition',
  /** Rows say where they stand among those of all engines; the workbench's own. */
  places: 'request.workbench.places',
} as const;
