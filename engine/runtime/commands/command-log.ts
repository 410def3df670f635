/** A statement that changed the engine, as the log keeps it: the text, never a plan. */
export interface Command {
  readonly sequence: number;
  readonly statement: string;
  /** The settings that were in force. */
  readonly properties: Readonly<Record<string, string>>;
  /** The id that the statement's query was given, so that a replay gives it again. */
  readonly queryId?: string | undefined;
  readonly timeMs: number;
}

/** A command before the log has numbered it, with the name by which ksqlDB knows it: `stream/`S`/create`. */
export type NewCommand = Omit<Command, 'sequence'> & { readonly commandId: string };

/** The statements that made the engine what it is, in the order of their execution; a restart replays them. */
export interface CommandLog {
  /** Number of the last command; -1 before the first. */
  readonly lastSequence: number;
  readonly commands: readonly Command[];
  /** The highest number in an id of a query, where commands may be gone that had one. */
  readonly lastQueryNumber?: number;
  /**
   * Adds a command. When this resolves, the command survives whatever the log outlives. @returns it with its sequence
   * number
   */
  append(command: NewCommand): Promise<Command>;
  /** Forgets everything (after TERMINATE CLUSTER). */
  clear(): Promise<void>;
  /** Lets go of what it holds open. */
  close?(): void;
}
