import type { SqlType } from '../types/sql-type.ts';
import type { DataSource, Metastore, QueryInfo, TopicInfo } from './metastore.ts';
import { VersionedMap } from './versioned-map.ts';

/** The metastore with the source added, or replaced if there is one of that name. */
export function addSource(metastore: Metastore, source: DataSource): Metastore {
  return { ...metastore, sources: VersionedMap.with(metastore.sources, source.name, source) };
}

/** The metastore without the source, and without the query that only exists to fill it. */
export function dropSource(metastore: Metastore, name: string): Metastore {
  const ended = [...metastore.queries.values()].filter(({ sink, kind }) => sink === name && kind !== 'insert');
  const queries = ended.reduce((left, { id }) => VersionedMap.without(left, id), metastore.queries);
  return { ...metastore, sources: VersionedMap.without(metastore.sources, name), queries };
}

/** The metastore with a running query added. */
export function addQuery(metastore: Metastore, query: QueryInfo): Metastore {
  return { ...metastore, queries: VersionedMap.with(metastore.queries, query.id, query) };
}

/** The metastore without the query; its sink stays. */
export function dropQuery(metastore: Metastore, id: string): Metastore {
  return { ...metastore, queries: VersionedMap.without(metastore.queries, id) };
}

/** The metastore with a custom type registered. */
export function addType(metastore: Metastore, name: string, type: SqlType): Metastore {
  return { ...metastore, types: VersionedMap.with(metastore.types, name.toUpperCase(), type) };
}

/** The metastore without the custom type. */
export function dropType(metastore: Metastore, name: string): Metastore {
  return { ...metastore, types: VersionedMap.without(metastore.types, name.toUpperCase()) };
}

/** The metastore knowing of the topic; unchanged when no broker is connected. */
export function addTopic(metastore: Metastore, topic: TopicInfo): Metastore {
  return metastore.topics
    ? { ...metastore, topics: VersionedMap.with(metastore.topics, topic.name, topic) }
    : metastore;
}

/** The metastore without the topic; unchanged when no broker is connected. */
export function dropTopic(metastore: Metastore, name: string): Metastore {
  return metastore.topics ? { ...metastore, topics: VersionedMap.without(metastore.topics, name) } : metastore;
}

/** Names of the sources that were made by a SELECT from this one, which keep it from being dropped. */
export function readersOf(metastore: Metastore, name: string): readonly string[] {
  const readers: string[] = [];
  for (const source of metastore.sources.values()) {
    if (source.name !== name && source.readsFrom?.includes(name)) readers.push(source.name);
  }
  return readers;
}

/** INSERT INTO queries that read from the source, and those that write into it. */
export function insertQueriesOf(
  metastore: Metastore,
  name: string,
): { readonly reading: readonly string[]; readonly writing: readonly string[] } {
  const inserts = [...metastore.queries.values()].filter((query) => query.kind === 'insert');
  return {
    reading: inserts.filter((query) => query.sources.includes(name)).map((query) => query.id),
    writing: inserts.filter((query) => query.sink === name).map((query) => query.id),
  };
}

/** Ids of all queries that write into the source. */
export function writersOf(metastore: Metastore, name: string): readonly string[] {
  return [...metastore.queries.values()].filter((query) => query.sink === name).map((query) => query.id);
}
