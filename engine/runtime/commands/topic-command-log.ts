import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import { type Broker, BrokerError, type TransactionalProducer } from '../../broker/broker.ts';
import { createUnlessThere } from '../../broker/create-topic.ts';
import { type RecordBatch, RecordBatchBuilder, type RecordCursor } from '../../broker/record-batch.ts';
import { nameInService } from '../../broker/service-names.ts';
import type { Command, CommandLogProblem, NewCommand, SharedCommandLog, Surroundings } from './command-log.ts';

const READ_BYTES = 1 << 20;
/** A client waits for its statement; what a broker has not taken by then has failed. */
const DELIVERY_TIMEOUT_MS = 30_000;
const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** What says that a command is one of this engine's. */
const WRITER = 'ksql-workbench';
/**
 * Beyond any that ksqlDB gives, whose servers refuse commands that are newer than themselves. It grows with every kind
 * of command that engines of before could not carry out.
 */
const VERSION = 1000;

/** A command as the topic holds it: ksqlDB's fields, without a plan, and what carrying it out needs besides. */
interface CommandRecord {
  readonly statement: string;
  readonly streamsProperties: Readonly<Record<string, string>>;
  readonly originalProperties: Readonly<Record<string, string>>;
  readonly plan: null;
  readonly version: number;
  readonly writer?: string;
  readonly id?: string | null;
  readonly queryId?: string | null;
  readonly surroundings?: Surroundings | undefined;
}

export interface TopicCommandLogOptions {
  readonly broker: Broker;
  readonly serviceId: string;
  /** Copies of the topic where it has to be made; -1: the broker's default. */
  readonly replicas?: number;
}

/** The topic in which the statements of a service are kept, as ksqlDB calls it. */
export const commandTopic = (serviceId: string): string => nameInService(serviceId, '_command_topic');

/**
 * The command log of the engines of a service on a cluster: a topic of one partition from which nothing is ever
 * removed. The right to write is a transactional id, which is the service's, as in ksqlDB: taking it ends the
 * transaction of whoever had it, and the topic's end stands still until its next owner writes.
 */
