import type { LateRecord, MemoryReport, ProcessingLogEntry, TopicRecord } from '../../api/protocol.ts';
import type { ReadPosition } from '../../broker/broker.ts';
import type { Engine } from '../../index.ts';
import { readWindow, windowBytes, windowLayout } from '../../serde/windowed-key.ts';
import type { Exchange } from '../http/exchange.ts';
import { JSON_TYPE } from '../http/media-type.ts';
import { queryStatistics } from './query-statistics.ts';
import type { Route, RouteContext } from './route.ts';

/** How many of the newest records of a topic are shown. */
const SHOWN_RECORDS = 200;

/** The newest records of a topic, oldest first. */
async function newestRecords({ engine }: RouteContext, topic: string): Promise<readonly TopicRecord[]> {
  const found: TopicRecord[] = [];
  for (const { partition, earliest, latest } of await engine.broker.offsets(topic)) {
    const from = Math.max(earliest, latest - SHOWN_RECORDS);
    for (let at = from; at < latest; ) {
      const read = await readRecords(engine, { topic, partition, offset: at });
      if (read === undefined) break;
      found.push(...read.records);
      at = read.next;
    }
  }
  return found.sort((a, b) => a.timestampMs - b.timestampMs).slice(-SHOWN_RECORDS);
}

/** The record at a position; none where the topic no longer has it. */
async function recordAt({ engine }: RouteContext, position: ReadPosition): Promise<readonly TopicRecord[]> {
  const { topic, partition, offset } = position;
  const ends = (await engine.broker.offsets(topic)).find((candidate) => candidate.partition === partition);
  if (ends === undefined || offset < ends.earliest || offset >= ends.latest) return [];
  const read = await readRecords(engine, position);
  return read?.records.filter((record) => record.offset === offset) ?? [];
}

/** Takes the window off the keys of a topic that a windowed source reads. */
function keySplitter(engine: Engine, topic: string): (key: Uint8Array | null) => Pick<TopicRecord, 'key' | 'window'> {
  const source = [...engine.metastore.sources.values()].find((each) => each.topic === topic && each.window);
  if (source?.window === undefined) return (key) => ({ key: readable(key) });
  const { type, sizeMs } = source.window;
  const layout = windowLayout(type);
  return (key) => {
    const end = (key?.length ?? 0) - windowBytes(layout);
    if (key === null || end < 0) return { key: readable(key) };
    return { key: readable(key.subarray(0, end)), window: readWindow(key, 0, key.length, layout, sizeMs ?? 0) };
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as the text they are; in hexadecimal digits where they are none. */
function readable(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  try {
    const text = UTF8.decode(bytes);
    if (!/[\0-\x08\x0e-\x1f]/.test(text)) return text;
  } catch {
    // Not UTF-8, so no text.
  }
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** The records from a position on that the broker gives at once, and where the next are. */
async function readRecords(
  engine: Engine,
  position: ReadPosition,
): Promise<{ readonly records: readonly TopicRecord[]; readonly next: number } | undefined> {
  const { batches } = await engine.broker.read(position, 1 << 20);
  if (batches.length === 0) return undefined;
  const records: TopicRecord[] = [];
  const splitKey = keySplitter(engine, position.topic);
  for (const batch of batches) {
    const cursor = batch.records();
    while (cursor.next()) {
      if (cursor.offset < position.offset) continue;
      records.push({
        partition: position.partition,
        offset: cursor.offset,
        timestampMs: cursor.timeMs,
        ...splitKey(cursor.key),
        value: readable(cursor.value),
        headers: cursor.headers.map(({ key, value }) => ({ key, value: readable(value) })),
      });
    }
  }
  return { records, next: Math.max(position.offset, batches.at(-1)!.lastOffset) + 1 };
}

/** The newest records of a topic, or the one that `?partition=…&offset=…` asks for. */
function records(context: RouteContext, topic: string, query: URLSearchParams): Promise<readonly TopicRecord[]> {
  const [partition, offset] = ['partition', 'offset'].map((name) => Number(query.get(name) ?? Number.NaN));
  if (Number.isSafeInteger(partition) && Number.isSafeInteger(offset))
    return recordAt(context, { topic, partition: partition!, offset: offset! });
  return newestRecords(context, topic);
}

/** The newest records that a query dropped because they were late. */
async function lateRecords(exchange: Exchange, { engine }: RouteContext, id: string): Promise<void> {
  const query = engine.queries.get(id);
  if (query === undefined) exchange.send(404, null);
  else exchange.sendJson(200, query.late.newest satisfies readonly LateRecord[]);
}

function logEntries({ engine }: RouteContext): readonly ProcessingLogEntry[] {
  return engine.processingLog.entries.map(({ timeMs, logger, message, source }) => {
    const entry = { timeMs, logger, message: JSON.parse(JSON.stringify(message)) };
    return source === undefined ? entry : { ...entry, source };
  });
}

/** What the panel and the explorer need beyond ksqlDB's own API. */
export const WORKBENCH_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/workbench/queries',
    produces: [JSON_TYPE],
    handle: async (exchange, context) => exchange.sendJson(200, await queryStatistics(context)),
  },
  {
    method: 'GET',
    path: '/workbench/queries/:id/late',
    produces: [JSON_TYPE],
    handle: (exchange, context, [id]) => lateRecords(exchange, context, id!),
  },
  {
    method: 'GET',
    path: '/workbench/topics/:name/records',
    produces: [JSON_TYPE],
    handle: async (exchange, context, [name]) => exchange.sendJson(200, await records(context, name!, exchange.query)),
  },
  {
    method: 'GET',
    path: '/workbench/memory',
    produces: [JSON_TYPE],
    handle: (exchange, { engine }) => exchange.sendJson(200, engine.memory.report() satisfies MemoryReport),
  },
  {
    method: 'GET',
    path: '/workbench/processing-log',
    produces: [JSON_TYPE],
    handle: (exchange, context) => exchange.sendJson(200, logEntries(context)),
  },
];
