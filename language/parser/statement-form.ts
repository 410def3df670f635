import type { Statement } from '../generated/ast.ts';
import { type Token, tokenize } from '../text/tokens.ts';
import { hasRole } from './statement-roles.ts';

/** What running a statement amounts to. */
export type StatementForm =
  /** SELECT … EMIT: rows as they come. */
  | 'push'
  | 'pull'
  | 'print'
  | 'create-as'
  | 'insert-select'
  | 'insert-values'
  /** SET, UNSET, DEFINE, UNDEFINE: they only concern the statements below. */
  | 'session'
  | 'other';

export function statementFormOf(node: Statement): StatementForm {
  if (hasRole(node, 'session')) return 'session';
  if (hasRole(node, 'insert')) return node.$type === 'InsertSelect' ? 'insert-select' : 'insert-values';
  if (!hasRole(node, 'query')) return node.$type === 'CreateAs' ? 'create-as' : 'other';
  if (node.$type === 'PrintTopic') return 'print';
  return node.emit === undefined ? 'pull' : 'push';
}

/**
 * As {@link statementFormOf} from the words alone: for a statement that is not parsed, or is broken while it is
 * written.
 */
export function statementFormIn(text: string): StatementForm {
  const tokens = tokenize(text);
  const [first] = tokens;
  if (first?.kind !== 'word') return 'other';
  switch (first.value) {
    case 'SELECT':
      return tokens.some((_token, at) => isEmitClause(tokens, at)) ? 'push' : 'pull';
    case 'PRINT':
      return 'print';
    case 'CREATE':
      return tokens.some((token, at) => isWord(token, 'AS') && isWord(tokens[at + 1], 'SELECT'))
        ? 'create-as'
        : 'other';
    case 'INSERT':
      return tokens.some((token) => isWord(token, 'SELECT')) ? 'insert-select' : 'insert-values';
    case 'SET':
    case 'UNSET':
    case 'DEFINE':
    case 'UNDEFINE':
      return 'session';
    default:
      return 'other';
  }
}

const isWord = (token: Token | undefined, word: string): boolean => token?.kind === 'word' && token.value === word;

/** EMIT is a name as well: the clause goes on with CHANGES or FINAL, or is about to. */
function isEmitClause(tokens: readonly Token[], at: number): boolean {
  if (!isWord(tokens[at], 'EMIT')) return false;
  const next = tokens[at + 1];
  if (next === undefined || next.value === ';') return true;
  return next.kind === 'word' && ['CHANGES', 'FINAL'].some((mode) => mode.startsWith(next.value));
}
