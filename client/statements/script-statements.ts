import { splitStatements } from '../../language/parser/split-statements.ts';
import { type StatementForm, statementFormIn } from '../../language/parser/statement-form.ts';
import { sessionChangeIn } from '../../language/script/session-change.ts';
import { SessionState } from '../../language/script/session-state.ts';
import { tokenize } from '../../language/text/tokens.ts';

export interface ScriptStatement {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly form: StatementForm;
}

/** The statements of a script, cut apart without parsing them. */
export function scriptStatements(script: string): readonly ScriptStatement[] {
  return splitStatements(script).statements.map(({ start, end }) => {
    const text = script.slice(start, end);
    return { text, start, end, form: statementFormIn(text) };
  });
}

/**
 * The statement under the cursor: the one around the offset, else the last that ends on the cursor's line, else the
 * next one below it.
 */
export function statementAt(script: string, offset: number): ScriptStatement | undefined {
  const statements = scriptStatements(script);
  const around = statements.find(({ start, end }) => start <= offset && offset < end);
  if (around !== undefined) return around;
  const lineStart = script.lastIndexOf('\n', offset - 1) + 1;
  const before = statements.findLast(({ end }) => end <= offset && end > lineStart);
  return before ?? statements.find(({ start }) => start >= offset);
}

/** What a session begins with, by names. */
export interface SessionDefaults {
  readonly properties: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** The session at the start of a statement: the script above it is the place of truth, not what was run before. */
export function sessionAt(script: string, offset: number, { properties, variables }: SessionDefaults): SessionState {
  const session = new SessionState(Object.entries(properties), Object.entries(variables));
  for (const { text, start, form } of scriptStatements(script)) {
    if (start >= offset) break;
    if (form === 'session') applySessionStatement(text, session);
  }
  return session;
}

/** Does to a session what SET, UNSET, DEFINE or UNDEFINE says. */
export function applySessionStatement(text: string, session: SessionState): void {
  const change = sessionChangeIn(text);
  if (change !== undefined) session.apply(change);
}

/** The query inside CREATE … AS SELECT or INSERT INTO … SELECT, as a push query. */
export function previewQuery(text: string): string | undefined {
  const tokens = tokenize(text);
  const select = tokens.find((token) => token.kind === 'word' && token.value === 'SELECT');
  if (select === undefined) return undefined;
  const query = text.slice(select.start).replace(/;\s*$/, '').trimEnd();
  return `${query}${statementFormIn(query) === 'push' ? '' : '\nEMIT CHANGES'};`;
}

/** The beginning of a statement on one line, without comments. */
export function firstWords(text: string, length = 80): string {
  const line = text
    .replace(/--[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/;$/, '');
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
