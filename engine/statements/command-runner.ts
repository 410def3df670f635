import { randomUUID } from 'node:crypto';
import type { JavaRegex } from '../../language/java/regex/java-regex.ts';
import type { ParsedStatement } from '../../language/parser/parse-script.ts';
import { TERMINATE_CLUSTER } from '../../language/statements/query-control.ts';
import { asEngineError, EngineError, ERROR_CODE } from '../api/errors.ts';
import type { CommandStatus, Entity } from '../api/protocol.ts';
import { BrokerError } from '../broker/broker.ts';
import { TransactionError } from '../broker/transaction-error.ts';
import { SYSTEM_WAIT_CLOCK, type WaitClock } from '../broker/wait-clock.ts';
import type { Command, NewCommand, SharedCommandLog } from '../runtime/commands/command-log.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import { handlerOf } from './handlers.ts';
import { prepareStatement } from './preparation/prepare.ts';
import type { ExecutionContext, PreparedStatement } from './preparation/statement-handler.ts';
import { carryOutCommand, isUnreachable } from './replay-commands.ts';
import {
  deleteTopics,
  endCluster,
  TERMINATE_CLUSTER_ID,
  terminationEntity,
  topicsMatching,
} from './terminate-cluster.ts';

/** So often a statement is checked and written again, where another engine has taken the right to write. */
const ATTEMPTS = 20;
/** Engines that take the right from each other wait a little, each for another time, up to so long. */
const MOST_BACKOFF_MS = 200;
/** What was committed can be read as soon as its marker is in the log, which a broker does not wait for. */
const LEAST_WAIT_MS = 2;
const MOST_WAIT_MS = 50;
const RETRY_MS = 1000;
/** So long the other engines have for reading that the cluster was terminated, before the log is deleted. */
const FAREWELL_MS = 500;

/** ksqlDB's own words. */
const WARNINGS = {
  incompatible:
    'The server has encountered an incompatible entry in its log and cannot process further DDL statements.\nThis is most likely due to the service being rolled back to an earlier version.',
  corrupted:
    'The server has detected corruption in the command topic due to modifications performed on it. \nDDL statements will not be processed any further.\nIf a backup of the command topic is available, restore the command topic using the backup file.\nA server restart is required to restore full functionality.',
} as const;

/** A statement that this engine was asked for, while it is on its way through the log. */
interface Asked {
  readonly id: string;
  /** Once it was carried out. */
  entity?: Entity | undefined;
}

/** A statement that was checked when the engine had carried out the log up to a command. */
export interface Checked {
  readonly prepared: PreparedStatement;
  readonly sequence: number;
}

/**
 * Carries out the commands of a log that the engines of a service share, each once and in the log's order, and brings
 * statements into it.
 *
 * A statement is written into the log before any engine carries it out, by the one that has read the log to its end and
 * is alone in writing at it. So none is carried out that the log does not have: an engine that is killed before the
 * transaction is committed has changed nothing, and one that is killed after that carries it out when it starts. None
 * is there twice: after a failure that leaves open whether it is there, it is written again only once the log, read to
 * the end that stands, has been seen not to have its id.
 */
export class CommandRunner {
  readonly #services: EngineServices;
  readonly #log: SharedCommandLog;
  readonly #clock: WaitClock;
  /** How many of the log's commands were carried out. */
  #done: number;
  #sequence: number;
  #asked: Asked | undefined;
  #progress = Promise.withResolvers<void>();
  #inTurn: ((work: () => Promise<void>) => Promise<void>) | undefined;
  #isDue = false;
  #saidProblem = false;
  readonly #closing = new AbortController();

  /** The commands that the log has now were carried out already. */
  constructor(services: EngineServices, log: SharedCommandLog, clock: WaitClock = SYSTEM_WAIT_CLOCK) {
    this.#services = services;
    this.#log = log;
    this.#clock = clock;
    this.#done = log.commands.length;
    this.#sequence = log.lastSequence;
  }

  /** Number of the last command that was carried out; -1 before the first. */
  get lastSequence(): number {
    return this.#sequence;
  }

  /** What clients are told where no more commands can be carried out: ksqlDB calls that degraded. */
  get warning(): string | undefined {
    const { problem } = this.#log;
    return problem && WARNINGS[problem.kind];
  }

  /**
   * Carries out from now on what other engines write.
   * @param inTurn has work done while nothing else changes the engine
   * @throws BrokerError
   */
  async follow(inTurn: (work: () => Promise<void>) => Promise<void>): Promise<void> {
    this.#inTurn = inTurn;
    this.#sayProblem();
    await this.#log.follow(() => this.#wake());
  }

