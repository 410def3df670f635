import { type JsonPath, jsonPlaces } from './json-places.ts';
import type { ConfigProblem } from './project-config.ts';
import { LOCK_VERSION, SCHEMA_LOCK, type SchemaLock } from './schema-lock.ts';

export interface ReadLock {
  readonly text: string;
  /** Absent where the text is none. */
  readonly lock?: SchemaLock;
  readonly problems: readonly ConfigProblem[];
}

/** What a member has to be; with braces, an object whose members all are so. */
type Shape =
  | 'text'
  | 'number'
  | { readonly [name: string]: Shape }
  | { readonly each: Shape }
  | { readonly list: Shape };

const COLUMN: Shape = { name: 'text', type: 'text', namespace: 'text' };
const OVERLOAD: Shape = { parameters: { list: { name: 'text', type: 'text' } }, returns: 'text' };
const LOCK: Shape = {
  sources: {
    each: {
      kind: 'text',
      topic: 'text',
      keyFormat: 'text',
      valueFormat: 'text',
      statementText: 'text',
      columns: { list: COLUMN },
    },
  },
  types: { each: 'text' },
  topics: { each: { partitions: 'number', replicas: 'number' } },
  functions: { each: { kind: 'text', summary: 'text', file: 'text', overloads: { list: OVERLOAD } } },
};

/** Reads a `ksql.lock.json`. One in which anything is wrong counts as none, and that is told. It never throws. */
export function readLock(text: string): ReadLock {
  const refused = (message: string, offset?: number): ReadLock => ({ text, problems: [{ message, offset }] });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const offset = /position (\d+)/.exec(message)?.[1];
    return refused(`${message}. ${AGAIN}`, offset === undefined ? undefined : Number(offset));
  }
  const places = jsonPlaces(text);
  const version = isObject(parsed) ? parsed['version'] : undefined;
  if (version !== LOCK_VERSION)
    return refused(
      `This is no ${SCHEMA_LOCK} of version ${LOCK_VERSION}, which is the one that is read here. ${AGAIN}`,
      places.nearest(['version'])?.start,
    );
  const wrong = firstMisfit(parsed, LOCK, []);
  if (wrong === undefined) return { text, lock: parsed as SchemaLock, problems: [] };
  const { path, wanted } = wrong;
  return refused(`${path.join('.')} is ${wanted}. ${AGAIN}`, places.nearest(path)?.start);
}

const AGAIN = 'Write it anew with `ksql pull`.';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Misfit {
  readonly path: JsonPath;
  readonly wanted: string;
}

/** The first member that is not what it has to be. */
function firstMisfit(value: unknown, shape: Shape, path: JsonPath): Misfit | undefined {
  if (shape === 'text') return typeof value === 'string' ? undefined : { path, wanted: 'a text' };
  if (shape === 'number') return typeof value === 'number' ? undefined : { path, wanted: 'a number' };
  if ('list' in shape) {
    if (!Array.isArray(value)) return { path, wanted: 'a list' };
    return firstOf(value.map((member, i) => () => firstMisfit(member, shape.list as Shape, [...path, i])));
  }
  if (!isObject(value)) return { path, wanted: 'an object' };
  const members =
    'each' in shape ? Object.keys(value).map((name) => [name, shape['each']] as const) : Object.entries(shape);
  return firstOf(
    members.map(
      ([name, member]) =>
        () =>
          firstMisfit(value[name], member as Shape, [...path, name]),
    ),
  );
}

function firstOf(searches: readonly (() => Misfit | undefined)[]): Misfit | undefined {
  for (const search of searches) {
    const found = search();
    if (found !== undefined) return found;
  }
  return undefined;
}
