import type { AnalyzedQuery } from '../../language/analysis/analyzed.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { EngineError, ERROR_CODE } from '../errors.ts';
import type { Change } from '../operators/operator.ts';
import type { EngineServices } from './engine-services.ts';
import type { QueryAnswer, ResultColumn } from './query-answer.ts';
import { transientQueryId } from './query-ids.ts';
import type { RegisteredQuery } from './query-registry.ts';
import type { ResultSink } from './query-task.ts';
import { RowQueue } from './row-queue.ts';
import type { QueryProperties } from './session-properties.ts';
import { startQuery } from './start-query.ts';

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
  const most = properties.number('ksql.max.push.queries') ?? 100;
  if (!isPull && services.queries.pushCount >= most)
    throw new EngineError(ERROR_CODE.maxPushQueries, 'Maximum number of push queries exceeded');
  const id = transientQueryId(leftmostAlias(query));
  let running: RegisteredQuery | undefined;
  const queue = new RowQueue(HIGH_WATER_ROWS, query.limit ?? Number.POSITIVE_INFINITY, () => running?.task.wake());
  const sink = resultSink(query, queue);
  const bounded = isPull || properties.isTrue('ksql.workbench.until.end');
  running = await startQuery({ ...request, id, results: sink, bounded, onStop: () => queue.end() }, services);
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
    },
  };
}

/** The alias of the first source of FROM, which transient queries are named after. */
export function leftmostAlias({ relation }: AnalyzedQuery): string {
  let left = relation;
  while (left.kind === 'join') left = left.left;
  return left.alias;
}

/** Turns changes into rows: the deletion of a table's row keeps only its key columns. */
function resultSink({ output, grouping, relation }: AnalyzedQuery, queue: RowQueue): ResultSink {
  const layout = grouping?.layout ?? relation.layout;
  const firstKey = layout.findIndex((slot) => slot.role === 'key');
  const keyOf = output.columns.map(({ keyIndex, expression }) => {
    if (keyIndex !== undefined) return keyIndex;
    return expression.kind === 'column' && layout[expression.index]?.role === 'key'
      ? expression.index - firstKey
      : undefined;
  });
  return {
    accept({ key, after }: Change): boolean {
      if (after !== null) return queue.push({ values: after, tombstone: false });
      if (output.kind === 'STREAM') return true;
      const values = keyOf.map((index): SqlValue => (index === undefined ? null : (key?.[index] ?? null)));
      return queue.push({ values, tombstone: true });
    },
    get full() {
      return queue.full;
    },
    end: () => queue.end(),
    fail: (error) => queue.fail(error),
  };
}
