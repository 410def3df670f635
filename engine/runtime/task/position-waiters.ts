import type { ReadPosition } from '../../broker/broker.ts';

interface Waiter {
  readonly targets: readonly ReadPosition[];
  readonly resolve: () => void;
}

/** Those who wait until a query has read its topics up to some offsets. */
export class PositionWaiters {
  #waiters: Waiter[] = [];

  /** Whether anybody waits whose targets are reached: {@link check} would let them go. */
  isAnyDone(hasReached: (targets: readonly ReadPosition[]) => boolean): boolean {
    return this.#waiters.some(({ targets }) => hasReached(targets));
  }

  /** Resolves when {@link check} finds the targets reached, on {@link release}, or when the time is up. */
  wait(targets: readonly ReadPosition[], timeLimitMs: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const waiter: Waiter = {
        targets,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve();
      }, timeLimitMs);
      this.#waiters.push(waiter);
    });
  }

  /** Lets those go whose targets are reached. */
  check(hasReached: (targets: readonly ReadPosition[]) => boolean): void {
    if (this.#waiters.length === 0) return;
    const reached = this.#waiters.filter(({ targets }) => hasReached(targets));
    this.#waiters = this.#waiters.filter((waiter) => !reached.includes(waiter));
    for (const { resolve } of reached) resolve();
  }

  /** Lets everyone go: nothing more will be read. */
  release(): void {
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters = [];
  }
}
