import type { FunctionDeclaration } from '../functions/declared.ts';
import type { MetastoreSnapshot, SnapshotSource } from '../metastore/metastore-snapshot.ts';

/** The name of the file that holds what a cluster has, at the root of a project. */
export const SCHEMA_LOCK = 'ksql.lock.json';

/**
 * What a cluster has, as a file keeps it: everything by its name, in the order of names, and nothing that differs from
 * one look at the same cluster to the next.
 */
export interface SchemaLock {
  readonly version: typeof LOCK_VERSION;
  /** Which cluster it was read from: the ids of Kafka's and of ksqlDB's. */
  readonly cluster?: string;
  readonly sources: Readonly<Record<string, LockedSource>>;
  /** Types as SQL text. */
  readonly types: Readonly<Record<string, string>>;
  readonly topics: Readonly<Record<string, LockedTopic>>;
  /** Functions besides those of ksqlDB itself. */
  readonly functions: Readonly<Record<string, LockedFunction>>;
}

export type LockedSource = Omit<SnapshotSource, 'name'>;
export type LockedFunction = Omit<FunctionDeclaration, 'name'>;

export interface LockedTopic {
  readonly partitions: number;
  readonly replicas: number;
}

/** Goes up when files of before are not read any more. */
export const LOCK_VERSION = 1;

/** The lock of what a cluster has. Queries are none of it: their numbers differ from one deployment to the next. */
export function lockOf({ cluster, sources, types, topics = [], functions = [] }: MetastoreSnapshot): SchemaLock {
  return {
    version: LOCK_VERSION,
    ...(cluster === undefined ? {} : { cluster }),
    sources: byName(sources, lockedSource),
    types: sorted(Object.entries(types)),
    topics: byName(topics, ({ partitions, replicas }) => ({ partitions, replicas })),
    functions: byName(functions, ({ name: _, ...locked }) => locked),
  };
}

/** What the cluster of a lock had, as if it were connected. */
export function snapshotOf({ cluster, sources, types, topics, functions }: SchemaLock): MetastoreSnapshot {
  const named = <T>(members: Readonly<Record<string, T>>) =>
    Object.entries(members).map(([name, member]) => ({ name, ...member }));
  return { cluster, sources: named(sources), types, queries: [], topics: named(topics), functions: named(functions) };
}

/** Members of JSON that fit on a line. */
const LINE_WIDTH = 120;

/** A lock as its file has it: a line for each column, topic and type, so that it diffs by them. */
export const lockText = (lock: SchemaLock): string => `${jsonText(lock, '')}\n`;

function jsonText(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const isList = Array.isArray(value);
  const [begin, end] = isList ? '[]' : '{}';
  if (members.length === 0) return `${begin}${end}`;
  const isFlat = members.every(([, member]) => typeof member !== 'object');
  const written = members.map(
    ([name, member]) => `${isList ? '' : `${JSON.stringify(name)}: `}${jsonText(member, `${indent}  `)}`,
  );
  const line = `${begin} ${written.join(', ')} ${end}`;
  if (isFlat && indent.length > 2 && indent.length + line.length <= LINE_WIDTH) return line;
  return `${begin}\n${written.map((each) => `${indent}  ${each}`).join(',\n')}\n${indent}${end}`;
}

/** The members of a source in the order in which they are told. */
function lockedSource({ name: _, columns, statementText, ...source }: SnapshotSource): LockedSource {
  return { ...source, columns, statementText };
}

function byName<T extends { readonly name: string }, L>(
  members: readonly T[],
  locked: (member: T) => L,
): Readonly<Record<string, L>> {
  return sorted(members.map((member) => [member.name, locked(member)]));
}

/** In the order of the code points of names, which is the same everywhere. */
const sorted = <T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
