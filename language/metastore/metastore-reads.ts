import type { SqlType } from '../types/sql-type.ts';
import { sameType } from '../types/sql-type.ts';
import type { DataSource, Metastore, TopicInfo } from './metastore.ts';

/** What an analysis has looked up in a metastore, and found. */
export interface RememberedReads {
  readonly sources: ReadonlyMap<string, DataSource | undefined>;
  readonly types: ReadonlyMap<string, SqlType | undefined>;
  readonly topics: ReadonlyMap<string, TopicInfo | undefined> | undefined;
  /** Parts that do not change while a script is analysed. */
  readonly surroundings: Pick<Metastore, 'schemas' | 'functions'>;
}

/** The same while the analysis goes on. */
export interface MetastoreReads extends RememberedReads {
  /** False when something was listed, or queries were looked at: the outcome may then depend on anything. */
  readonly repeatable: boolean;
}

/** The metastore, and what is being read of it. */
export function withRecordedReads(metastore: Metastore): {
  readonly metastore: Metastore;
  readonly reads: MetastoreReads;
} {
  const sources = new RecordingMap(metastore.sources);
  const types = new RecordingMap(metastore.types);
  const queries = new RecordingMap(metastore.queries);
  const topics = metastore.topics && new RecordingMap(metastore.topics);
  const { schemas, functions } = metastore;
  const reads: MetastoreReads = {
    sources: sources.found,
    types: types.found,
    topics: topics?.found,
    surroundings: { ...(schemas ? { schemas } : {}), ...(functions ? { functions } : {}) },
    get repeatable() {
      const touched = queries.found.size > 0 || queries.listed;
      return !touched && !sources.listed && !types.listed && topics?.listed !== true;
    },
  };
  return { metastore: { ...metastore, sources, types, queries, ...(topics ? { topics } : {}) }, reads };
}

/** Whether the same look-ups would find the same. */
export function readsAreUnchanged(reads: RememberedReads, metastore: Metastore): boolean {
  const { schemas, functions } = reads.surroundings;
  if (schemas !== metastore.schemas || functions !== metastore.functions) return false;
  for (const [name, source] of reads.sources) if (metastore.sources.get(name) !== source) return false;
  for (const [name, type] of reads.types) {
    const now = metastore.types.get(name);
    if (now !== type && !(now && type && sameType(now, type))) return false;
  }
  if ((reads.topics === undefined) !== (metastore.topics === undefined)) return false;
  for (const [name, topic] of reads.topics ?? []) if (!sameTopic(metastore.topics?.get(name), topic)) return false;
  return true;
}

const sameTopic = (a: TopicInfo | undefined, b: TopicInfo | undefined): boolean =>
  a?.partitions === b?.partitions && a?.replicas === b?.replicas && a?.retentionMs === b?.retentionMs;

/** A map that remembers what was looked up in it, and whether it was listed. */
class RecordingMap<V> implements ReadonlyMap<string, V> {
  readonly found = new Map<string, V | undefined>();
  listed = false;
  readonly #map: ReadonlyMap<string, V>;

  constructor(map: ReadonlyMap<string, V>) {
    this.#map = map;
  }

  get(key: string): V | undefined {
    const value = this.#map.get(key);
    this.found.set(key, value);
    return value;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get size(): number {
    return this.#list().size;
  }

  entries(): MapIterator<[string, V]> {
    return this.#list().entries();
  }

  keys(): MapIterator<string> {
    return this.#list().keys();
  }

  values(): MapIterator<V> {
    return this.#list().values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.#list().entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    this.#list().forEach(visit);
  }

  #list(): ReadonlyMap<string, V> {
    this.listed = true;
    return this.#map;
  }
}
