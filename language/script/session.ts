import { VersionedMap } from '../metastore/versioned-map.ts';
import type { ParseOptions } from '../parser/parse-options.ts';
import { type ParsedStatement, parseScript } from '../parser/parse-script.ts';
import { type Replacement, substitution, VariableError } from '../parser/substitute-variables.ts';
import type { AnalysisSettings } from '../query/statement-context.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { sessionChangeOf } from './session-change.ts';

/** A statement with the values of its variables in their places; its offsets are then those of that text. */
export interface SubstitutedStatement {
  readonly statement: ParsedStatement;
  readonly replacements: readonly Replacement[];
}

/** @returns the statement, or why its variables cannot be replaced */
export function withVariables(
  statement: ParsedStatement,
  session: AnalysisSettings,
  options: ParseOptions,
): SubstitutedStatement | { readonly problem: Diagnostic } {
  const unchanged = { statement, replacements: [] };
  if (!statement.text.includes('${') || statement.node?.$type === 'DefineVariable') return unchanged;
  try {
    const { text, replacements } = substitution(statement.text, session.variables);
    if (text === statement.text) return unchanged;
    const replaced = parseScript(text, options).statements[0];
    if (replaced === undefined) return unchanged;
    // What is wrong in the replaced text is shown at the statement as a whole, because places have moved.
    const move = (diagnostic: Diagnostic): Diagnostic => ({
      ...diagnostic,
      statement: statement.index,
      range: statement.range,
      fixes: [],
    });
    const { index, offset, range } = statement;
    const diagnostics = replaced.diagnostics.map(move);
    return { statement: { ...replaced, index, offset, range, diagnostics }, replacements };
  } catch (error) {
    if (!(error instanceof VariableError)) throw error;
    const range = { start: statement.offset + error.start, end: statement.offset + error.end };
    // A variable may be defined by whoever runs the script, so in the editor this is no error.
    const severity = session.offline ? 'warning' : 'error';
    return {
      problem: {
        code: 'undefined-variable',
        severity,
        message: error.message,
        range,
        statement: statement.index,
        fixes: [],
      },
    };
  }
}

type Properties = AnalysisSettings['properties'];

/** What SET and UNSET made of the properties before them. */
const changes = new WeakMap<object, { readonly before: Properties; readonly after: Properties }>();

/** The same map as in an analysis before, so that a look tells that the settings of a statement are what they were. */
function changedBy(node: object, before: Properties, change: (before: Properties) => Properties): Properties {
  const known = changes.get(node);
  if (known?.before === before) return known.after;
  const after = change(before);
  changes.set(node, { before, after });
  return after;
}

/**
 * What {@link SessionState} does, but to maps that are never changed: each statement keeps the settings that it was
 * analysed with.
 */
export function sessionAfter(node: ParsedStatement['node'], text: string, session: AnalysisSettings): AnalysisSettings {
  const change = sessionChangeOf(node, text);
  switch (change?.kind) {
    case undefined:
      return session;
    case 'set': {
      const { name, value } = change;
      const properties = changedBy(node!, session.properties, (before) => VersionedMap.with(before, name, value));
      return name === 'ksql.dialect'
        ? { ...session, properties, dialect: value === '2018' ? '2018' : 'latest' }
        : { ...session, properties };
    }
    case 'unset': {
      const properties = changedBy(node!, session.properties, (before) => VersionedMap.without(before, change.name));
      return { ...session, properties };
    }
    case 'define':
      return {
        ...session,
        variables: VersionedMap.with(session.variables, change.name.toUpperCase(), change.value),
      };
    case 'undefine':
      return { ...session, variables: VersionedMap.without(session.variables, change.name.toUpperCase()) };
    default:
      return change satisfies never;
  }
}
