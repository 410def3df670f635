import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { badRequest } from '../api/errors.ts';
import { count } from '../api/row-count.ts';
import type {
  FindRequest,
  TopicViewInfo,
  TopicViewPage,
  TopicViewRequest,
  ViewRecord,
  ViewStart,
} from '../api/topics/topics-protocol.ts';
import type { Broker, PartitionOffsets } from '../broker/broker.ts';
import type { RecordCursor } from '../broker/record-batch.ts';
import type { MemoryAccount, MemoryBudget } from '../memory/memory-budget.ts';
import { SchemaNotLoadedError } from '../serde/encoding/serde.ts';
import type { SchemaRegistry } from '../serde/registry/schema-registry.ts';
import { MergedRecords } from './merged-records.ts';
import { recordSource } from './record-source.ts';
import { headerText, RecordTexts } from './record-texts.ts';
import { TopicCondition } from './topic-condition.ts';
import { MAX_VIEW_RECORDS, ViewIndex } from './view-index.ts';

/** What a view needs of an engine. */
export interface ViewServices {
  readonly broker: Broker;
  readonly registry?: SchemaRegistry | undefined;
  readonly metastore: Metastore;
  readonly memory: MemoryBudget;
}

/** A view without a start begins with so many of the newest records. */
const USUAL_RECORDS = 1_000_000;
/** Whether records have arrived is looked at so often at most, in milliseconds, and only when somebody asks. */
const ARRIVALS_EVERY_MS = 200;
/** Texts of many records together are cut to this many characters. */
const SHOWN_CHARACTERS = 500;
/** The text of a record by itself is cut to this many. */
const WHOLE_CHARACTERS = 4_000_000;
const READ_BYTES = 256 * 1024;
const BUDGET_CHECK_RECORDS = 4096;
/** So many records are looked at together for one that is like what is looked for. */
const FIND_RECORDS = 500;

/**
 * The records of a topic that are looked at, in the order in which their times meet, each at a place of its own. They
 * are looked at once, one after another; what is kept of them is where they stand. Those that arrive come behind.
 */
export class TopicView {
  readonly info: Omit<TopicViewInfo, 'id' | 'formats'>;
  readonly #broker: Broker;
  readonly #texts: RecordTexts;
  readonly #condition: TopicCondition | undefined;
  readonly #partitions: ReadonlySet<number> | undefined;
  readonly #fromMs: number;
  readonly #merged: MergedRecords;
  readonly #account: MemoryAccount;
  readonly #index: ViewIndex;
  readonly #closing = new AbortController();
  #scanned = 0;
  #total = 0;
  #stopped: string | undefined;
  #scanning: Promise<void> | undefined;
  #lookedAtMs = 0;
  /** Where partitions ended when they were last looked at. */
  readonly #ends = new Map<number, number>();

  private constructor(
    services: ViewServices,
    request: TopicViewRequest,
    parts: {
      readonly topic: string;
      readonly offsets: readonly PartitionOffsets[];
      /** By partition, where a time says where the view begins and the broker knows. */
      readonly starts: ReadonlyMap<number, number>;
      readonly texts: RecordTexts;
      readonly source: DataSource;
      readonly condition: TopicCondition | undefined;
    },
  ) {
    const { topic, offsets, starts, texts, source, condition } = parts;
    this.#broker = services.broker;
    this.#texts = texts;
    this.#condition = condition;
    this.#partitions = request.partitions && new Set(request.partitions);
    this.#fromMs = request.start?.kind === 'time' ? request.start.timeMs : Number.NEGATIVE_INFINITY;
    this.#account = services.memory.open(`view of topic ${topic}`, 'results');
    this.#index = new ViewIndex((bytes) => this.#account.add(bytes));
    this.info = {
      topic,
      partitions: offsets,
      columns: source.schema.columns.map(({ name, type, namespace }) => ({
        name,
        type: typeToString(type),
        isKey: namespace === 'key',
      })),
      ...(services.metastore.sources.has(source.name) && { source: source.name }),
    };
    const chosen = offsets.filter(({ partition }) => this.#isChosen(partition));
    this.#merged = new MergedRecords(
      services.broker,
      chosen.map((each) => {
        const offset = starts.get(each.partition) ?? startOf(each, request.start, chosen);
        this.#total += each.latest - offset;
        this.#ends.set(each.partition, each.latest);
        return { topic, partition: each.partition, offset, end: each.latest };
      }),
    );
    this.#scan();
  }

