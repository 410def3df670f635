import { JSON_TYPE } from '../media-type.ts';
import type { ProcessingLogEntry, QueryStatistics, TopicRecord } from '../protocol.ts';
import type { Route, RouteContext } from './route.ts';

/** How many of the newest records of a topic are shown. */
const SHOWN_RECORDS = 200;

async function statistics({ engine }: RouteContext): Promise<readonly QueryStatistics[]> {
  const nowMs = Date.now();
  // A topic that somebody has deleted has no end; the positions then stay as they were.
  await Promise.all(engine.queries.all().map(({ task }) => task.learnEnds().catch(() => undefined)));
  return engine.queries.all().map(({ id, type, task, pipeline }) => ({
    queryId: id,
    queryType: type,
    state: task.state,
    recordsIn: task.recordsIn.total,
    rowsOut: task.rowsOut.total,
    badRecords: task.badRecords,
    lateRecords: pipeline.stats.late,
    rowsInPerSecond: task.recordsIn.perSecond(nowMs),
    rowsOutPerSecond: task.rowsOut.perSecond(nowMs),
    lag: task.positions.reduce((sum, { offset, endOffset }) => sum + Math.max(0, endOffset - offset), 0),
    streamTimeMs: task.streamTimeMs,
    positions: task.positions,
  }));
}

/** The newest records of a topic, oldest first. */
async function records({ engine }: RouteContext, topic: string): Promise<readonly TopicRecord[]> {
  const found: TopicRecord[] = [];
  for (const { partition, earliest, latest } of await engine.broker.offsets(topic)) {
    const from = Math.max(earliest, latest - SHOWN_RECORDS);
    for (let at = from; at < latest; ) {
      const { batches } = await engine.broker.read({ topic, partition, offset: at }, 1 << 20);
      if (batches.length === 0) break;
      for (const batch of batches) {
        const cursor = batch.records();
        while (cursor.next()) {
          at = cursor.offset + 1;
          if (cursor.offset < from) continue;
          const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('utf8'));
          const headers = cursor.headers.map(({ key, value }) => ({ key, value: text(value) }));
          found.push({
            partition,
            offset: cursor.offset,
            timestampMs: cursor.timeMs,
            key: text(cursor.key),
            value: text(cursor.value),
            headers,
          });
        }
        at = Math.max(at, batch.lastOffset + 1);
      }
    }
  }
  return found.sort((a, b) => a.timestampMs - b.timestampMs).slice(-SHOWN_RECORDS);
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
    handle: async (exchange, context) => exchange.sendJson(200, await statistics(context)),
  },
  {
    method: 'GET',
    path: '/workbench/topics/:name/records',
    produces: [JSON_TYPE],
    handle: async (exchange, context, [name]) => exchange.sendJson(200, await records(context, name!)),
  },
  {
    method: 'GET',
    path: '/workbench/processing-log',
    produces: [JSON_TYPE],
    handle: (exchange, context) => exchange.sendJson(200, logEntries(context)),
  },
];
