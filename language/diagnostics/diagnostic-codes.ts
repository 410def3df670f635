import type { DiagnosticEntry, DiagnosticStage } from './diagnostic-entry.ts';
import { EXPRESSION_CODES } from './expression-codes.ts';
import { FUNCTION_CODES } from './function-codes.ts';
import { HINT_CODES } from './hint-codes.ts';
import { JOIN_CODES } from './join-codes.ts';
import { NAME_CODES } from './name-codes.ts';
import { PROJECT_CODES } from './project-codes.ts';
import { PULL_CODES } from './pull-codes.ts';
import { QUERY_CODES } from './query-codes.ts';
import { SOURCE_CODES } from './source-codes.ts';
import { STATEMENT_CODES } from './statement-codes.ts';
import { SYNTAX_CODES } from './syntax-codes.ts';

const GROUPS = {
  Syntax: SYNTAX_CODES,
  Names: NAME_CODES,
  Expressions: EXPRESSION_CODES,
  Functions: FUNCTION_CODES,
  Queries: QUERY_CODES,
  Joins: JOIN_CODES,
  'Streams and tables': SOURCE_CODES,
  'Pull queries': PULL_CODES,
  'Other statements': STATEMENT_CODES,
  Hints: HINT_CODES,
  Projects: PROJECT_CODES,
} as const;

type Groups = (typeof GROUPS)[keyof typeof GROUPS];

/** The codes of all diagnostics: stable, kebab-case, and declared in one of the tables of this folder. */
export type DiagnosticCode = { [G in keyof typeof GROUPS]: keyof (typeof GROUPS)[G] }[keyof typeof GROUPS];

type EntryOf<Code extends DiagnosticCode> = Extract<Groups, Record<Code, unknown>>[Code];

/** The codes of what ksqlDB refuses: those that an `AnalysisError` can have. */
export type ErrorCode = {
  [Code in DiagnosticCode]: EntryOf<Code> extends { readonly severity: 'error' } ? Code : never;
}[DiagnosticCode];

/** What there is to say about the diagnostics of each code. */
export const DIAGNOSTICS: Readonly<Record<DiagnosticCode, DiagnosticEntry>> = {
  ...SYNTAX_CODES,
  ...NAME_CODES,
  ...EXPRESSION_CODES,
  ...FUNCTION_CODES,
  ...QUERY_CODES,
  ...JOIN_CODES,
  ...SOURCE_CODES,
  ...PULL_CODES,
  ...STATEMENT_CODES,
  ...HINT_CODES,
  ...PROJECT_CODES,
};

/** When ksqlDB finds faults of the code, as a rule. */
export const stageOf = (code: DiagnosticCode): DiagnosticStage => DIAGNOSTICS[code].stage ?? 'complete';

/** The codes by what they are about, in the order of their documentation. */
export const CODES_BY_TOPIC: ReadonlyMap<string, readonly DiagnosticCode[]> = new Map(
  Object.entries(GROUPS).map(([topic, entries]) => [topic, Object.keys(entries) as DiagnosticCode[]]),
);

/** Whether a text, such as one that a user typed, is a code. */
export const isDiagnosticCode = (text: string): text is DiagnosticCode => Object.hasOwn(DIAGNOSTICS, text);