  close(): void {
    this.#closing.abort();
  }

  /** Carries out what has come to be in the log. @throws BrokerError when it cannot be read */
  async catchUp(): Promise<void> {
    await this.#log.readOn();
    for (; this.#done < this.#log.commands.length; this.#done++) {
      const command = this.#log.commands[this.#done]!;
      await this.#carryOut(command);
      this.#sequence = command.sequence;
      this.#progress.resolve();
      this.#progress = Promise.withResolvers();
    }
    this.#sayProblem();
  }

  /** Waits until a command was carried out. @returns whether it was, before the time for answers was over */
  async whenCarriedOut(sequence: number): Promise<boolean> {
    const late = new AbortController();
    const isLate = this.#clock.sleep(this.#responseTimeoutMs(), late.signal);
    let isOver = false;
    void isLate.then(() => {
      isOver = true;
    });
    while (this.#sequence < sequence && !isOver) await Promise.race([this.#progress.promise, isLate]);
    late.abort();
    return this.#sequence >= sequence;
  }

  /**
   * Brings a statement into the log, where it changes anything, and carries it out. In the engine's turn.
   * @param checked what it was prepared as before; it is prepared again if commands have come since
   * @throws EngineError
   */
  async execute(written: ParsedStatement, context: ExecutionContext, checked: Checked): Promise<Entity | undefined> {
    const { services, session } = context;
    const { prepared: first } = checked;
    const handler = handlerOf(first.node)!;
    if (first.text === TERMINATE_CLUSTER) return this.terminateCluster([]);
    if (handler.commandId?.(first, services) === undefined) return handler.execute(first, context);
    let finish: (() => Promise<void>) | undefined;
    const entity = await this.#distribute(first.text, async () => {
      const isSame = this.#sequence === checked.sequence;
      const prepared = isSame ? first : (await prepareStatement(written, context)).prepared;
      if (!isSame)
        await handler.validate?.(prepared, { metastore: services.metastore, session: session.copy(), services });
      const commandId = handler.commandId!(prepared, services);
      if (commandId === undefined) return { entity: await handler.execute(prepared, context) };
      finish = await handler.prepareForAll?.(prepared, services);
      const { text: statement, surroundings } = prepared;
      return { commandId, statement, properties: Object.fromEntries(session.properties), surroundings };
    });
    if (isCarriedOut(entity)) await finish?.();
    return entity;
  }

  /**
   * Ends the queries of all engines, deletes the topics of sources that match a pattern, and the log.
   * @throws EvaluationError, before anything is done, when a pattern takes too many steps
   */
  async terminateCluster(patterns: readonly JavaRegex[]): Promise<Entity> {
    let doomed: readonly string[] = [];
    const entity = await this.#distribute(TERMINATE_CLUSTER, async () => {
      doomed = topicsMatching(this.#services, patterns);
      return { commandId: TERMINATE_CLUSTER_ID, statement: TERMINATE_CLUSTER, properties: {} };
    });
    if (!this.#services.isTerminated) return entity!;
    await deleteTopics(this.#services, doomed);
    await this.#clock.sleep(FAREWELL_MS);
    await this.#log.clear();
    this.#done = 0;
    return entity!;
  }

  /**
   * Writes a command at the end of the log, and carries it out.
   * @param prepare makes the command, against what the log has made of the engine; or answers without one
   */
  async #distribute(
    text: string,
    prepare: () => Promise<Omit<NewCommand, 'id' | 'timeMs'> | { readonly entity: Entity | undefined }>,
  ): Promise<Entity | undefined> {
    const asked: Asked = { id: randomUUID() };
    this.#asked = asked;
    try {
      for (let attempt = 1; ; attempt++) {
        this.#checkWarning();
        await this.#readAlone(text);
        if (asked.entity !== undefined) return asked.entity;
        this.#checkWarning();
        const command = await prepare();
        if ('entity' in command) return command.entity;
        try {
          await this.#log.append([{ ...command, id: asked.id, timeMs: this.#services.clock.nowMs() }]);
          return await this.#whenRead(asked, command.commandId, text);
        } catch (error) {
          if (!(error instanceof TransactionError) || attempt >= attemptsAfter(error)) throw notWritten(text, error);
          await this.#clock.sleep(Math.random() * Math.min(MOST_BACKOFF_MS, 2 ** attempt * LEAST_WAIT_MS));
        }
      }
    } finally {
      this.#asked = undefined;
    }
  }

  /** Takes the right to write, and reads the log to its end, which stands as long as nobody else takes it. */
  async #readAlone(text: string): Promise<void> {
    try {
      await this.#log.take();
      await this.catchUp();
    } catch (error) {
      throw notWritten(text, error);
    }
  }

  /** What was committed is carried out once it can be read; where that takes too long it is answered before. */
  async #whenRead(asked: Asked, commandId: string, statementText: string): Promise<Entity> {
    const endMs = this.#clock.nowMs() + this.#responseTimeoutMs();
    for (let waitMs = LEAST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MOST_WAIT_MS)) {
      await this.catchUp().catch((error: unknown) => {
        if (!(error instanceof BrokerError)) throw error;
      });
      if (asked.entity !== undefined) return asked.entity;
      if (this.#clock.nowMs() >= endMs) break;
      await this.#clock.sleep(waitMs);
    }
    const message = 'Statement written to command topic';
    return this.#statusEntity(commandId, statementText, -1, { status: 'QUEUED', message, queryId: null });
  }

  /**
   * What fails here is this engine's: the command has the status of an error, and those after it go on.
   * @throws BrokerError `unreachable`
   */
  async #carryOut(command: Command): Promise<void> {
    const services = this.#services;
    const { commandId = '', statement, sequence } = command;
    const queryNumber = services.queryIds.next;
    const isOwn = command.id !== undefined && command.id === this.#asked?.id;
    services.commandStatuses.set(commandId, { status: 'EXECUTING', message: 'Executing statement', queryId: null });
    let entity: Entity | undefined;
    try {
      if (statement === TERMINATE_CLUSTER) {
        await endCluster(services);
        entity = terminationEntity(services, sequence);
      } else entity = await carryOutCommand(command, services, { part: 'next', isOwn });
    } catch (error) {
      // What the cluster does not answer now it may answer soon: the command is carried out again before the next one.
      if (isUnreachable(error)) {
        services.queryIds.returnTo(queryNumber);
        throw error;
      }
      services.processingLog.replayError(statement, error);
      const { message } = asEngineError(error);
      entity = this.#statusEntity(commandId, statement, sequence, { status: 'ERROR', message, queryId: null });
    }
    if (isOwn) this.#asked!.entity = entity;
  }

  #statusEntity(
    commandId: string,
    statementText: string,
    commandSequenceNumber: number,
    commandStatus: CommandStatus,
  ): Entity {
    this.#services.commandStatuses.set(commandId, commandStatus);
    return { '@type': 'currentStatus', statementText, commandId, commandStatus, commandSequenceNumber, warnings: [] };
  }

  #wake(): void {
    const { signal } = this.#closing;
    if (this.#isDue || signal.aborted) return;
    this.#isDue = true;
    const work = async () => {
      this.#isDue = false;
      if (!signal.aborted) await this.catchUp();
    };
    this.#inTurn!(work).catch(async () => {
      // It cannot be read now, and nothing may wake it when it can be again.
      await this.#clock.sleep(RETRY_MS, signal);
      this.#wake();
    });
  }

  #checkWarning(): void {
    if (this.warning === undefined) return;
    throw new EngineError(ERROR_CODE.serverError, `Failed to handle Ksql Statement.\n${this.warning}`);
  }

  #sayProblem(): void {
    const { problem } = this.#log;
    if (problem === undefined || this.#saidProblem || this.#services.isTerminated) return;
    this.#saidProblem = true;
    this.#services.processingLog.notice('commands', problem.reason);
    this.#services.onNotice(problem.reason);
  }

  #responseTimeoutMs(): number {
    return Number(this.#services.setting('ksql.server.command.response.timeout.ms'));
  }
}

/** A broker forgets who had the right when it was not used for a week, and calls that a mistake of the client. */
const attemptsAfter = ({ consequence }: TransactionError): number => (consequence === 'fatal' ? 2 : ATTEMPTS);

const isCarriedOut = (entity: Entity | undefined): boolean =>
  entity?.['@type'] === 'currentStatus' && entity.commandStatus.status === 'SUCCESS';

function notWritten(statementText: string, error: unknown): unknown {
  if (!(error instanceof BrokerError)) return error;
  const message = `Could not write the statement '${statementText}' into the command topic.\nCaused by: ${error.message}`;
  return new EngineError(ERROR_CODE.serverError, message, { statementText, cause: error });
}
