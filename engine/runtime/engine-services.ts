import type { FunctionDefinition } from '../../language/functions/function.ts';
import type { Metastore } from '../../language/metastore/metastore.ts';
import type { CommandStatus } from '../api/protocol.ts';
import type { Broker, ServiceHold } from '../broker/broker.ts';
import type { Connectors } from '../connectors/connectors.ts';
import type { FileHandles } from '../files/file-handles.ts';
import type { MemoryBudget } from '../memory/memory-budget.ts';
import type { SchemaRegistry } from '../serde/registry/schema-registry.ts';
import type { ServiceCluster } from './cluster/service-cluster.ts';
import type { CommandLog } from './commands/command-log.ts';
import type { Clock } from './monitoring/clock.ts';
import type { ProcessingLogBook } from './monitoring/processing-log.ts';
import type { QueryIds } from './query-ids.ts';
import type { QueryRegistry } from './query-registry.ts';
import type { PropertyMap, QueryProperties } from './session/session-properties.ts';
import type { WorkSharing } from './shared/work-sharing.ts';

/** What statements and queries work with. */
export interface EngineServices {
  readonly broker: Broker;
  /** Absent when none is configured. */
  readonly registry?: SchemaRegistry | undefined;
  /** Those that run in this process, and those of Kafka Connect. */
  readonly connectors: Connectors;
  readonly serviceId: string;
  /** The address that clients know the server by; known when it listens. */
  hostAndPort: string;
  readonly clock: Clock;
  readonly serverProperties: PropertyMap;
  readonly queries: QueryRegistry;
  readonly queryIds: QueryIds;
  readonly commandLog: CommandLog;
  readonly commandStatuses: Map<string, CommandStatus>;
  readonly processingLog: ProcessingLogBook;
  /** What everything that grows with use shares. */
  readonly memory: MemoryBudget;
  /** The files that the state of queries is kept in. */
  readonly stateFiles: FileHandles;
  /** Where the state of queries is kept; absent: in memory only. */
  readonly stateDir?: string | undefined;
  /** `manual`: queries process only what they are given (see QueryTask.processRecord). */
  readonly drive: 'automatic' | 'manual';
  /** Topics of sinks are taken as they are: a case brings those that it compares, whatever its statements say. */
  readonly takesSinkTopics: boolean;
  /**
   * The right to run the service's queries; undefined on a broker that only this engine reaches.
   * @throws BrokerError when another engine has it
   */
  readonly hold: () => Promise<ServiceHold | undefined>;
  /** How its queries' tasks are shared with other engines of the service; absent where this engine has all of them. */
  readonly sharing?: WorkSharing | undefined;
  /** The other engines of the service, once this one looks for them. */
  cluster?: ServiceCluster;
  /**
   * The statements are the same at each start and no log brings them back: queries go on where their groups stood all
   * the same.
   */
  readonly resumesQueries: boolean;
  /** Told in a sentence what those who run the engine should know. */
  readonly onNotice: (notice: string) => void;

  /** Set once a client has terminated the cluster. */
  isTerminated: boolean;

  /** What streams, tables and types there are. Replaced as a whole by every statement that changes it. */
  metastore: Metastore;

  /** The value of a server setting: set, or its default. */
  setting(name: string): string | undefined;
  /** The settings of a request over those of the server. */
  queryProperties(own: PropertyMap): QueryProperties;
  /** All functions, built in and user-defined. */
  functions(): readonly FunctionDefinition[];
}
