import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import { sourcesOf } from '../../language/statements/create-as.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { EngineError, ERROR_CODE } from '../api/errors.ts';
import type { Change } from '../operators/operator.ts';
import { catchUpWriters } from './catch-up.ts';
import type { EngineServices } from './engine-services.ts';
import type { RecordPosition } from './monitoring/processing-log.ts';
import type { QueryAnswer, ResultColumn } from './query-answer.ts';
import { sharedQueryId, transientQueryId } from './query-ids.ts';
import type { RegisteredQuery } from './query-registry.ts';
import { RowQueue } from './row-queue.ts';
import type { QueryProperties } from './session/session-properties.ts';
import { startQuery } from './start-query.ts';
import { CoalescingSink } from './task/coalescing-sink.ts';
import type { ResultSink } from './task/task-output.ts';

/** A reader who is this many rows behind makes the query wait. */
const HIGH_WATER_ROWS = 5000;

export interface TransientRequest {
  readonly query: AnalyzedQuery;
  readonly statementText: string;
  readonly properties: QueryProperties;
  readonly overriddenProperties: RegisteredQuery['overriddenProperties'];
}

/** Starts a push query, or a pull query on a stream, which ends where the stream ends now. */
export async function startTransientQuery(request: TransientRequest, services: EngineServices): Promise<QueryAnswer> {
  const { query, properties } = request;
  const isPull = query.kind === 'pull';
  const most = Number(services.setting('ksql.max.push.queries'));
  if (!isPull && services.queries.pushCount >= most)
    throw new EngineError(ERROR_CODE.maxPushQueries, 'Maximum number of push queries exceeded');
  const isShared = isSharable(query, properties, services);
  // A stream ends where those that write it have written all that they can.
  if (isPull && services.drive === 'automatic')
    for (const { name } of sourcesOf(query.relation)) await catchUpWriters(name, services);
  const id = isShared ? sharedQueryId() : transientQueryId(leftmostAlias(query));
  let running: RegisteredQuery | undefined;
  const account = services.memory.open(`results of ${id}`, 'results', { resume: () => running?.run.wake() });
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  const queue = new RowQueue(HIGH_WATER_ROWS, limit, () => running?.run.wake(), account);
  const all = resultSink(query, queue);
  const rows = isShared && hasKey(query) ? withKeysOnly(all) : all;
  const bounded = isPull || properties.isTrue('ksql.workbench.until.end');
  const sink = !bounded && startsWithPresentRows(query, properties) ? new CoalescingSink(rows) : rows;
  try {
    running = await startQuery({ ...request, id, results: sink, bounded, onStop: () => queue.end() }, services);
  } catch (error) {
    account.close();
    throw error;
  }
  return {
    queryId: id,
    kind: isPull ? 'pull-stream' : 'push',
    statementText: request.statementText,
    columns: query.output.columns.map(({ name, type }): ResultColumn => ({ name, type, key: false })),
    next: () => queue.next(),
    get limitReached() {
      return queue.limitReached;
    },
    close: async () => {
      await services.queries.remove(id, { deleteState: true });
      queue.close();
    },
  };
}

/** The alias of the first source of FROM, which transient queries are named after. */
export function leftmostAlias({ relation }: AnalyzedQuery): string {
  let left = relation;
  while (left.kind === 'join') left = left.left;
  return left.alias;
}

/**
 * Whether ksqlDB would answer the query from the output of a running one instead of starting one of its own (scalable
 * push queries). Here it is started all the same, which shows in nothing but the id.
 */
function isSharable(query: AnalyzedQuery, properties: QueryProperties, { queries }: EngineServices): boolean {
  const { relation, grouping, partitionBy, tableFunctions, emit, kind } = query;
  if (kind !== 'push' || emit !== 'CHANGES' || relation.kind !== 'source' || grouping || partitionBy) return false;
  if (tableFunctions.length > 0 || !properties.isTrue('ksql.query.push.v2.enabled')) return false;
  if (properties.explicit('auto.offset.reset')?.toLowerCase() !== 'latest') return false;
  return queries.writersOf(relation.source.name).length === 1 && relation.source.createdAs;
}

const hasKey = ({ relation }: AnalyzedQuery): boolean => relation.layout.some(({ role }) => role === 'key');

/** Shared queries do not see records without a key (observed on a live ksqlDB). */
const withKeysOnly = (sink: ResultSink): ResultSink => ({
  ...sink,
  accept: (change, cause) => change.key === null || sink.accept(change, cause),
  get full() {
    return sink.full;
  },
});

/**
 * A table read from its beginning starts with its present rows: what was overwritten before the query came is of no use
 * to its reader. Who wants every single change switches the cache off, as in ksqlDB.
 */
function startsWithPresentRows({ output }: AnalyzedQuery, properties: QueryProperties): boolean {
  return output.kind === 'TABLE' && (properties.number('cache.max.bytes.buffering') ?? 1) > 0;
}

/** Turns changes into rows: the deletion of a table's row keeps only what belongs to its key. */
function resultSink({ output, grouping, relation }: AnalyzedQuery, queue: RowQueue): ResultSink {
  const layout = grouping?.layout ?? relation.layout;
  const firstKey = layout.findIndex((slot) => slot.role === 'key');
  const keyPart = output.columns.map(({ keyIndex, expression }): ((change: Change) => SqlValue) => {
    if (keyIndex !== undefined) return ({ key }) => key?.[keyIndex] ?? null;
    const slot = expression.kind === 'column' ? expression.index : -1;
    switch (layout[slot]?.role) {
      case 'key':
        return ({ key }) => key?.[slot - firstKey] ?? null;
      case 'windowstart':
        return ({ window }) => window?.startMs ?? null;
      case 'windowend':
        return ({ window }) => window?.endMs ?? null;
      default:
        return () => null;
    }
  });
  return {
    accept(change: Change, cause: RecordPosition | undefined): boolean {
      const { after, timeMs } = change;
      if (after !== null) return queue.push({ values: after, tombstone: false, timeMs, cause });
      if (output.kind === 'STREAM') return true;
      return queue.push({ values: keyPart.map((part) => part(change)), tombstone: true, timeMs, cause });
    },
    get full() {
      return queue.full;
    },
    end: () => queue.end(),
    fail: (error) => queue.fail(error),
  };
}
