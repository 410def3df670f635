import type { CommitPosition, CommittedOffset } from '../broker.ts';
import type { GroupOffsets as StoredOffsets } from './broker-directory.ts';

/** What consumer groups have committed. */
export class GroupOffsets {
  /** By group and `topic/partition`. */
  readonly #groups = new Map<string, Map<string, number>>();
  /** By group and partition. They are of use to who has lost its state, which here lives as long as the broker does. */
  readonly #notes = new Map<string, string>();

  constructor(stored: StoredOffsets = {}) {
    for (const [group, offsets] of Object.entries(stored)) this.#groups.set(group, new Map(Object.entries(offsets)));
  }

  get names(): readonly string[] {
    return [...this.#groups.keys()];
  }

  /** By partition of a topic. */
  of(group: string, topic: string): ReadonlyMap<number, CommittedOffset> {
    const found = new Map<number, CommittedOffset>();
    for (const [key, offset] of this.#groups.get(group) ?? []) {
      const at = key.lastIndexOf('/');
      if (key.slice(0, at) === topic)
        found.set(Number(key.slice(at + 1)), { offset, note: this.#notes.get(`${group}/${key}`) ?? '' });
    }
    return found;
  }

  /** The topics of which a group has committed offsets. */
  topicsOf(group: string): readonly string[] {
    const keys = [...(this.#groups.get(group)?.keys() ?? [])];
    return [...new Set(keys.map((key) => key.slice(0, key.lastIndexOf('/'))))];
  }

  commit(group: string, positions: readonly CommitPosition[]): void {
    const offsets = this.#groups.get(group) ?? new Map<string, number>();
    for (const { topic, partition, offset, note } of positions) {
      offsets.set(`${topic}/${partition}`, offset);
      if (note !== undefined) this.#notes.set(`${group}/${topic}/${partition}`, note);
    }
    this.#groups.set(group, offsets);
  }

  delete(group: string): void {
    for (const key of this.#groups.get(group)?.keys() ?? []) this.#notes.delete(`${group}/${key}`);
    this.#groups.delete(group);
  }

  /** As they are stored. */
  toStored(): StoredOffsets {
    return Object.fromEntries([...this.#groups].map(([group, offsets]) => [group, Object.fromEntries(offsets)]));
  }
}
