import { STATEMENT_DOCS } from '../../language/documentation/statement-docs.ts';

/** How statements begin: what completion offers where a statement may stand. */
export const STATEMENT_STARTS = STATEMENT_DOCS.flatMap(({ label, snippet, detail }) =>
  snippet === undefined ? [] : [{ label, snippet, detail }],
);

/** A line that begins like this starts a statement of its own, whatever is missing before it. */
export const NEXT_STATEMENT = /\n(?=(?:CREATE|SELECT|INSERT|DROP|SHOW|LIST|DESCRIBE|PRINT|SET|EXPLAIN|TERMINATE)\b)/i;
