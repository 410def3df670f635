import path from 'node:path';
import { FUNCTIONS } from '../language/functions/catalogue.ts';
import type { FunctionDefinition } from '../language/functions/function.ts';
import type { JavaRegex } from '../language/java/regex/java-regex.ts';
import { EMPTY_METASTORE, type Metastore } from '../language/metastore/metastore.ts';
import { findProperty } from '../language/settings/properties.ts';
import { REST_PROPERTIES } from '../language/settings/property-table.ts';
import type { ClusterClient } from './api/cluster/cluster-client.ts';
import { REQUEST } from './api/cluster/cluster-protocol.ts';
import { asEngineError, badRequest, EngineError, ERROR_CODE } from './api/errors.ts';
import type { CommandStatus, Entity, Properties } from './api/protocol.ts';
import { SERVER_VERSION } from './api/server-version.ts';
import type { ProduceAnswer, ProducedRecord, TopicRecordForm } from './api/topics/topics-protocol.ts';
import type { Broker, ServiceHold } from './broker/broker.ts';
import { nameInService } from './broker/service-names.ts';
import type { WaitClock } from './broker/wait-clock.ts';
import type { DataFiles } from './connectors/configuration/data-files.ts';
import { ConnectClient } from './connectors/connect-client.ts';
import { ConnectorRegistry } from './connectors/connector-registry.ts';
import { Connectors } from './connectors/connectors.ts';
import { SharedConnectors } from './connectors/shared-connectors.ts';
import { FileHandles } from './files/file-handles.ts';
import { SYNC_PROPERTY, syncPolicy } from './files/sync-policy.ts';
import { defaultMemoryBytes } from './memory/default-memory.ts';
import { MemoryBudget } from './memory/memory-budget.ts';
import { clusterSettings } from './runtime/cluster/cluster-settings.ts';
import { ServiceCluster } from './runtime/cluster/service-cluster.ts';
import { hostOf } from './runtime/cluster/shared-query-view.ts';
import type { CommandLog } from './runtime/commands/command-log.ts';
import { CommandStatuses } from './runtime/commands/command-statuses.ts';
import { FileCommandLog } from './runtime/commands/file-command-log.ts';
import type { EngineServices } from './runtime/engine-services.ts';
import { type Clock, SYSTEM_CLOCK } from './runtime/monitoring/clock.ts';
import { ProcessingLogBook } from './runtime/monitoring/processing-log.ts';
import type { PrintAnswer } from './runtime/print/print-topic.ts';
import type { ForwardedRequest } from './runtime/pull-query.ts';
import type { QueryAnswer } from './runtime/query-answer.ts';
import { QueryIds } from './runtime/query-ids.ts';
import { QueryRegistry } from './runtime/query-registry.ts';
import { Session } from './runtime/session/session.ts';
import {
  overrideProblem,
  type PropertyMap,
  QueryProperties,
  requestProperties,
} from './runtime/session/session-properties.ts';
import { groupOptions } from './runtime/shared/group-settings.ts';
import type { WorkSharing } from './runtime/shared/work-sharing.ts';
import { untilEnded } from './runtime/until-ended.ts';
import type { SchemaRegistry } from './serde/registry/schema-registry.ts';
import { ask, prepareQuery, type QueryEndpoint } from './statements/ask.ts';
import { CommandRunner } from './statements/command-runner.ts';
import { areOutOfTurn, executeRequest } from './statements/execute-request.ts';
import { openInserter, type RowInserter } from './statements/insert-rows.ts';
import { maskedRequest } from './statements/preparation/masked-statement.ts';
import { parseStatements } from './statements/preparation/prepare.ts';
import { openProcessingLogStream } from './statements/processing-log-stream.ts';
import { replayCommands } from './statements/replay-commands.ts';
import { terminateCluster } from './statements/terminate-cluster.ts';
import { produceRecords, topicRecordForm } from './topics/produce-records.ts';
import { TopicViews } from './topics/topic-views.ts';

