import path from 'node:path';
import type { AnalyzedSelect } from '../language/analysis/analyzed.ts';
import { EMPTY_METASTORE, type Metastore } from '../language/analysis/metastore.ts';
import { findProperty } from '../language/analysis/properties.ts';
import { FUNCTIONS } from '../language/functions/index.ts';
import type { Broker } from './broker/broker.ts';
import { ConnectorRegistry } from './connectors/connector-registry.ts';
import { asEngineError, badRequest, EngineError, ERROR_CODE } from './errors.ts';
import type { CommandStatus, Entity, Properties } from './rest/protocol.ts';
import { type Clock, SYSTEM_CLOCK } from './runtime/clock.ts';
import { CommandLog } from './runtime/command-log.ts';
import type { EngineServices } from './runtime/engine-services.ts';
import { type PrintAnswer, printTopic } from './runtime/print-topic.ts';
import { ProcessingLogBook } from './runtime/processing-log.ts';
import { openProcessingLogStream } from './runtime/processing-log-stream.ts';
import { askTable } from './runtime/pull-query.ts';
import { startTransientQuery } from './runtime/push-query.ts';
import type { QueryAnswer } from './runtime/query-answer.ts';
import { QueryIds } from './runtime/query-ids.ts';
import { QueryRegistry } from './runtime/query-registry.ts';
import { Session } from './runtime/session.ts';
import { overrideProblem, type PropertyMap, QueryProperties, requestProperties } from './runtime/session-properties.ts';
import type { SchemaRegistry } from './serde/schema-registry.ts';
import { handlerOf } from './statements/handlers.ts';
import { openInserter, type RowInserter } from './statements/insert-rows.ts';
import { parseStatements, prepareStatement } from './statements/prepare.ts';
import type { ExecutionContext, PreparedStatement, Sandbox } from './statements/statement-handler.ts';

/** The version of ksqlDB whose API and behaviour this engine has. */
const VERSION = '7.9.9';

export interface EngineOptions {
  readonly broker: Broker;
  readonly registry?: SchemaRegistry;
  /** Keeps queries, their state and the command log over restarts. */
  readonly stateDir?: string;
  readonly serviceId?: string;
  readonly connectUrl?: string;
  readonly properties?: PropertyMap;
  readonly clock?: Clock;
  /** `manual`: queries only process what they are given, for test runners. */
  readonly drive?: 'automatic' | 'manual';
  /** Where connectors look for files that they name by a relative path. */
  readonly folders?: () => readonly string[];
}

export interface RequestSettings {
  readonly properties?: Properties;
  readonly variables?: Readonly<Record<string, string>>;
  readonly commandSequenceNumber?: number | null;
  readonly endpoint?: 'query' | 'query-stream' | 'websocket';
}

