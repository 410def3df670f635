import { storeKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { AggregateSet, GroupOf, States } from './grouped-aggregate.ts';
import type { Change, Emit, Header, OnLate, Operator, Row } from './operator.ts';
import { StreamTime } from './stream-time.ts';

const MIN_SEGMENT_MS = 60_000;
/** All groups are looked over after so many sessions at least. */
const MIN_STORED = 1000;

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
  readonly final: boolean;
  readonly orderOf: (key: Row) => string;
  readonly onLate: OnLate;
}

/**
 * GROUP BY with SESSION windows: a record merges the sessions of its group that are within the gap. Every session that
 * was merged is deleted downstream before the new one comes, except when the new one is the record's own instant.
 */
export class SessionAggregate implements Operator {
  readonly #options: SessionAggregateOptions;
  readonly #streamTime: StreamTime;
  /** The latest end of a session ever stored; older ones fall out of the store relative to it. */
  readonly #latestEnd: StreamTime;
  /** Sessions that ended before this have been sent as final. */
  readonly #sentUntil: StreamTime;
  /** No session that is still to be sent ends before this. */
  #earliestUnsentMs = Number.NEGATIVE_INFINITY;
  /** After so many more sessions all groups are looked over. */
  #untilForget: number;

  constructor(options: SessionAggregateOptions) {
    this.#options = options;
    this.#streamTime = new StreamTime(options.timeStore);
    this.#latestEnd = new StreamTime(prefixed(options.timeStore, 'end'));
    this.#sentUntil = new StreamTime(prefixed(options.timeStore, 'sent'));
    this.#untilForget = Math.max(options.store.size, MIN_STORED);
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
      this.#latestEnd.advance(endMs);
      const next = sessions.filter(
        (session) =>
          !merged.includes(session) && (session[0] !== startMs || session[1] !== endMs) && this.#isNeeded(session),
      );
      next.push([startMs, endMs, states]);
      store.put(text, [key, next.sort((a, b) => a[0] - b[0])] satisfies SessionEntry);
      if (final) this.#earliestUnsentMs = Math.min(this.#earliestUnsentMs, endMs);
      else emit(this.#result(key, [startMs, endMs, states], headers));
      if (--this.#untilForget === 0) this.#forget();
    }
    if (final && this.#earliestUnsentMs < closesAtMs) this.#emitClosed(closesAtMs, headers, emit);
  }

  /**
   * Groups of which nothing comes any more would stay for ever. Looking at all of them costs a constant time per
   * record.
   */
  #forget(): void {
    const { store } = this.#options;
    for (const [text, value] of store.entries()) this.#keepNeeded(text, value as SessionEntry);
    this.#untilForget = Math.max(store.size, MIN_STORED);
  }

  #keepNeeded(text: string, [key, sessions]: SessionEntry): void {
    const { store } = this.#options;
    const needed = sessions.filter((session) => this.#isNeeded(session));
    if (needed.length === 0) store.delete(text);
    else if (needed.length < sessions.length) store.put(text, [key, needed] satisfies SessionEntry);
  }

  #retract(key: Row, session: Session, headers: readonly Header[], emit: Emit): void {
    const [startMs, endMs, states] = session;
    const before = this.#options.aggregates.row(key, states, endMs, startMs, endMs);
    emit({ key, before, after: null, timeMs: endMs, window: { startMs, endMs }, headers });
  }

  /**
   * A new session never knows what it replaces, not even a session of the same bounds: HAVING then has nothing to
   * delete.
   */
  #result(key: Row, [startMs, endMs, states]: Session, headers: readonly Header[]): Change {
    const after = this.#options.aggregates.row(key, states, endMs, startMs, endMs);
    return { key, before: null, after, timeMs: endMs, window: { startMs, endMs }, headers };
  }

  /** Whether a session may still be merged with a record, or is still to be sent as final. */
  #isNeeded([, endMs]: Session): boolean {
    const expiredMs = this.#latestEnd.timeMs - this.#options.windows.retentionMs;
    return endMs > expiredMs || (this.#options.final && endMs >= this.#sentUntil.timeMs && this.#isStored(endMs));
  }

  /**
   * Kafka Streams drops its store by segments of half the retention, a minute at least: what closed in a segment that
   * is dropped by then is lost.
   */
  #isStored(endMs: number): boolean {
    const { retentionMs } = this.#options.windows;
    const segmentMs = Math.max(Math.floor(retentionMs / 2), MIN_SEGMENT_MS);
    return Math.floor(endMs / segmentMs) >= Math.floor((this.#latestEnd.timeMs - retentionMs) / segmentMs);
  }

  /**
   * Sends the sessions that have closed since the last time, by end, then start, then key. They stay for a record that
   * is still near enough to merge with them; the merged session is sent once more when it closes.
   */
  #emitClosed(closesAtMs: number, headers: readonly Header[], emit: Emit): void {
    const { store, orderOf } = this.#options;
    const sentUntilMs = this.#sentUntil.timeMs;
    this.#sentUntil.advance(closesAtMs);
    this.#earliestUnsentMs = Number.POSITIVE_INFINITY;
    const closed: { readonly key: Row; readonly session: Session; readonly order: string }[] = [];
    for (const [text, value] of store.entries()) {
      const [key, sessions] = value as SessionEntry;
      for (const session of sessions) {
        const endMs = session[1];
        if (endMs >= closesAtMs) this.#earliestUnsentMs = Math.min(this.#earliestUnsentMs, endMs);
        else if (endMs >= sentUntilMs && this.#isStored(endMs)) closed.push({ key, session, order: orderOf(key) });
      }
      this.#keepNeeded(text, [key, sessions]);
    }
    closed.sort((a, b) => a.session[1] - b.session[1] || a.session[0] - b.session[0] || (a.order < b.order ? -1 : 1));
    for (const { key, session } of closed) emit(this.#result(key, session, headers));
  }
}

/** The same store under other keys. */
function prefixed(store: StateStore, prefix: string): StateStore {
  const at = (key: string) => `${prefix}-${key}`;
  return {
    name: store.name,
    size: store.size,
    get changes() {
      return store.changes;
    },
    get: (key) => store.get(at(key)),
    put: (key, value) => store.put(at(key), value),
    delete: (key) => store.delete(at(key)),
    scan: (from, to) => store.scan(from && at(from), to && at(to)),
    prepareScan: () => store.prepareScan(),
    entries: () => store.scan(at(''), at('\uffff')),
  };
}
