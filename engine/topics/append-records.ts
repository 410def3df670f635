import type { AppendAnswer, AppendProblem, RecordPlace } from '../api/topics/topics-protocol.ts';
import { type Broker, BrokerError } from '../broker/broker.ts';
import { partitionOf } from '../broker/murmur2.ts';
import { RecordBatchBuilder } from '../broker/record-batch.ts';
import { type FixtureLine, FixtureLineError, type FixtureRecord, readFixtureLine } from '../fixtures/fixture-line.ts';

/** More partitions than this are a slip. */
const MAX_PARTITIONS = 10_000;

/** The records of one partition that wait to be written together, with the lines that they came from. */
interface Waiting {
  readonly topic: string;
  readonly partition: number;
  readonly builder: RecordBatchBuilder;
  readonly lines: number[];
}

/**
 * Writes what lines of a fixture file say: makes the topics that are not there, and appends the records, those of a
 * partition in the order of their lines. Whatever a line says, the others are written.
 * @param nowMs the time of records that have none
 */
export async function appendLines(
  broker: Broker,
  lines: readonly string[],
  { nowMs, stopAtFirst = false }: { readonly nowMs: number; readonly stopAtFirst?: boolean | undefined },
): Promise<AppendAnswer> {
  const appender = new RecordAppender(broker, nowMs);
  for (const [i, text] of lines.entries()) {
    try {
      const line = readFixtureLine(text);
      if (line !== undefined) await appender.add(line, i + 1);
    } catch (error) {
      if (!(error instanceof FixtureLineError) && !(error instanceof BrokerError)) throw error;
      appender.problems.push({ line: i + 1, message: error.message });
      if (stopAtFirst) break;
    }
  }
  await appender.flush();
  return { written: appender.written, problems: appender.problems.sort((a, b) => a.line - b.line) };
}

/** Collects records, and writes those of a partition together. */
export class RecordAppender {
  readonly problems: AppendProblem[] = [];
  written = 0;
  /** Where the first record stands of those that were written last. */
  place: RecordPlace | undefined;
  readonly #broker: Broker;
  readonly #nowMs: number;
  readonly #partitions = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();
  /** Records without a key and a partition go to one partition per request, as Kafka's clients fill one batch. */
  readonly #sticky: number;

  constructor(broker: Broker, nowMs: number) {
    this.#broker = broker;
    this.#nowMs = nowMs;
    this.#sticky = nowMs;
  }

  /** @throws FixtureLineError, BrokerError */
  async add(line: FixtureLine, number: number): Promise<void> {
    switch (line.kind) {
      case 'schema':
        throw new FixtureLineError('A schema goes to the registry, not into a topic.');
      case 'topic':
        return this.#make(line.topic, line.partitions);
      case 'record':
        return this.#record(line, number);
      default:
        line satisfies never;
    }
  }

  async flush(): Promise<void> {
    for (const { topic, partition, builder, lines } of this.#waiting.values()) {
      try {
        const offset = await this.#broker.append(topic, partition, [builder.build()]);
        this.place = { partition, offset };
        this.written += lines.length;
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        for (const line of lines) this.problems.push({ line, message: error.message });
      }
    }
    this.#waiting.clear();
  }

  async #make(topic: string, partitions: number): Promise<void> {
    if (partitions < 1 || partitions > MAX_PARTITIONS)
      throw new FixtureLineError(`A topic has from 1 to ${MAX_PARTITIONS} partitions.`);
    if ((await this.#broker.describeTopic(topic)) !== undefined) return;
    await this.#broker.createTopic({ name: topic, partitions, replicas: -1 });
  }

  async #record(record: FixtureRecord, line: number): Promise<void> {
    const { topic, key, value, headers, timestampMs = this.#nowMs } = record;
    const partitions = this.#partitions.get(topic) ?? (await this.#partitionsOf(topic));
    const partition = record.partition ?? (key === null ? this.#sticky % partitions : partitionOf(key, partitions));
    if (partition >= partitions)
      throw new FixtureLineError(
        `Topic '${topic}' has ${partitions === 1 ? 'one partition, 0' : `partitions 0 to ${partitions - 1}`}, and no ${partition}.`,
      );
    const at = `${topic}/${partition}`;
    let waiting = this.#waiting.get(at);
    if (waiting === undefined) {
      waiting = { topic, partition, builder: new RecordBatchBuilder(), lines: [] };
      this.#waiting.set(at, waiting);
    }
    waiting.builder.append(key, value, timestampMs, headers);
    waiting.lines.push(line);
  }

  async #partitionsOf(topic: string): Promise<number> {
    const description = await this.#broker.describeTopic(topic);
    if (description === undefined) throw new BrokerError(`Topic '${topic}' does not exist.`, 'unknown-topic');
    this.#partitions.set(topic, description.partitions);
    return description.partitions;
  }
}