/** A KSQL engine: it executes statements, runs queries, and answers them. */
export class Engine {
  readonly version = VERSION;
  readonly #services: EngineServices;
  /** Statements are executed one request after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopLog: (() => void) | undefined;

  private constructor(services: EngineServices) {
    this.#services = services;
  }

  /** Opens an engine; with a state directory it goes on where it was stopped. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(makeServices(options));
    await engine.#restore();
    if (engine.#services.setting('ksql.logging.processing.topic.auto.create') === 'true')
      engine.#stopLog = await openProcessingLogStream(engine.#services);
    return engine;
  }

  get broker(): Broker {
    return this.#services.broker;
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

  get commandStatuses(): ReadonlyMap<string, CommandStatus> {
    return this.#services.commandStatuses;
  }

  /** The address that answers name as this server's. */
  set hostAndPort(address: string) {
    (this.#services as { hostAndPort: string }).hostAndPort = address;
  }

  /**
   * Executes statements. All of them are checked first, each against what those before it will have made; only then are they
   * carried out, one by one.
   *
   * @returns the entities of the statements that have an answer.
   * @throws EngineError; its `entities` are those of the statements that were executed before.
   */
  execute(text: string, settings: RequestSettings = {}): Promise<readonly Entity[]> {
    return this.#inTurn(async () => {
      const session = this.#session(settings, 'ksql');
      this.#checkSequence(settings);
      const statements = parseStatements(text, this.#services, session);
      await this.#validate(statements, session.copy());
      const entities: Entity[] = [];
      for (const statement of statements) {
        try {
          const { prepared } = await prepareStatement(statement, this.#services.metastore, this.#services, session);
          const entity = await this.#carryOut(prepared, { services: this.#services, session });
          if (entity !== undefined) entities.push(entity);
        } catch (error) {
          const failure = asEngineError(error);
          failure.entities = entities;
          throw failure;
        }
      }
      return entities;
    });
  }

  /** Starts a query or PRINT and answers with its rows as they come. @throws EngineError */
  async ask(text: string, settings: RequestSettings = {}): Promise<QueryAnswer | PrintAnswer> {
    const { endpoint = 'query-stream' } = settings;
    if (text.trim() === '') throw badRequest('"ksql" field must be populated');
    const session = this.#session(settings, endpoint);
    this.#checkSequence(settings);
    const statements = withStatementText(() => parseStatements(text, this.#services, session));
    if (statements.length !== 1)
      throw badRequest(`Expected exactly one KSQL statement; found ${statements.length} instead`);
    const [statement] = statements;
    const { node } = statement!;
    if (node?.$type === 'PrintTopic') return printTopic(node, statement!.text, this.broker);
    if (node !== undefined && node.$type !== 'Query')
      throw badRequest(`Statement type ${node.$type} not supported for this resource`);
    const { prepared } = await prepareStatement(statement!, this.#services.metastore, this.#services, session);
    const { query } = prepared.analyzed as AnalyzedSelect;
    const isTable = query.output.kind === 'TABLE' && query.kind === 'pull';
    if (isTable) return askTable(query, prepared.text, this.#services);
    const properties = this.#services.queryProperties(new Map(session.properties));
    const overriddenProperties = session.overriddenProperties();
    return startTransientQuery(
      { query, statementText: prepared.text, properties, overriddenProperties },
      this.#services,
    );
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

  /** Why a property may not be set, or undefined when it may. */
  propertyProblem(name: string): string | undefined {
    return overrideProblem(name, this.#services.serverProperties);
  }

  /** Stops all queries, deletes the topics of sources that match a pattern, and forgets all statements. */
  terminateCluster(patterns: readonly RegExp[]): Promise<readonly Entity[]> {
    return this.#inTurn(async () => {
      const services = this.#services;
      for (const query of this.queries.all()) await this.queries.remove(query.id, { deleteState: true });
      const topics = new Set([...services.metastore.sources.values()].map(({ topic }) => topic));
      for (const topic of topics) {
        if (patterns.some((pattern) => pattern.test(topic)))
          await services.broker.deleteTopic(topic).catch(() => undefined);
      }
      services.metastore = EMPTY_METASTORE;
      services.commandLog.clear();
      const commandStatus: CommandStatus = {
        status: 'QUEUED',
        message: 'Statement written to command topic',
        queryId: null,
      };
      const commandId = 'terminate/CLUSTER/execute';
      services.commandStatuses.set(commandId, commandStatus);
      return [
        {
          '@type': 'currentStatus',
          statementText: 'TERMINATE CLUSTER;',
          commandId,
          commandStatus,
          commandSequenceNumber: services.commandLog.lastSequence,
          warnings: [],
        },
      ];
    });
  }

  /** Stops everything; with a state directory it can be opened again. */
  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    this.#stopLog?.();
    await this.#services.connectors.close();
    await this.queries.close();
    await this.broker.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #session(
    { properties = {}, variables = {} }: RequestSettings,
    endpoint: 'ksql' | 'query' | 'query-stream' | 'websocket',
  ): Session {
    const { own, known } = splitOwn(properties);
    const checked = requestProperties(known, this.#services.serverProperties, endpoint);
    return new Session(new Map([...checked, ...own]), properties, variables);
  }

  /** Commands are carried out before they are answered, so a sequence number is either reached or never will be. */
  #checkSequence({ commandSequenceNumber }: RequestSettings): void {
    if (
      commandSequenceNumber === undefined ||
      commandSequenceNumber === null ||
      commandSequenceNumber <= this.#services.commandLog.lastSequence
    )
      return;
    throw new EngineError(
      ERROR_CODE.commandSequenceTimeout,
      `Timed out while waiting for a previous command to execute. command sequence number: ${commandSequenceNumber}`,
    );
  }

  /** Tries the statements out on a copy of what there is. @throws EngineError */
  async #validate(statements: ReturnType<typeof parseStatements>, session: Session): Promise<void> {
    const sandbox: Sandbox = {
      metastore: this.#services.metastore,
      queryIds: new QueryIds(this.#services.queryIds.next),
      session,
      services: this.#services,
      terminated: new Set(),
    };
    for (const [i, statement] of statements.entries()) {
      const { prepared, metastore } = await prepareStatement(
        statement,
        sandbox.metastore,
        this.#services,
        session,
        `SANDBOX_${i}`,
      );
      const { $type } = prepared.node;
      if ($type === 'Query' || $type === 'PrintTopic') {
        const what = $type === 'Query' ? 'SELECT' : 'PRINT';
        throw new EngineError(
          ERROR_CODE.queryEndpoint,
          `The following statement types should be issued to the websocket endpoint '/query':\n\t* PRINT\n\t* SELECT\nThis is a ${what} statement.`,
          { statementText: statement.text },
        );
      }
      const handler = handlerOf(prepared.node);
      if (handler === undefined) throw badRequest(`Do not know how to execute ${$type}.`);
      await handler.validate?.(prepared, sandbox);
      // Handlers that change the sandbox themselves have done so; for the others analysis says what there is after the statement.
      if (sandbox.metastore === undefined || handler.validate === undefined) sandbox.metastore = metastore;
      if (
        $type === 'SetProperty' ||
        $type === 'UnsetProperty' ||
        $type === 'DefineVariable' ||
        $type === 'UndefineVariable'
      ) {
        await handler.execute(prepared, { services: this.#services, session });
      }
    }
  }

  async #carryOut(prepared: PreparedStatement, context: ExecutionContext): Promise<Entity | undefined> {
    return handlerOf(prepared.node)!.execute(prepared, context);
  }

  /** Executes the command log again. A statement that no longer works is left out, and the others go on. */
  async #restore(): Promise<void> {
    const services = this.#services;
    for (const command of services.commandLog.commands) {
      const session = new Session(new Map(Object.entries(command.properties)), command.properties, {});
      const [statement] = parseStatements(command.statement, services, session);
      const replay = command.queryId === undefined ? {} : { queryId: command.queryId };
      const number = /_(\d+)$/.exec(command.queryId ?? '')?.[1];
      if (number !== undefined) services.queryIds.skipTo(Number(number) + 1);
      try {
        const { prepared } = await prepareStatement(statement!, services.metastore, services, session);
        await this.#carryOut(prepared, { services, session, replay });
      } catch (error) {
        services.processingLog.write('restore', {
          type: 4,
          deserializationError: null,
          recordProcessingError: null,
          productionError: null,
          serializationError: null,
          kafkaStreamsThreadError: {
            errorMessage: asEngineError(error).message,
            threadName: command.statement,
            cause: [],
          },
        });
      }
    }
    await services.connectors.restore();
  }
}

/** Settings of this product, which ksqlDB's own tables do not know. */
function splitOwn(properties: Properties): {
  readonly own: readonly (readonly [string, string])[];
  readonly known: Properties;
} {
  const isOwn = (name: string) => name === 'ksql.dialect' || name.startsWith('ksql.workbench.');
  const entries = Object.entries(properties);
  return {
    own: entries.filter(([name]) => isOwn(name)).map(([name, value]) => [name, String(value)] as const),
    known: Object.fromEntries(entries.filter(([name]) => !isOwn(name))),
  };
}

/** Syntax errors on the query endpoints repeat the statement. */
function withStatementText<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof EngineError && error.statementText !== undefined)
      error.message += `\nStatement: ${error.statementText}`;
    throw error;
  }
}

function makeServices(options: EngineOptions): EngineServices {
  const { broker, stateDir, clock = SYSTEM_CLOCK, properties = new Map() } = options;
  const inState = (name: string) => (stateDir === undefined ? undefined : path.join(stateDir, name));
  const commandLogPath = inState('commands.jsonl');
  const connectorFile = inState('connectors.json');
  return {
    broker,
    ...(options.registry === undefined ? {} : { registry: options.registry }),
    connectors: new ConnectorRegistry({
      broker,
      ...(connectorFile === undefined ? {} : { stateFile: connectorFile }),
      ...(options.folders === undefined ? {} : { folders: options.folders }),
    }),
    connectUrl: options.connectUrl ?? properties.get('ksql.connect.url') ?? 'http://localhost:8083',
    serviceId: options.serviceId ?? properties.get('ksql.service.id') ?? 'default_',
    hostAndPort: 'localhost:8088',
    clock,
    serverProperties: properties,
    queries: new QueryRegistry(),
    queryIds: new QueryIds(),
    commandLog: new CommandLog(commandLogPath),
    commandStatuses: new Map(),
    processingLog: new ProcessingLogBook(clock, properties.get('ksql.logging.processing.rows.include') === 'true'),
    ...(stateDir === undefined ? {} : { stateDir }),
    drive: options.drive ?? 'automatic',
    metastore: EMPTY_METASTORE,
    setting: (name) => properties.get(name) ?? findProperty(name)?.default,
    queryProperties: (own) => new QueryProperties(own, properties),
    functions: () => [...FUNCTIONS.values()],
  };
}
