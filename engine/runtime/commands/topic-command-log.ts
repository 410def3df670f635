import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import type { Broker, ServiceHold } from '../../broker/broker.ts';
import { type RecordBatch, RecordBatchBuilder, type RecordCursor } from '../../broker/record-batch.ts';
import type { Command, CommandLog, NewCommand } from './command-log.ts';

const READ_BYTES = 1 << 20;
const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** What says that a command is one of this engine's. */
const WRITER = 'ksql-workbench';
/** Beyond any that ksqlDB gives, whose servers refuse commands that are newer than themselves. */
const VERSION = 1000;

/** A command as the topic holds it: ksqlDB's fields, without a plan, and what a replay needs besides. */
interface CommandRecord {
  readonly statement: string;
  readonly streamsProperties: Readonly<Record<string, string>>;
  readonly originalProperties: Readonly<Record<string, string>>;
  readonly plan: null;
  readonly version: number;
  readonly writer?: string;
  readonly queryId?: string | null;
}

export interface TopicCommandLogOptions {
  readonly broker: Broker;
  readonly serviceId: string;
  /** Copies of the topic where it has to be made; -1: the broker's default. */
  readonly replicas?: number;
  /** Nothing is written unless the service is this engine's. */
  readonly hold?: ServiceHold;
}

/** The topic in which the statements of a service are kept, as ksqlDB calls it. */
export const commandTopic = (serviceId: string): string => `_confluent-ksql-${serviceId}_command_topic`;

/** The command log of an engine on a cluster: a topic of one partition from which nothing is ever removed. */
export class TopicCommandLog implements CommandLog {
  readonly topic: string;
  readonly #options: TopicCommandLogOptions;
  readonly #commands: Command[] = [];
  #exists = false;

  private constructor(options: TopicCommandLogOptions) {
    this.#options = options;
    this.topic = commandTopic(options.serviceId);
  }

  /**
   * Reads the topic, or makes it where there is none.
   * @throws EngineError when somebody else writes it, ksqlDB for one, or it is not made to keep commands
   */
  static async open(options: TopicCommandLogOptions): Promise<TopicCommandLog> {
    const log = new TopicCommandLog(options);
    await log.#create();
    await log.#read();
    return log;
  }

  get lastSequence(): number {
    return this.#commands.at(-1)?.sequence ?? -1;
  }

  get commands(): readonly Command[] {
    return this.#commands;
  }

  /**
   * The command is on all replicas that are in sync when this resolves. @throws EngineError when the topic does not
   * take it
   */
  async append(command: NewCommand): Promise<Command> {
    const { commandId, statement, properties, queryId, timeMs } = command;
    const record: CommandRecord = {
      statement,
      streamsProperties: properties,
      originalProperties: {},
      plan: null,
      version: VERSION,
      writer: WRITER,
      queryId: queryId ?? null,
    };
    try {
      await this.#options.hold?.whenHeld();
      if (!this.#exists) await this.#create();
      const sequence = await this.#options.broker.append(this.topic, 0, [commandBatch(commandId, record, timeMs)]);
      const numbered: Command = {
        sequence,
        statement,
        properties,
        timeMs,
        queryId,
      };
      this.#commands.push(numbered);
      return numbered;
    } catch (error) {
      const message = `Could not write the statement '${statement}' into the command topic. It was carried out, but a restart will not know of it.\nCaused by: ${(error as Error).message}`;
      throw new EngineError(ERROR_CODE.serverError, message, { statementText: statement });
    }
  }

  /** Deletes the topic; the next command makes it anew. */
  async clear(): Promise<void> {
    this.#commands.length = 0;
    this.#exists = false;
    await this.#options.broker.deleteTopic(this.topic);
  }

  async #create(): Promise<void> {
    const { broker, replicas = -1 } = this.#options;
    const config = { 'cleanup.policy': 'delete', 'retention.ms': '-1' };
    const described = await broker.describeTopic(this.topic);
    if (described === undefined) await broker.createTopic({ name: this.topic, partitions: 1, replicas, config });
    else if (described.partitions !== 1 || described.config['cleanup.policy']?.includes('compact'))
      throw this.#refused(
        `has ${described.partitions} partitions and cleanup.policy=${described.config['cleanup.policy'] ?? 'delete'}; it must have one partition, and keep every record (cleanup.policy=delete, retention.ms=-1)`,
      );
    this.#exists = true;
  }

  async #read(): Promise<void> {
    const { broker } = this.#options;
    const [bounds] = await broker.offsets(this.topic);
    const { earliest, latest } = bounds!;
    if (earliest > 0) throw this.#refused(`has lost its first ${earliest} records: statements are missing`);
    for (let offset = earliest; offset < latest; ) {
      const { batches } = await broker.read({ topic: this.topic, partition: 0, offset }, READ_BYTES);
      if (batches.length === 0) break;
      for (const batch of batches) this.#take(batch);
      offset = batches.at(-1)!.lastOffset + 1;
    }
  }

  #take(batch: RecordBatch): void {
    const cursor = batch.records();
    while (cursor.next()) {
      const { offset, timeMs } = cursor;
      if (offset <= this.lastSequence) continue;
      const { statement, streamsProperties, queryId } = this.#decode(cursor);
      const command = { sequence: offset, statement, properties: streamsProperties, timeMs };
      this.#commands.push(typeof queryId === 'string' ? { ...command, queryId } : command);
    }
  }

  #decode({ value, offset }: RecordCursor): CommandRecord {
    let record: Partial<CommandRecord> | null;
    try {
      record = JSON.parse(utf8.decode(value ?? new Uint8Array())) as Partial<CommandRecord> | null;
    } catch {
      throw this.#refused(`holds a record that is no command, at offset ${offset}`);
    }
    if (record?.writer !== WRITER || typeof record.statement !== 'string') {
      const whose = typeof record?.statement === 'string' ? `"${record.statement.slice(0, 100)}"` : 'a record';
      throw this.#refused(`is that of a ksqlDB server, which has written ${whose} at offset ${offset}`);
    }
    return record as CommandRecord;
  }

  #refused(reason: string): EngineError {
    const message = `The command topic ${this.topic} ${reason}. It is left as it is: give this engine a service id of its own (--service-id, or the property ksql.service.id), or run it with --queries-file, which needs no command topic.`;
    return new EngineError(ERROR_CODE.serverError, message);
  }
}

function commandBatch(commandId: string, record: CommandRecord, timeMs: number): RecordBatch {
  const builder = new RecordBatchBuilder();
  builder.append(encoder.encode(JSON.stringify(commandId)), encoder.encode(JSON.stringify(record)), timeMs);
  return builder.build();
}