export interface EngineOptions {
  readonly broker: Broker;
  readonly registry?: SchemaRegistry | undefined;
  /** Keeps queries, their state and the command log over restarts. */
  readonly stateDir?: string | undefined;
  readonly serviceId?: string | undefined;
  /** Where statements are kept; absent: in the state directory, if there is one. */
  readonly commandLog?: CommandLog | undefined;
  /** Takes the right to run the service's queries, where other engines reach the broker. */
  readonly hold?: (() => Promise<ServiceHold | undefined>) | undefined;
  /** How it shares the tasks of queries with other engines of the service. */
  readonly sharing?: WorkSharing | undefined;
  /** Where Kafka Connect answers, for connectors that are not built in. */
  readonly connectUrl?: string | undefined;
  /** How Kafka Connect is asked, where it is not over HTTP from here. */
  readonly reachConnect?: typeof fetch;
  readonly properties?: PropertyMap;
  /** What it may take of memory; the broker shares it. Absent: half of what there is. */
  readonly memory?: MemoryBudget;
  readonly clock?: Clock | undefined;
  /** The time that commands of other engines are waited for by. */
  readonly waitClock?: WaitClock | undefined;
  /** User-defined functions, by upper-case name. */
  readonly functions?: ReadonlyMap<string, FunctionDefinition> | undefined;
  /** What to end with the engine. */
  readonly onClose?: () => Promise<void>;
  /** `manual`: queries only process what they are given, for test runners. */
  readonly drive?: 'automatic' | 'manual' | undefined;
  /** Topics of sinks are there, and not as statements want them. */
  readonly takesSinkTopics?: boolean | undefined;
  /** Queries go on where their consumer groups stood, though no log says that they were there before (headless). */
  readonly resumesQueries?: boolean;
  /** Told in a sentence what those who run the engine should know, such as what a query does after a restart. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  /** Whose files connectors may read, and where a relative path begins; absent: none. */
  readonly folders?: (() => readonly string[]) | undefined;
  /** What opens the files of connectors, where that are not the files of folders. */
  readonly files?: DataFiles | undefined;
}

export interface RequestSettings {
  readonly properties?: Properties;
  /** What is said of the request, not of its statements: read as settings are, and not known to them. */
  readonly requestProperties?: Properties;
  readonly variables?: Readonly<Record<string, string>>;
  readonly commandSequenceNumber?: number | null;
}

/** What is said of a request that is none of the names for requests. */
const statementSettings = (sent: Properties = {}): Properties =>
  Object.fromEntries(Object.entries(sent).filter(([name]) => !/^request\.(?:ksql|workbench)\./.test(name)));

/** A KSQL engine: it executes statements, runs queries, and answers them. */
export class Engine {
  readonly version = SERVER_VERSION;
  readonly #services: EngineServices;
  /** Statements are executed one request after another. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Where engines share the command log. */
  readonly #commands: CommandRunner | undefined;
  #stopLog: (() => void) | undefined;
  #topicViews: TopicViews | undefined;
  readonly #onClose: (() => Promise<void>) | undefined;

  private constructor(services: EngineServices, { onClose, waitClock }: EngineOptions) {
    this.#services = services;
    const { commandLog } = services;
    this.#commands = commandLog.isShared ? new CommandRunner(services, commandLog, waitClock) : undefined;
    this.#onClose = onClose;
  }

  /** Opens an engine; with a state directory it goes on where it was stopped. */
  static async open(options: EngineOptions): Promise<Engine> {
    const { services, builtIn } = makeServices(options);
    const engine = new Engine(services, options);
    services.memory.onNotice((message) => {
      services.processingLog.notice('memory', message);
      services.onNotice(message);
    });
    await replayCommands(services);
    await builtIn.restore();
    await engine.#commands?.follow((work) => engine.#inTurn(work));
    if (services.setting('ksql.logging.processing.topic.auto.create') === 'true') {
      const isShared = services.commandLog.isShared && engine.warning === undefined;
      const execute = isShared ? (text: string) => engine.execute(text) : undefined;
      engine.#stopLog = await openProcessingLogStream(services, execute);
    }
    return engine;
  }

  get broker(): Broker {
    return this.#services.broker;
  }

  /** Where the schemas of AVRO, JSON_SR and PROTOBUF are kept. */
  get registry(): SchemaRegistry | undefined {
    return this.#services.registry;
  }

