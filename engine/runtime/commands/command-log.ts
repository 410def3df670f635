import type { RegisteredSchema, TopicInfo } from '../../../language/metastore/metastore.ts';

/**
 * What the analysis of a statement has found of the broker's topics and of the registry's schemas: the same statement
 * with the same surroundings is the same for every engine, whatever has become of them since.
 */
export interface Surroundings {
  readonly topics: readonly TopicInfo[];
  /** By what was looked up. */
  readonly schemas: readonly (readonly [lookUp: string, schema: RegisteredSchema])[];
}

/** A statement that changed the engine, as the log keeps it: the text, never a plan. */
export interface Command {
  readonly sequence: number;
  /** What whoever wrote it into a shared log finds it by. */
  readonly id?: string | undefined;
  /** The name by which ksqlDB knows it: `stream/`S`/create`. Absent where only its own engine knows of it. */
  readonly commandId?: string | undefined;
  readonly statement: string;
  /** The settings that were in force. */
  readonly properties: Readonly<Record<string, string>>;
  /** The id that the statement's query was given, so that a replay gives it again. */
  readonly queryId?: string | undefined;
  /** Absent where it was written by an engine of before, or by one that is alone with its log. */
  readonly surroundings?: Surroundings | undefined;
  readonly timeMs: number;
}

/** A command before the log has numbered it. */
export type NewCommand = Omit<Command, 'sequence'> & { readonly commandId: string };

interface ReadCommandLog {
  /** Number of the last command; -1 before the first. */
  readonly lastSequence: number;
  readonly commands: readonly Command[];
  /** Forgets everything (after TERMINATE CLUSTER). */
  clear(): Promise<void>;
  /** Lets go of what it holds open. */
  close?(): void;
}

/**
 * The statements that made one engine what it is, in the order of their execution; a restart replays them. A statement
 * is carried out, and then written down.
 */
export interface OwnCommandLog extends ReadCommandLog {
  readonly isShared: false;
  /** The highest number in an id of a query, where commands may be gone that had one. */
  readonly lastQueryNumber?: number;
  /**
   * Adds a command. When this resolves, the command survives whatever the log outlives. @returns it with its sequence
   * number
   */
  append(command: NewCommand): Promise<Command>;
}

/** Why nothing more can be carried out of a shared log. */
export interface CommandLogProblem {
  readonly kind: 'incompatible' | 'corrupted';
  /** In a sentence. */
  readonly reason: string;
}

/**
 * A log that the engines of a service write together. A statement is written down, and then each engine carries it out
 * in the log's order. One engine at a time has the right to write, and takes it from whoever had it: what it has
 * checked against the end of the log is refused if another has taken the right since.
 */
export interface SharedCommandLog extends ReadCommandLog {
  readonly isShared: true;
  /** What it met in the log: the commands before that are the last ones. */
  readonly problem: CommandLogProblem | undefined;
  /** Makes sure that this engine has the right to write, as far as it knows. @throws BrokerError */
  take(): Promise<void>;
  /** Reads what has come to be since. @throws BrokerError */
  readOn(): Promise<void>;
  /**
   * Writes commands at the end, all of them or none. They can be read when this resolves, or a little later.
   * @throws BrokerError after which the right has to be taken again; the commands may be in the log all the same, which
   *   is sure as soon as it has
   */
  append(commands: readonly NewCommand[]): Promise<void>;
  /** Calls back whenever there may be more to read. @throws BrokerError */
  follow(onMore: () => void): Promise<void>;
}

export type CommandLog = OwnCommandLog | SharedCommandLog;
