import type { QueryError } from '../../api/protocol.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { Clock } from './clock.ts';

/** The newest errors that stopped a query, and what it has lost (type SYSTEM) though it goes on. */
export class QueryErrors {
  readonly newest: QueryError[] = [];
  readonly #clock: Clock;
  readonly #kept: number;

  constructor({ clock, properties }: { readonly clock: Clock; readonly properties: QueryProperties }) {
    this.#clock = clock;
    this.#kept = properties.number('ksql.query.error.max.queue.size') ?? 10;
  }

  add(errorMessage: string, type: QueryError['type']): void {
    this.newest.push({ timestamp: this.#clock.nowMs(), errorMessage, type });
    if (this.newest.length > this.#kept) this.newest.splice(0, this.newest.length - this.#kept);
  }
}
