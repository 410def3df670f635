import type { MetastoreSnapshot } from '../metastore/metastore-snapshot.ts';
import { identifierText } from '../text/identifier-text.ts';
import type { JsonPath } from './json-places.ts';
import { samePlainData } from './same-plain-data.ts';
import { type LockedFunction, type LockedSource, type LockedTopic, lockOf, type SchemaLock } from './schema-lock.ts';

/** How a cluster differs from its lock. */
export interface LockDifference {
  /** The nearest that the lock has of what is different. */
  readonly path: JsonPath;
  readonly message: string;
}

/**
 * All in which a cluster differs from its lock. What nobody has asked the cluster for counts as unchanged, and it does
 * not matter which cluster it is.
 */
export function lockDifferences(lock: SchemaLock, snapshot: MetastoreSnapshot): readonly LockDifference[] {
  const cluster: SchemaLock = {
    ...lockOf(snapshot),
    ...(snapshot.topics === undefined ? { topics: lock.topics } : {}),
    ...(snapshot.functions === undefined ? { functions: lock.functions } : {}),
  };
  return [
    ...different(lock, cluster, 'sources', describeSource, sourceDifferences),
    ...different(lock, cluster, 'types', () => 'type', typeDifference),
    ...different(lock, cluster, 'topics', () => 'topic', topicDifferences),
    ...different(lock, cluster, 'functions', () => 'function', functionDifference),
  ];
}

type Part = 'sources' | 'types' | 'topics' | 'functions';
type Member<P extends Part> = SchemaLock[P][string];

/** What only one of the two has, and how members that both have differ. */
function different<P extends Part>(
  lock: SchemaLock,
  cluster: SchemaLock,
  part: P,
  kindOf: (member: Member<P>) => string,
  compare: (name: string, locked: Member<P>, now: Member<P>) => readonly LockDifference[],
): readonly LockDifference[] {
  const before = new Map(Object.entries(lock[part]) as [string, Member<P>][]);
  const after = new Map(Object.entries(cluster[part]) as [string, Member<P>][]);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [locked, now] = [before.get(name), after.get(name)];
    const text = part === 'topics' ? name : identifierText(name);
    if (locked === undefined)
      return [{ path: [part], message: `The cluster has the ${kindOf(now!)} ${text}, which is not in the lock.` }];
    if (now === undefined) return [{ path: [part, name], message: `The cluster has no ${kindOf(locked)} ${text}.` }];
    return samePlainData(locked, now) ? [] : compare(name, locked, now);
  });
}

const describeSource = ({ kind }: LockedSource): string => kind.toLowerCase();

/** What of a source is compared as it stands. */
const PLAIN = {
  kind: 'kind',
  topic: 'topic',
  keyFormat: 'key format',
  valueFormat: 'value format',
  delimiter: 'delimiter',
  windowType: 'type of windows',
  windowSizeMs: 'size of windows, in milliseconds,',
  partitions: 'number of partitions',
} as const satisfies Partial<Record<keyof LockedSource, string>>;

function sourceDifferences(name: string, locked: LockedSource, now: LockedSource): readonly LockDifference[] {
  const path = ['sources', name];
  const source = identifierText(name);
  const plain = (Object.keys(PLAIN) as (keyof typeof PLAIN)[]).flatMap((member) =>
    locked[member] === now[member]
      ? []
      : [
          {
            path: [...path, member],
            message: `The ${PLAIN[member]} of ${source} is ${valueText(now[member])}, and was ${valueText(locked[member])}.`,
          },
        ],
  );
  const found = [...plain, ...columnDifferences(name, locked, now)];
  if (found.length > 0) return found;
  return [
    {
      path: [...path, 'statementText'],
      message: `The statement that made ${source} is another one: ${now.statementText}`,
    },
  ];
}

const valueText = (value: string | number | undefined): string => (value === undefined ? 'none' : String(value));

function columnDifferences(name: string, locked: LockedSource, now: LockedSource): readonly LockDifference[] {
  const path: JsonPath = ['sources', name, 'columns'];
  const source = identifierText(name);
  const after = new Map(now.columns.map((column) => [column.name, column]));
  const known = new Set(locked.columns.map((column) => column.name));
  const changed = locked.columns.flatMap((column, i): LockDifference[] => {
    const today = after.get(column.name);
    const text = `${source}.${identifierText(column.name)}`;
    if (today === undefined) return [{ path: [...path, i, 'name'], message: `The cluster has no column ${text}.` }];
    if (samePlainData(column, today)) return [];
    const [is, was] = [columnText(today), columnText(column)];
    return [{ path: [...path, i, 'type'], message: `The column ${text} is ${is}, and was ${was}.` }];
  });
  const added = now.columns.flatMap((column): LockDifference[] => {
    if (known.has(column.name)) return [];
    const text = `${source}.${identifierText(column.name)} ${columnText(column)}`;
    return [{ path, message: `The cluster has the column ${text}, which is not in the lock.` }];
  });
  const found = [...changed, ...added];
  const order = ({ columns }: LockedSource) => columns.map((column) => column.name).join();
  if (found.length > 0 || order(locked) === order(now)) return found;
  return [{ path, message: `The columns of ${source} stand in another order: ${order(now)}.` }];
}

function columnText({ type, namespace, headerKey }: LockedSource['columns'][number]): string {
  switch (namespace) {
    case 'value':
      return type;
    case 'key':
      return `${type} KEY`;
    case 'headers':
      return `${type} HEADERS`;
    case 'header':
      return `${type} HEADER('${headerKey}')`;
    default:
      return namespace satisfies never;
  }
}

const typeDifference = (name: string, locked: string, now: string): readonly LockDifference[] => [
  { path: ['types', name], message: `The type ${identifierText(name)} is ${now}, and was ${locked}.` },
];

function topicDifferences(name: string, locked: LockedTopic, now: LockedTopic): readonly LockDifference[] {
  return (['partitions', 'replicas'] as const).flatMap((member) =>
    locked[member] === now[member]
      ? []
      : [
          {
            path: ['topics', name, member],
            message: `The topic ${name} has ${now[member]} ${member}, and had ${locked[member]}.`,
          },
        ],
  );
}

function functionDifference(name: string, locked: LockedFunction, now: LockedFunction): readonly LockDifference[] {
  const signatures = ({ overloads }: LockedFunction) =>
    overloads
      .map(({ parameters, returns }) => `(${parameters.map(({ type }) => type).join(', ')}) → ${returns}`)
      .join(' or ');
  const [is, was] = [signatures(now), signatures(locked)];
  const message =
    is === was
      ? `The function ${name} is described in other words, or comes from another file.`
      : `The function ${name} takes and gives ${is}; it was ${was}.`;
  return [{ path: ['functions', name], message }];
}