  /** @throws EngineError when there is no such topic, or something is wrong with the condition */
  static async open(services: ViewServices, topic: string, request: TopicViewRequest): Promise<TopicView> {
    if ((await services.broker.describeTopic(topic)) === undefined)
      throw badRequest(`Topic '${topic}' does not exist.`);
    const offsets = await services.broker.offsets(topic);
    const missing = request.partitions?.find((wanted) => !offsets.some(({ partition }) => partition === wanted));
    if (missing !== undefined) throw badRequest(`Topic '${topic}' has no partition ${missing}.`);
    const texts = await RecordTexts.open(topic, services, request);
    for (const name of [request.keyFormat, request.valueFormat])
      if (name !== undefined && !texts.names.includes(name)) throw badRequest(`There is no format ${name}.`);
    const source = await recordSource(topic, texts, services);
    const where = request.where?.trim() ?? '';
    const condition = where === '' ? undefined : await TopicCondition.create(where, source, services);
    const starts = await startsByTime(services.broker, topic, offsets, request.start);
    return new TopicView(services, request, { topic, offsets, starts, texts, source, condition });
  }

  get formats(): TopicViewInfo['formats'] {
    const { keyFormat, valueFormat, names } = this.#texts;
    const values = names.filter((name) => !name.includes('('));
    return { key: keyFormat, value: valueFormat, keys: names, values };
  }

