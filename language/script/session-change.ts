import type { Statement } from '../generated/ast.ts';
import { hasRole } from '../parser/statement-roles.ts';
import { tokenize } from '../text/tokens.ts';

/**
 * What SET, UNSET, DEFINE or UNDEFINE does to a session. Variables are named as they were written; their names ignore
 * case.
 */
export type SessionChange =
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'unset'; readonly name: string }
  | { readonly kind: 'define'; readonly name: string; readonly value: string }
  | { readonly kind: 'undefine'; readonly name: string };

/** What a statement does to the session that it runs in; undefined for one that concerns others, too. */
export function sessionChangeOf(node: Statement | undefined, text: string): SessionChange | undefined {
  if (!hasRole(node, 'session')) return undefined;
  switch (node.$type) {
    case 'SetProperty':
      return { kind: 'set', name: node.name, value: node.value };
    case 'UnsetProperty':
      return { kind: 'unset', name: node.name };
    case 'DefineVariable':
      return { kind: 'define', name: writtenName(text) ?? node.name, value: node.value };
    case 'UndefineVariable':
      return { kind: 'undefine', name: writtenName(text) ?? node.name };
    default:
      return node satisfies never;
  }
}

/** As {@link sessionChangeOf} from the words alone, for those who run a script without parsing it. */
export function sessionChangeIn(text: string): SessionChange | undefined {
  const [verb, name, equals, value] = tokenize(text);
  if (verb?.kind !== 'word' || name === undefined) return undefined;
  const isGiven = equals?.value === '=' && value?.kind === 'text';
  switch (verb.value) {
    case 'SET':
      return isGiven ? { kind: 'set', name: name.value, value: value.value } : undefined;
    case 'UNSET':
      return { kind: 'unset', name: name.value };
    case 'DEFINE':
      return isGiven ? { kind: 'define', name: writtenName(text) ?? name.value, value: value.value } : undefined;
    case 'UNDEFINE':
      return { kind: 'undefine', name: writtenName(text) ?? name.value };
    default:
      return undefined;
  }
}

/** The variable's name in its own letters; undefined where it is quoted. */
const writtenName = (text: string): string | undefined => /^\s*(?:UN)?DEFINE\s+(\w+)/i.exec(text)?.[1];
