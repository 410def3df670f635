import type { QueryProperties } from '../session/session-properties.ts';

/**
 * When a query that has failed is tried again: each time after a wait twice as long, up to a longest one (ksqlDB's
 * settings).
 */
export class RetrySchedule {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #retry: () => void;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(properties: QueryProperties, retry: () => void) {
    this.#initialMs = properties.number('ksql.query.retry.backoff.initial.ms') ?? 15_000;
    this.#maxMs = properties.number('ksql.query.retry.backoff.max.ms') ?? 900_000;
    this.#retry = retry;
  }

  failed(): void {
    this.#timer = setTimeout(this.#retry, Math.min(this.#initialMs * 2 ** this.#failures++, this.#maxMs));
    this.#timer.unref();
  }

  /** It has got on: the next failure is a first one. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** No further try is made by itself. */
  cancel(): void {
    clearTimeout(this.#timer);
  }
}
