import { STATEMENT_DOCS } from '../language/statements/statement-docs.ts';

/** How statements begin: what completion offers where a statement may stand. */
export const STATEMENT_STARTS = STATEMENT_DOCS.flatMap(({ label, snippet, detail }) =>
  snippet === undefined ? [] : [{ label, snippet, detail }],
);