export class TopicCommandLog implements SharedCommandLog {
  readonly isShared = true;
  readonly topic: string;
  readonly #options: TopicCommandLogOptions;
  #commands: Command[] = [];
  /** Offset of what is read next. */
  #position = 0;
  #lastSequence = -1;
  #exists = false;
  #problem: CommandLogProblem | undefined;
  #producer: TransactionalProducer | undefined;

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
    return this.#lastSequence;
  }

  get commands(): readonly Command[] {
    return this.#commands;
  }

  get problem(): CommandLogProblem | undefined {
    return this.#problem;
  }

  async take(): Promise<void> {
    const { broker, serviceId } = this.#options;
    if (!this.#exists) await this.#create();
    this.#producer ??= await broker.openTransactions?.(serviceId, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
    if (this.#producer === undefined) throw new BrokerError('The broker has no transactions.', 'other');
  }

  async readOn(): Promise<void> {
    if (!this.#exists || this.#problem !== undefined) return;
    try {
      await this.#read();
    } catch (error) {
      const isGone = error instanceof BrokerError && error.code === 'unknown-topic';
      if (!isGone && !(error instanceof EngineError)) throw error;
      const { message } = isGone ? this.#refused('is gone') : error;
      this.#problem = { kind: 'corrupted', reason: message };
    }
  }

  /** The commands are on all replicas that are in sync when this resolves. */
  async append(commands: readonly NewCommand[]): Promise<void> {
    const producer = this.#producer;
    if (producer === undefined) throw new Error('Only who has taken the right to write can write.');
    try {
      await producer.begin();
      await producer.produce(this.topic, 0, [commandBatch(commands)]);
      await producer.commit();
    } catch (error) {
      this.#producer = undefined;
      await producer.close();
      throw error;
    }
  }

  async follow(onMore: () => void): Promise<void> {
    const position = { topic: this.topic, partition: 0, offset: this.#position };
    // What comes may be no more than written, where the settings say so: it is read again.
    await this.#options.broker.subscribe([position], onMore);
  }

  /**
   * Writes what another log has kept, unless there is anything already.
   * @returns whether this engine has written it
   * @throws BrokerError
   */
  async begin(commands: readonly NewCommand[]): Promise<boolean> {
    await this.take();
    await this.readOn();
    if (this.#lastSequence >= 0 || commands.length === 0) return false;
    await this.append(commands);
    await this.readOn();
    return true;
  }

  /** Deletes the topic; the next command makes it anew. */
  async clear(): Promise<void> {
    this.#commands = [];
    this.#position = 0;
    this.#lastSequence = -1;
    this.#exists = false;
    await this.#options.broker.deleteTopic(this.topic);
  }

  async #create(): Promise<void> {
    const { broker, replicas = -1 } = this.#options;
    const config = { 'cleanup.policy': 'delete', 'retention.ms': '-1' };
    const known = await createUnlessThere(broker, { name: this.topic, partitions: 1, replicas, config });
    if (known !== undefined && (known.partitions !== 1 || known.config['cleanup.policy']?.includes('compact')))
      throw this.#refused(
        `has ${known.partitions} partitions and cleanup.policy=${known.config['cleanup.policy'] ?? 'delete'}; it must have one partition, and keep every record (cleanup.policy=delete, retention.ms=-1)`,
      );
    this.#exists = true;
  }

  /** @throws EngineError where there is anything but commands of engines like this one */
  async #read(): Promise<void> {
    const { broker } = this.#options;
    const [bounds] = await broker.offsets(this.topic, { isolation: 'committed' });
    const { earliest, latest } = bounds!;
    if (earliest > 0) throw this.#refused(`has lost its first ${earliest} records: statements are missing`);
    if (latest < this.#position) throw this.#refused('was deleted and made anew');
    while (this.#position < latest) {
      const position = { topic: this.topic, partition: 0, offset: this.#position };
      const { batches } = await broker.read(position, READ_BYTES, 'committed');
      if (batches.length === 0) return;
      for (const batch of batches) {
        this.#take(batch);
        if (this.#problem !== undefined) return;
        this.#position = Math.max(this.#position, batch.lastOffset + 1);
      }
    }
  }

  #take(batch: RecordBatch): void {
    const cursor = batch.records();
    while (cursor.next()) {
      if (cursor.offset <= this.#lastSequence) continue;
      const record = this.#decode(cursor);
      if (record.version > VERSION) {
        const reason = `${this.topic} holds a statement of a newer version, at offset ${cursor.offset}: "${record.statement.slice(0, 100)}". This engine goes no further: run the newer version.`;
        this.#problem = { kind: 'incompatible', reason };
        return;
      }
      this.#commands.push(commandOf(record, cursor));
      this.#lastSequence = cursor.offset;
    }
  }

  #decode({ value, offset }: RecordCursor): CommandRecord {
    const record = parsed(value) as Partial<CommandRecord> | null | undefined;
    if (record === undefined) throw this.#refused(`holds a record that is no command, at offset ${offset}`);
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

/** Undefined where it is no JSON. */
function parsed(bytes: Uint8Array | null): unknown {
  try {
    return JSON.parse(utf8.decode(bytes ?? new Uint8Array()));
  } catch {
    return undefined;
  }
}

function commandOf(
  { statement, streamsProperties, id, queryId, surroundings }: CommandRecord,
  cursor: RecordCursor,
): Command {
  const { key, offset, timeMs } = cursor;
  const commandId = parsed(key);
  return {
    sequence: offset,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof commandId === 'string' ? { commandId } : {}),
    statement,
    properties: streamsProperties,
    ...(typeof queryId === 'string' ? { queryId } : {}),
    ...(surroundings === undefined ? {} : { surroundings }),
    timeMs,
  };
}

function commandBatch(commands: readonly NewCommand[]): RecordBatch {
  const builder = new RecordBatchBuilder();
  for (const { commandId, id = null, statement, properties, queryId = null, surroundings, timeMs } of commands) {
    const record: CommandRecord = {
      statement,
      streamsProperties: properties,
      originalProperties: {},
      plan: null,
      version: VERSION,
      writer: WRITER,
      id,
      queryId,
      surroundings,
    };
    builder.append(encoder.encode(JSON.stringify(commandId)), encoder.encode(JSON.stringify(record)), timeMs);
  }
  return builder.build();
}
