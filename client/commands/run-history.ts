import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import type { ServerSession } from '../connections/server-session.ts';
import type { Result } from '../results/result.ts';
import { effectOf, isThere, keepsAll } from '../statements/statement-effect.ts';
import type { RunRequest } from './run-request.ts';

/** A statement that was run. */
export interface Ran {
  readonly request: RunRequest;
  readonly result: Result;
  /** The persistent query that it began. */
  readonly queryId?: string | undefined;
}

/** What ran on each server while it lived, in order, so that it can be run again on the next. */
export class RunHistory {
  readonly #ran = new WeakMap<ServerSession, Ran[]>();

  add(session: ServerSession, ran: Ran): void {
    const all = this.#ran.get(session) ?? [];
    all.push(ran);
    this.#ran.set(session, all);
  }

  /** Everything that ran on a server, in order. */
  of(session: ServerSession): readonly Ran[] {
    return this.#ran.get(session) ?? [];
  }

  /**
   * What has to be run on a server so that it has again what ran on one that is gone, in order. Where nothing was lost
   * that is what was being shown; otherwise also all that changed anything, but what is there.
   */
  lost(gone: ServerSession, now: ServerSession, snapshot: MetastoreSnapshot): readonly Ran[] {
    const isKept = [gone, now].every(({ keeping }) => keeping.kind === 'kept');
    const kept = isKept && keepsAll(gone.snapshot, snapshot);
    return this.of(gone).filter(({ request, result, queryId }) => {
      const effect = request.preview ? ({ kind: 'shown' } as const) : effectOf(request.statement);
      if (effect.kind === 'none') return false;
      if (effect.kind === 'shown') return result.lost;
      return !kept && isThere(effect, snapshot, queryId) !== true;
    });
  }
}
