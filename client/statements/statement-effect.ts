import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { tokenize } from '../../language/text/tokens.ts';
import type { ScriptStatement } from './script-statements.ts';

/** What is different on a server once a statement has run there. */
export type StatementEffect =
  | { readonly kind: 'source' | 'type' | 'connector'; readonly name: string }
  /** INSERT … SELECT: a query that has no source of its own. */
  | { readonly kind: 'query' }
  | { readonly kind: 'rows' }
  /** DROP, TERMINATE, ALTER and their kin. */
  | { readonly kind: 'change' }
  /** A SELECT or PRINT that goes on: rows are shown as long as it runs. */
  | { readonly kind: 'shown' }
  | { readonly kind: 'none' };

const CHANGES = new Set('DROP TERMINATE ALTER PAUSE RESUME'.split(' '));
/** Between CREATE and what is created. */
const MODIFIERS = new Set('OR REPLACE SOURCE SINK IF NOT EXISTS'.split(' '));

/** What a statement does, as far as its first words tell. */
export function effectOf({ text, form }: Pick<ScriptStatement, 'text' | 'form'>): StatementEffect {
  if (form === 'push' || form === 'print') return { kind: 'shown' };
  if (form === 'insert-select') return { kind: 'query' };
  if (form === 'insert-values') return { kind: 'rows' };
  const [first, ...others] = tokenize(text);
  if (first === undefined || first.kind !== 'word') return { kind: 'none' };
  if (CHANGES.has(first.value)) return { kind: 'change' };
  if (first.value !== 'CREATE') return { kind: 'none' };
  const [what, name] = others.filter(({ kind, value }) => !(kind === 'word' && MODIFIERS.has(value)));
  if (what === undefined || name === undefined) return { kind: 'none' };
  switch (what.value) {
    case 'STREAM':
    case 'TABLE':
      return { kind: 'source', name: name.value };
    case 'TYPE':
      return { kind: 'type', name: name.value };
    case 'CONNECTOR':
      return { kind: 'connector', name: name.value };
    default:
      return { kind: 'none' };
  }
}

/**
 * Whether what a statement made is on a server; undefined where what is known of the server does not tell.
 * @param queryId of the query that the statement began, where it began one
 */
export function isThere(
  effect: StatementEffect,
  snapshot: MetastoreSnapshot,
  queryId: string | undefined,
): boolean | undefined {
  switch (effect.kind) {
    case 'source':
      return snapshot.sources.some(({ name }) => name === effect.name);
    case 'type':
      return Object.hasOwn(snapshot.types, effect.name);
    case 'query':
      return snapshot.queries.some(({ id }) => id === queryId);
    case 'connector':
    case 'rows':
    case 'change':
    case 'shown':
    case 'none':
      return undefined;
    default:
      return effect satisfies never;
  }
}

/** Whether a server has all that another had when it was last asked. */
export function keepsAll(before: MetastoreSnapshot | undefined, now: MetastoreSnapshot): boolean {
  if (before === undefined) return false;
  const sources = new Set(now.sources.map(({ name }) => name));
  const queries = new Set(now.queries.map(({ id }) => id));
  return before.sources.every(({ name }) => sources.has(name)) && before.queries.every(({ id }) => queries.has(id));
}
