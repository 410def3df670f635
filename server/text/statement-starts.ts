import { STATEMENT_VERBS } from '../../language/parser/verbs.ts';

/** A line that begins like this starts a statement of its own, whatever is missing before it. */
export const NEXT_STATEMENT = new RegExp(`\\n(?=(?:${STATEMENT_VERBS.join('|')})\\b)`, 'i');
