import type * as ast from '../../../language/generated/ast.ts';
import type { Metastore } from '../../../language/metastore/metastore.ts';
import type { AnalyzedStatement } from '../../../language/query/analyzed.ts';
import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import type { CommandStatus, Entity, Warning } from '../../api/protocol.ts';
import { FileError } from '../../files/file-error.ts';
import type { NewCommand, Surroundings } from '../../runtime/commands/command-log.ts';
import type { EngineServices } from '../../runtime/engine-services.ts';
import type { Session } from '../../runtime/session/session.ts';

/** A statement that was parsed and analysed without an error. */
export interface PreparedStatement<N extends ast.Statement = ast.Statement> {
  readonly node: N;
  /** As it was sent, variables replaced. */
  readonly text: string;
  readonly analyzed: AnalyzedStatement;
  /** What its analysis has found around the metastore. */
  readonly surroundings: Surroundings;
}

/** What a request's statements are tried out on before any of them is executed. */
export interface Sandbox {
  /** What there is after the statements so far. */
  metastore: Metastore;
  /** Its properties and variables as the statements so far leave them. */
  readonly session: Session;
  /** The running engine, to look at only. */
  readonly services: EngineServices;
}

export interface ExecutionContext {
  readonly services: EngineServices;
  readonly session: Session;
  /** Set while a command of the log is carried out, which has done already what is done once for all engines. */
  readonly replay?: Replay;
  /** Set where another engine of the service has sent the statement: it asks the others itself. */
  readonly isInternal?: boolean;
}

/** A command as it is carried out. */
export interface Replay {
  /** The id that its query was given when it was carried out first. */
  readonly queryId?: string | undefined;
  /** Its number in the log. */
  readonly sequence: number;
  /** `all`: the log is replayed from its start, and queries start at its end. `next`: it has just come. */
  readonly part: 'all' | 'next';
  /** This engine was asked for it, and has just written it into the log. */
  readonly isOwn: boolean;
}

/** How one kind of statement is carried out. */
export interface StatementHandler<N extends ast.Statement> {
  /**
   * Checks what analysis cannot know, and does to the sandbox's session what the statement does to one. Absent: there
   * is nothing of either.
   * @throws EngineError
   */
  validate?(statement: PreparedStatement<N>, sandbox: Sandbox): void | Promise<void>;
  /**
   * The name of its command in the log, as ksqlDB gives it: `stream/`S`/create`. Undefined, as where this is absent,
   * for what changes nothing that all engines of a service have.
   */
  commandId?(statement: PreparedStatement<N>, services: EngineServices): string | undefined;
  /**
   * Does what is done once for all engines of a service, before its command is in the log they share. It may be done
   * and the command not get there, so it must do no harm, nor doing it again.
   * @returns what is to be done once this engine has carried the command out
   * @throws EngineError
   */
  prepareForAll?(statement: PreparedStatement<N>, services: EngineServices): Promise<(() => Promise<void>) | undefined>;
  /** Carries it out; some statements have no answer. @throws EngineError */
  execute(statement: PreparedStatement<N>, context: ExecutionContext): Promise<Entity | undefined>;
}

/** The outcome of a statement that goes to the command log. */
export interface CommandOutcome {
  readonly commandId: string;
  readonly message: string;
  readonly queryId?: string;
  readonly statementText: string;
  readonly warnings?: readonly Warning[];
}

/**
 * Writes the statement to the command log and answers with its status. @throws what keeps the log from being written
 */
export async function commandEntity(
  outcome: CommandOutcome,
  statement: PreparedStatement,
  context: ExecutionContext,
): Promise<Entity> {
  const { services, session, replay } = context;
  const queryId = outcome.queryId ?? null;
  const commandStatus: CommandStatus = { status: 'SUCCESS', message: outcome.message, queryId };
  const { sequence } =
    replay ??
    (await keep(services, statement, {
      commandId: outcome.commandId,
      statement: statement.text,
      properties: Object.fromEntries(session.properties),
      ...(queryId === null ? {} : { queryId }),
      timeMs: services.clock.nowMs(),
    }));
  services.commandStatuses.set(outcome.commandId, commandStatus);
  return {
    '@type': 'currentStatus',
    statementText: outcome.statementText,
    commandId: outcome.commandId,
    commandStatus,
    commandSequenceNumber: sequence,
    warnings: outcome.warnings ?? [],
  };
}

/** @throws EngineError when a file does not take it, though it was carried out */
async function keep(
  { commandLog }: EngineServices,
  { text }: PreparedStatement,
  command: NewCommand,
): Promise<{ readonly sequence: number }> {
  if (commandLog.isShared) throw new Error(`"${text}" was carried out before it was in the log.`);
  try {
    return await commandLog.append(command);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const message = `The statement was carried out, but could not be kept: a restart undoes it. ${error.message}`;
    throw new EngineError(ERROR_CODE.serverError, message, { statementText: text, cause: error });
  }
}

/** An error of a statement, with status 400 and its text. */
export const statementError = (statement: Pick<PreparedStatement, 'text'>, message: string): EngineError =>
  new EngineError(ERROR_CODE.badStatement, message, { statementText: statement.text });

/** The name in back-quotes, for command ids. */
export const quotedName = (name: string): string => `\`${name}\``;