  get serviceId(): string {
    return this.#services.serviceId;
  }

  get metastore(): Metastore {
    return this.#services.metastore;
  }

  get queries(): QueryRegistry {
    return this.#services.queries;
  }

  get processingLog(): ProcessingLogBook {
    return this.#services.processingLog;
  }

  /** What clients look at of topics. */
  get topicViews(): TopicViews {
    this.#topicViews ??= new TopicViews(this.#services);
    return this.#topicViews;
  }

  /** What a record of a topic looks like that is to be written. @throws EngineError */
  recordForm(topic: string): Promise<TopicRecordForm> {
    return topicRecordForm(this.#services, topic);
  }

  /** Writes records into a topic, by the columns of its source where it has one. @throws EngineError */
  produce(topic: string, records: readonly ProducedRecord[]): Promise<ProduceAnswer> {
    return produceRecords(this.#services, topic, records, this.#services.clock.nowMs());
  }

  /** What the engine may take of memory, and who has it. */
  get memory(): MemoryBudget {
    return this.#services.memory;
  }

  get commandStatuses(): ReadonlyMap<string, CommandStatus> {
    return this.#services.commandStatuses;
  }

  /**
   * It is reached at this address from now on, which answers name as this server's; one that it was given for other
   * engines counts before it.
   * @returns the address that counts
   */
  listensAt(hostAndPort: string): string {
    const endpoint = this.#services.sharing?.endpoint();
    this.#services.hostAndPort = endpoint === undefined ? hostAndPort : hostOf(endpoint);
    return this.#services.hostAndPort;
  }

  /** The engines of the service as this one sees them; absent where it has them not looked for. */
  get cluster(): ServiceCluster | undefined {
    return this.#services.cluster;
  }

  /**
   * Has it look for the other engines of its service, and speak with them, where it shares work or a setting says so.
   * @param reach what asks the engine at a URL
   * @param threads what asks the engines in other threads of this process, by their ids as members of groups
   */
  openCluster(
    reach: (endpoint: string) => ClusterClient,
    threads: ReadonlyMap<string, ClusterClient> = new Map(),
  ): void {
    const services = this.#services;
    const settings = clusterSettings(services.setting);
    if (services.sharing === undefined && settings.heartbeat === undefined) return;
    services.cluster = new ServiceCluster({
      self: services.hostAndPort,
      settings,
      queries: () => services.queries.shared(),
      reach,
      threads,
      nowMs: () => services.clock.nowMs(),
    });
    services.cluster.start();
  }

  /**
   * Executes statements that are no queries; either all of them are acceptable, or none is executed.
   *
   * @returns the entities of the statements that have an answer
   * @throws EngineError; its `entities` are those of the statements that were executed before
   */
  async execute(text: string, settings: RequestSettings = {}): Promise<readonly Entity[]> {
    const isInternal = settings.requestProperties?.[REQUEST.internal] === true;
    const work = async (commands?: CommandRunner) => {
      const context = { services: this.#services, session: this.#statementSession(text, settings), isInternal };
      await this.#whenReached(settings);
      return executeRequest(parseStatements(text, context), context, commands);
    };
    if (isInternal && this.#isOutOfTurn(text)) return work();
    const commands = this.#commands;
    if (commands !== undefined) {
      this.#statementSession(text, settings);
      await this.#whenReached(settings);
    }
    const entities = await this.#inTurn(() => work(commands));
    const message = commands?.warning;
    return message === undefined ? entities : entities.map((entity) => ({ ...entity, warnings: [{ message }] }));
  }

  /**
   * Starts a SELECT or PRINT and answers with its rows as they come.
   * @param settings `forwarded`: another engine asks for what this one has of a table
   * @throws EngineError
   */
  async ask(
    text: string,
    settings: RequestSettings & {
      readonly endpoint?: QueryEndpoint;
      readonly forwarded?: ForwardedRequest | undefined;
    } = {},
  ): Promise<QueryAnswer | PrintAnswer> {
    const { endpoint = 'query-stream', forwarded } = settings;
    const session = this.#querySession(text, settings, endpoint);
    await this.#whenReached(settings);
    return ask(text, endpoint, { services: this.#services, session }, forwarded);
  }

  /** Ends a push query. @throws EngineError when there is none with that id */
  async closeQuery(queryId: string): Promise<void> {
    const query = this.queries.get(queryId);
    if (query?.type !== 'PUSH') throw badRequest(`No query with id ${queryId}`);
    await this.queries.remove(queryId, { deleteState: true });
  }

  /** What writes rows into a source, for /inserts-stream. @throws EngineError */
  openInserter(target: string, _properties: Properties): Promise<RowInserter> {
    return openInserter(target, this.#services);
  }

  /** Whether a client has terminated the cluster, which ends whoever serves it. */
  get isTerminated(): boolean {
    return this.#services.isTerminated;
  }

  /** Why a property may not be set, or undefined when it may. */
  propertyProblem(name: string): string | undefined {
    return overrideProblem(name, this.#services.serverProperties);
  }

  /**
   * Stops all queries, deletes the topics of sources that match a pattern, and forgets all statements.
   * @throws EvaluationError, before anything is done, when a pattern takes too many steps
   */
  terminateCluster(patterns: readonly JavaRegex[]): Promise<readonly Entity[]> {
    const commands = this.#commands;
    return this.#inTurn(async () => [
      await (commands?.terminateCluster(patterns) ?? terminateCluster(this.#services, patterns)),
    ]);
  }

  /** Why statements that would change it are refused, if they are. */
  get warning(): string | undefined {
    return this.#commands?.warning;
  }

  /** Stops everything; with a state directory it can be opened again. */
  async close(): Promise<void> {
    this.#commands?.close();
    await untilEnded(this.#endWork(), this.broker, this.#services.onNotice);
    await this.broker.close();
    this.#services.commandLog.close?.();
    this.memory.close();
    await this.#onClose?.();
  }

  async #endWork(): Promise<void> {
    await this.#turn;
    this.#stopLog?.();
    this.cluster?.close();
    await this.#topicViews?.closeAll();
    await this.#services.connectors.close();
    await this.queries.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #session({ properties = {}, variables = {} }: RequestSettings, endpoint: 'ksql' | QueryEndpoint): Session {
    const sent = endpoint === 'query-stream' ? withoutSubstitutionSwitch(properties) : properties;
    return new Session(requestProperties(sent, this.#services.serverProperties, endpoint), sent, variables);
  }

  /** The older endpoint prepares the statement before it looks at settings. */
  #querySession(text: string, settings: RequestSettings, endpoint: QueryEndpoint): Session {
    const { properties = {}, variables = {} } = settings;
    try {
      if (endpoint !== 'query-stream') this.#checkRequestProperties(settings);
      return this.#session(settings, endpoint);
    } catch (error) {
      const session = new Session(new Map(), properties, variables);
      if (endpoint === 'query') prepareQuery(text, endpoint, { services: this.#services, session });
      throw error;
    }
  }

  #checkRequestProperties({ requestProperties: sent }: RequestSettings): void {
    try {
      requestProperties(statementSettings(sent), this.#services.serverProperties, 'query');
    } catch (error) {
      // It is asked for them only while the query is under way, where nothing is expected to be wrong.
      const { message } = asEngineError(error);
      throw Object.assign(new EngineError(ERROR_CODE.serverError, message), { duringAnalysis: true });
    }
  }

  #isOutOfTurn(text: string): boolean {
    try {
      return areOutOfTurn(parseStatements(text, { services: this.#services, session: Session.empty() }));
    } catch {
      return false;
    }
  }

  /** The text of a request without secrets, where it can be read as statements. */
  #masked(text: string): string {
    try {
      return maskedRequest(parseStatements(text, { services: this.#services, session: Session.empty() }));
    } catch {
      return text;
    }
  }

  /** A property that nobody knows is the server's fault there, and is reported with the whole request. */
  #statementSession(text: string, settings: RequestSettings): Session {
    try {
      requestProperties(statementSettings(settings.requestProperties), this.#services.serverProperties, 'ksql');
      return this.#session(settings, 'ksql');
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== ERROR_CODE.serverError) throw error;
      throw new EngineError(error.code, error.message, { statementText: this.#masked(text) });
    }
  }

  /**
   * Waits until a command was carried out that another engine may have written. Those of an engine by itself are
   * carried out before they are answered, so a sequence number is either reached or never will be.
   * @throws EngineError
   */
  async #whenReached({ commandSequenceNumber }: RequestSettings): Promise<void> {
    if (commandSequenceNumber === undefined || commandSequenceNumber === null) return;
    const last = (this.#commands ?? this.#services.commandLog).lastSequence;
    if (commandSequenceNumber <= last || (await this.#commands?.whenCarriedOut(commandSequenceNumber))) return;
    const message = `Timed out while waiting for a previous command to execute. command sequence number: ${commandSequenceNumber}`;
    throw new EngineError(ERROR_CODE.commandSequenceTimeout, message);
  }
}

/** On /query-stream variables are replaced whatever the request says. */
function withoutSubstitutionSwitch({ 'ksql.variable.substitution.enable': _, ...rest }: Properties): Properties {
  return rest;
}

/** Engines that run one file of statements have the same connectors, each of which runs in one of them. */
function sharedConnectors({
  broker,
  sharing,
  resumesQueries,
  serviceId = 'default_',
  properties = new Map(),
}: EngineOptions): SharedConnectors | undefined {
  if (sharing === undefined || !resumesQueries || broker.joinGroup === undefined) return undefined;
  const group = nameInService(serviceId, 'connectors');
  const settings = groupOptions(group, new QueryProperties(new Map(), properties), sharing);
  return new SharedConnectors((callbacks) => broker.joinGroup!(settings, callbacks));
}

function makeServices(options: EngineOptions): {
  readonly services: EngineServices;
  readonly builtIn: ConnectorRegistry;
} {
  const {
    broker,
    registry,
    stateDir,
    folders,
    files,
    functions,
    clock = SYSTEM_CLOCK,
    properties = new Map(),
  } = options;
  const inState = (name: string) => (stateDir === undefined ? undefined : path.join(stateDir, name));
  const stateFile = inState('connectors.json');
  const builtIn = new ConnectorRegistry({
    broker,
    shared: sharedConnectors(options),
    registry,
    stateFile,
    folders,
    files,
  });
  const setting = (name: string) => properties.get(name) ?? (findProperty(name) ?? REST_PROPERTIES.get(name))?.default;
  const configuredConnect = options.connectUrl ?? properties.get('ksql.connect.url');
  const connect = new ConnectClient(configuredConnect ?? setting('ksql.connect.url') ?? 'http://localhost:8083', {
    reach: options.reachConnect,
  });
  const memory = options.memory ?? new MemoryBudget(defaultMemoryBytes());
  const services: EngineServices = {
    broker,
    registry,
    connectors: new Connectors(builtIn, { client: connect, isConfigured: configuredConnect !== undefined }),
    serviceId: options.serviceId ?? setting('ksql.service.id') ?? 'default_',
    isTerminated: false,
    hostAndPort: 'localhost:8088',
    clock,
    serverProperties: properties,
    queries: new QueryRegistry(),
    queryIds: new QueryIds(),
    commandLog:
      options.commandLog ??
      new FileCommandLog(inState('commands.jsonl'), { sync: syncPolicy(properties.get(SYNC_PROPERTY)) }),
    hold: options.hold ?? (async () => undefined),
    sharing: options.sharing,
    commandStatuses: new CommandStatuses(),
    stateFiles: new FileHandles(),
    memory,
    processingLog: new ProcessingLogBook(
      clock,
      properties.get('ksql.logging.processing.rows.include') === 'true',
      memory,
    ),
    stateDir,
    drive: options.drive ?? 'automatic',
    takesSinkTopics: options.takesSinkTopics ?? false,
    resumesQueries: options.resumesQueries ?? false,
    onNotice: options.onNotice ?? (() => undefined),
    metastore: functions === undefined ? EMPTY_METASTORE : { ...EMPTY_METASTORE, functions },
    setting,
    queryProperties: (own) => new QueryProperties(own, properties),
    functions: () => [...(functions?.values() ?? []), ...FUNCTIONS.values()],
  };
  return { services, builtIn };
}
