import type { LagInfo, StoreLags } from '../../api/cluster/cluster-protocol.ts';
import { partitionOfTask, type SharedQueryView } from './shared-query-view.ts';

/** How far the state is that an engine has, by `queryId#store`. */
export function storeLags(queries: readonly SharedQueryView[]): Record<string, StoreLags> {
  const result: Record<string, { lagByPartition: Record<string, LagInfo> }> = {};
  for (const { id, shared } of queries)
    for (const { id: task, isActive, isRestoring, changelog } of shared.local)
      for (const store of shared.partsOf(task).stores) {
        const { position, endOffset } = changelog;
        // What a task does is in its state before it is in its changelog.
        const current = isActive && !isRestoring ? Math.max(position, endOffset) : position;
        const name = `${id}#${store}`;
        result[name] ??= { lagByPartition: {} };
        result[name].lagByPartition[partitionOfTask(task)] = {
          currentOffsetPosition: current,
          endOffsetPosition: Math.max(endOffset, current),
          offsetLag: Math.max(0, endOffset - current),
        };
      }
  return result;
}

/** Those of several threads as one: of a state that two of them have, the nearer one answers. */
export function leastLags(threads: readonly Readonly<Record<string, StoreLags>>[]): Record<string, StoreLags> {
  const result: Record<string, { lagByPartition: Record<string, LagInfo> }> = {};
  for (const [name, { lagByPartition }] of threads.flatMap((lags) => Object.entries(lags))) {
    result[name] ??= { lagByPartition: {} };
    const least = result[name].lagByPartition;
    for (const [partition, lag] of Object.entries(lagByPartition))
      if (!(least[partition] && least[partition].offsetLag <= lag.offsetLag)) least[partition] = lag;
  }
  return result;
}
