import type { QueryStatistics } from '../../api/protocol.ts';
import { worstState } from '../../api/worst-state.ts';
import type { RouteContext } from './route.ts';

/** What the queries of this host have done and where they stand, in all of its threads. */
export async function queryStatistics({ engine }: RouteContext): Promise<readonly QueryStatistics[]> {
  const nowMs = Date.now();
  const queries = engine.queries.all();
  // A thread that does not answer has nothing to add.
  const threads = [...(engine.cluster?.threads ?? [])].map((thread) => thread.queryStatistics().catch(() => []));
  // A topic that somebody has deleted has no end; the positions then stay as they were.
  await Promise.all(queries.map(({ run }) => run.learnEnds().catch(() => undefined)));
  const there = (await Promise.all(threads)).flat();
  return queries.map(({ id, type, run, late, notices }) => {
    const own: QueryStatistics = {
      queryId: id,
      queryType: type,
      state: run.state,
      recordsIn: run.recordsIn.total,
      rowsOut: run.rowsOut.total,
      badRecords: run.badRecords,
      lateRecords: late.count,
      notices,
      rowsInPerSecond: run.recordsIn.perSecond(nowMs),
      rowsOutPerSecond: run.rowsOut.perSecond(nowMs),
      lag: run.positions.reduce((sum, { offset, endOffset }) => sum + Math.max(0, endOffset - offset), 0),
      stateEntries: run.stateEntries,
      stateBytes: run.stateBytes,
      streamTimeMs: run.streamTimeMs,
      positions: run.positions,
    };
    return there.filter(({ queryId }) => queryId === id).reduce(together, own);
  });
}

const COUNTS = [
  'recordsIn',
  'rowsOut',
  'badRecords',
  'lateRecords',
  'rowsInPerSecond',
  'rowsOutPerSecond',
  'lag',
  'stateEntries',
  'stateBytes',
] as const;

function together(one: QueryStatistics, other: QueryStatistics): QueryStatistics {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, one[name] + other[name]]));
  const times = [one.streamTimeMs, other.streamTimeMs].filter((time) => time !== null);
  return {
    ...one,
    ...counts,
    state: worstState(one.state, other.state),
    notices: [...new Set([...one.notices, ...other.notices])],
    streamTimeMs: times.length === 0 ? null : Math.max(...times),
    positions: [...one.positions, ...other.positions],
  };
}
