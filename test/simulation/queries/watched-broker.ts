import type { CommitPosition } from '../../../engine/broker/broker.ts';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import type { TransactionEnd } from '../../../engine/broker/embedded/transaction-ends.ts';

/** A broker that sees to it that what groups commit in transactions never goes back. */
export class WatchedBroker extends MemoryBroker {
  readonly #committed = new Map<string, number>();
  /** What went back, in words. */
  readonly wentBack: string[] = [];

  override async commit(group: string, positions: readonly CommitPosition[]): Promise<void> {
    this.#note(group, positions, false);
    await super.commit(group, positions);
  }

  override async endTransaction(end: TransactionEnd): Promise<void> {
    if (end.isCommit) for (const [group, positions] of Object.entries(end.offsets)) this.#note(group, positions, true);
    await super.endTransaction(end);
  }

  #note(group: string, positions: readonly CommitPosition[], isTransaction: boolean): void {
    for (const { topic, partition, offset } of positions) {
      const key = `${group} ${topic}-${partition}`;
      const before = this.#committed.get(key) ?? 0;
      if (offset < before && isTransaction) this.wentBack.push(`${key} from ${before} to ${offset}`);
      this.#committed.set(key, offset);
    }
  }
}
