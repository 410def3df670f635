import { storeKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { AggregateSet, GroupOf, States } from './grouped-aggregate.ts';
import type { Change, Emit, Header, OnLate, Operator, Row } from './operator.ts';
import { StreamTime } from './stream-time.ts';

const MIN_SEGMENT_MS = 60_000;

export interface SessionWindows {
  readonly gapMs: number;
  readonly graceMs: number;
  readonly retentionMs: number;
}

/** One session of a group; its result's time is its end. */
export type Session = readonly [startMs: number, endMs: number, states: States];
/** What the store holds for a group: its key, and its sessions by start. */
export type SessionEntry = readonly [key: Row, sessions: readonly Session[]];

export interface SessionAggregateOptions {
  readonly groupOf: GroupOf;
  readonly aggregates: AggregateSet;
  readonly windows: SessionWindows;
  readonly store: StateStore;
  readonly timeStore: StateStore;
  readonly withBefore: boolean;
  readonly final: boolean;
  readonly orderOf: (key: Row) => string;
  readonly onLate: OnLate;
}

/**
 * GROUP BY with SESSION windows: a record merges the sessions of its group that are within the gap. Every session that was merged
 * is deleted downstream before the new one comes, except when the new one is the record's own instant.
 */
export class SessionAggregate implements Operator {
  readonly #options: SessionAggregateOptions;
  readonly #streamTime: StreamTime;
  /** The latest end of a session ever stored; older ones fall out of the store relative to it. */
  readonly #latestEnd: StreamTime;

  constructor(options: SessionAggregateOptions) {
    this.#options = options;
    this.#streamTime = new StreamTime(options.timeStore);
    this.#latestEnd = new StreamTime(prefixed(options.timeStore));
  }

  process(change: Change, _input: number, emit: Emit): void {
    const { after, timeMs, headers } = change;
    if (after === null) return;
    const { groupOf, windows, store, aggregates, final } = this.#options;
    const key = groupOf(after);
    if (key === null) return;
    this.#streamTime.advance(timeMs);
    const text = storeKey(key);
    const sessions = (store.get(text) as SessionEntry | undefined)?.[1] ?? [];
    const oldestEndMs = Math.max(timeMs - windows.gapMs, this.#latestEnd.timeMs - windows.retentionMs + 1);
    const merged = sessions.filter(([startMs, endMs]) => endMs >= oldestEndMs && startMs <= timeMs + windows.gapMs);
    const startMs = Math.min(timeMs, ...merged.map((session) => session[0]));
    const endMs = Math.max(timeMs, ...merged.map((session) => session[1]));
    const closesAtMs = this.#streamTime.timeMs - windows.graceMs - windows.gapMs;
    if (endMs < closesAtMs) {
      this.#options.onLate(timeMs, this.#streamTime.timeMs);
    } else {
      const isInstant = startMs === timeMs && endMs === timeMs;
      if (!isInstant && !final) for (const session of merged) this.#retract(key, session, headers, emit);
      const states = aggregates.add(
        merged.reduce((sum, session) => aggregates.merge(sum, session[2]), aggregates.init()),
        after,
      );
      const kept = sessions.filter(
        (session) => !merged.includes(session) && session[1] > this.#latestEnd.timeMs - windows.retentionMs,
      );
      const next = [...kept, [startMs, endMs, states] as const].sort((a, b) => a[0] - b[0]);
      store.put(text, [key, next] satisfies SessionEntry);
      this.#latestEnd.advance(endMs);
      if (!final) emit(this.#result(key, [startMs, endMs, states], headers, isInstant ? merged : []));
    }
    if (final) this.#emitClosed(closesAtMs, headers, emit);
  }

  #retract(key: Row, session: Session, headers: readonly Header[], emit: Emit): void {
    const [startMs, endMs, states] = session;
    const before = this.#options.aggregates.row(key, states, endMs, startMs, endMs);
    emit({ key, before, after: null, timeMs: endMs, window: { startMs, endMs }, headers });
  }

  #result(
    key: Row,
    [startMs, endMs, states]: Session,
    headers: readonly Header[],
    replaced: readonly Session[],
  ): Change {
    const { aggregates, withBefore } = this.#options;
    const old = withBefore ? replaced[0] : undefined;
    const before = old === undefined ? null : aggregates.row(key, old[2], old[1], old[0], old[1]);
    const after = aggregates.row(key, states, endMs, startMs, endMs);
    return { key, before, after, timeMs: endMs, window: { startMs, endMs }, headers };
  }

  /**
   * Sends the sessions that have closed, by end, then start, then key. Kafka Streams drops its store by segments of half the
   * retention, a minute at least: what closed in a segment that is dropped by then is lost.
   */
  #emitClosed(closesAtMs: number, headers: readonly Header[], emit: Emit): void {
    const { store, orderOf, windows } = this.#options;
    const segmentMs = Math.max(Math.floor(windows.retentionMs / 2), MIN_SEGMENT_MS);
    const segmentOf = (timeMs: number) => Math.floor(timeMs / segmentMs);
    const oldestSegment = segmentOf(this.#latestEnd.timeMs - windows.retentionMs);
    const closed: { readonly key: Row; readonly session: Session; readonly order: string }[] = [];
    for (const [text, value] of store.scan()) {
      const [key, sessions] = value as SessionEntry;
      const ended = sessions.filter((session) => session[1] < closesAtMs);
      if (ended.length === 0) continue;
      for (const session of ended)
        if (segmentOf(session[1]) >= oldestSegment) closed.push({ key, session, order: orderOf(key) });
      const open = sessions.filter((session) => session[1] >= closesAtMs);
      if (open.length === 0) store.delete(text);
      else store.put(text, [key, open] satisfies SessionEntry);
    }
    closed.sort((a, b) => a.session[1] - b.session[1] || a.session[0] - b.session[0] || (a.order < b.order ? -1 : 1));
    for (const { key, session } of closed) emit(this.#result(key, session, headers, []));
  }
}

/** The same store under other keys. */
function prefixed(store: StateStore): StateStore {
  const at = (key: string) => `end-${key}`;
  return {
    name: store.name,
    size: store.size,
    get: (key) => store.get(at(key)),
    put: (key, value) => store.put(at(key), value),
    delete: (key) => store.delete(at(key)),
    scan: (from, to) => store.scan(from && at(from), to && at(to)),
  };
}