  /**
   * Records from a place on, or the last ones.
   * @throws BrokerError when the topic is gone
   */
  async page(start: number | undefined, wanted: number): Promise<TopicViewPage> {
    await this.#lookForArrivals();
    const end = this.#index.length;
    const first = Math.max(0, Math.min(start ?? end - wanted, end));
    const records = await this.#records(first, Math.min(end, first + wanted), SHOWN_CHARACTERS);
    return {
      end,
      start: first,
      records,
      scanned: this.#scanned,
      total: this.#total,
      unreadable: this.#condition?.unreadable ?? 0,
      ...(this.#stopped !== undefined && { stopped: this.#stopped }),
    };
  }

  /** One record with its texts as a whole; undefined where the topic has it no more. */
  async record(place: number): Promise<ViewRecord | undefined> {
    if (!(place >= 0 && place < this.#index.length)) return undefined;
    return (await this.#records(place, place + 1, WHOLE_CHARACTERS))[0];
  }

  /** The place of the next record that is like what is looked for, as far as the view reaches. */
  async find(request: FindRequest, signal: AbortSignal): Promise<number | undefined> {
    const from = Math.max(0, request.after + 1);
    const { offset, partition, timeMs, key, header } = request;
    if (offset !== undefined) return this.#index.findOffset(from, offset, partition);
    if (timeMs !== undefined) return this.#index.findTime(from, timeMs);
    for (let start = from; start < this.#index.length && !signal.aborted; start += FIND_RECORDS) {
      const end = Math.min(this.#index.length, start + FIND_RECORDS);
      const found = (await this.#records(start, end, WHOLE_CHARACTERS)).find((record) =>
        header === undefined
          ? record.key === key
          : record.headers.some((each) => each.key === header.name && (header.value ?? each.value) === each.value),
      );
      if (found !== undefined) return found.place;
      await nextTurn();
    }
    return undefined;
  }

  /** Ends the scan, and forgets everything. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#scanning;
    this.#account.close();
  }

  #isChosen(partition: number): boolean {
    return this.#partitions?.has(partition) ?? true;
  }

  #scan(): void {
    this.#scanning ??= this.#scanOn().finally(() => {
      this.#scanning = undefined;
    });
  }

  /** Looks at what was not looked at so far. Never throws: what ends it is said with the next page. */
  async #scanOn(): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (!signal.aborted) {
        const missing = await this.#visitUntilSchema(signal);
        if (missing === undefined) {
          // Not every offset has a record: compaction and transactions leave some without.
          if (this.#stopped === undefined && !signal.aborted) this.#total = this.#scanned;
          return;
        }
        await missing.load();
      }
    } catch (error) {
      this.#stopped = (error as Error).message;
    }
  }

  /** @returns what a record needs before it can be read; it is met again */
  async #visitUntilSchema(signal: AbortSignal): Promise<SchemaNotLoadedError | undefined> {
    try {
      await this.#merged.visit((cursor, { partition }) => this.#take(cursor, partition), signal);
      return undefined;
    } catch (error) {
      if (error instanceof SchemaNotLoadedError) return error;
      throw error;
    }
  }

  #take(cursor: RecordCursor, partition: number): boolean {
    if (cursor.timeMs >= this.#fromMs && this.#condition?.matches(cursor, partition) !== false) {
      this.#stopped = this.#limit();
      if (this.#stopped !== undefined) return false;
      this.#index.add(partition, cursor.offset, cursor.timeMs);
    }
    this.#scanned++;
    return true;
  }

  /** Why no more records can be taken in. */
  #limit(): string | undefined {
    const { length } = this.#index;
    if (length >= MAX_VIEW_RECORDS)
      return `A view holds ${count(MAX_VIEW_RECORDS)} records. Begin later, or choose fewer.`;
    if (length % BUDGET_CHECK_RECORDS === 0 && this.#account.mustStop)
      return 'The memory budget of the engine is used up. Begin later, or choose fewer.';
    return undefined;
  }

  /** Goes on where records have arrived behind what was there. */
  async #lookForArrivals(): Promise<void> {
    const nowMs = performance.now();
    if (this.#scanning !== undefined || this.#stopped !== undefined || nowMs - this.#lookedAtMs < ARRIVALS_EVERY_MS)
      return;
    this.#lookedAtMs = nowMs;
    let isMore = false;
    const { topic } = this.info;
    for (const { partition, earliest, latest } of await this.#broker.offsets(topic)) {
      const end = this.#ends.get(partition) ?? earliest;
      if (latest <= end || !this.#isChosen(partition)) continue;
      isMore = true;
      this.#total += latest - end;
      this.#ends.set(partition, latest);
      this.#merged.extend({ topic, partition, offset: end, end: latest });
    }
    if (!isMore) return;
    this.#scan();
    // What has just arrived is mostly little, and then part of this very answer.
    await Promise.race([this.#scanning, nextTurn().then(() => nextTurn())]);
  }

  /** The records at some places. Those that the topic has no more are left out. */
  async #records(start: number, end: number, characters: number): Promise<ViewRecord[]> {
    const places = new Map<number, Map<number, number>>();
    for (let place = start; place < end; place++) {
      const partition = this.#index.partitionAt(place);
      const offsets = places.get(partition) ?? new Map<number, number>();
      places.set(partition, offsets);
      offsets.set(this.#index.offsetAt(place), place);
    }
    const found = await Promise.all(
      Array.from(places, ([partition, offsets]) => this.#recordsOf(partition, offsets, characters)),
    );
    return found.flat().sort((a, b) => a.place - b.place);
  }

  /** @param offsets ascending, with the places of their records */
  async #recordsOf(
    partition: number,
    offsets: ReadonlyMap<number, number>,
    characters: number,
  ): Promise<readonly ViewRecord[]> {
    const records: ViewRecord[] = [];
    let readTo = -1;
    for (const wanted of offsets.keys()) {
      if (wanted < readTo) continue;
      const { topic } = this.info;
      const { batches } = await this.#broker.read({ topic, partition, offset: wanted }, READ_BYTES);
      // One that retention has taken meanwhile is passed over.
      readTo = wanted + 1;
      for (const batch of batches) {
        const cursor = batch.records();
        while (cursor.next()) {
          const place = cursor.offset < wanted ? undefined : offsets.get(cursor.offset);
          if (place !== undefined) records.push(await this.#show(cursor, partition, place, characters));
        }
        readTo = Math.max(readTo, batch.lastOffset + 1);
      }
    }
    return records;
  }

  async #show(cursor: RecordCursor, partition: number, place: number, characters: number): Promise<ViewRecord> {
    const { key, value, offset, timeMs, headers } = cursor;
    await this.#texts.prepare(key, value);
    return {
      place,
      partition,
      offset,
      timestampMs: timeMs,
      key: cut(this.#texts.key(key), characters),
      value: cut(this.#texts.value(value), characters),
      headers: headers.map((header) => ({ key: header.key, value: cut(headerText(header.value), characters) })),
      valueBytes: value?.length ?? 0,
    };
  }
}

const cut = (text: string | null, characters: number): string | null =>
  text !== null && text.length > characters ? `${text.slice(0, characters)}…` : text;

async function startsByTime(
  broker: Broker,
  topic: string,
  offsets: readonly PartitionOffsets[],
  start: ViewStart | undefined,
): Promise<ReadonlyMap<number, number>> {
  const starts = new Map<number, number>();
  if (start?.kind !== 'time' || broker.offsetAt === undefined) return starts;
  for (const { partition, latest } of offsets)
    starts.set(partition, (await broker.offsetAt({ topic, partition }, start.timeMs)) ?? latest);
  return starts;
}

/** Where a partition is read from, so that all together give what was asked for. */
function startOf(
  { earliest, latest }: PartitionOffsets,
  start: ViewStart | undefined,
  all: readonly PartitionOffsets[],
): number {
  switch (start?.kind) {
    case undefined: {
      const total = all.reduce((sum, each) => sum + each.latest - each.earliest, 0);
      return total <= USUAL_RECORDS ? earliest : Math.max(earliest, latest - Math.ceil(USUAL_RECORDS / all.length));
    }
    case 'beginning':
    case 'time':
      return earliest;
    case 'newest':
      return Math.max(earliest, latest - Math.ceil(start.records / all.length));
    case 'offset':
      return Math.min(latest, Math.max(earliest, start.offset));
    default:
      return start satisfies never;
  }
}
