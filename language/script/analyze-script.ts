import type { Metastore } from '../metastore/metastore.ts';
import { withPlaceholder } from '../metastore/placeholder-source.ts';
import { VersionedMap } from '../metastore/versioned-map.ts';
import type { ParsedScript } from '../parser/parse-script.ts';
import { parseScript } from '../parser/parse-script.ts';
import { type Replacement, substitution, VariableError, variablesByName } from '../parser/substitute-variables.ts';
import type { AnalyzedStatement } from '../query/analyzed.ts';
import type { AnalysisSettings, ExpressionTable } from '../query/statement-context.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rememberedMeaning } from './analysis-cache.ts';
import type { StatementMeaning } from './analyze-statement.ts';
import { metastoreAfter } from './metastore-after.ts';
import { sessionChangeOf } from './session-change.ts';

export interface ScriptAnalysis {
  /** In the order of the statements; undefined for those without a meaning. */
  readonly statements: readonly (AnalyzedStatement | undefined)[];
  readonly diagnostics: readonly Diagnostic[];
  /** After the last statement. */
  readonly metastore: Metastore;
  /** The metastore before each statement: what its names can stand for. */
  readonly metastores: readonly Metastore[];
  /** What the expressions of each statement mean, by the nodes of its tree. */
  readonly expressions: readonly ExpressionTable[];
  /** The statements that name variables, as they were analysed, by index: with values in the place of variables. */
  readonly substituted: ReadonlyMap<number, SubstitutedStatement>;
}

/**
 * Analyses a script from top to bottom: each statement sees what those before it have made, SET and DEFINE included. It never
 * throws.
 */
export function analyzeScript(parsed: ParsedScript, metastore: Metastore, settings: AnalysisSettings): ScriptAnalysis {
  const expressions: ExpressionTable[] = [];
  const substituted = new Map<number, SubstitutedStatement>();
  const statements: (AnalyzedStatement | undefined)[] = [];
  const diagnostics: Diagnostic[] = [];
  const metastores: Metastore[] = [];
  let current = metastore;
  const declarations = new Map<string, Statement>();
  const variables = variablesByName(settings.variables);
  let session: AnalysisSettings = { ...settings, variables, declarations };
  for (const written of parsed.statements) {
    if (written.directives.some(({ name }) => name === 'test')) {
      // Each test of a test script has an engine of its own.
      current = metastore;
      declarations.clear();
      session = { ...settings, variables, declarations };
    }
    metastores.push(current);
    const read = withVariables(written, session, parsed);
    if ('problem' in read) {
      diagnostics.push(read.problem);
      statements.push(undefined);
      expressions.push(NO_EXPRESSIONS);
      current = withPlaceholder(current, written.partial);
      continue;
    }
    if (read.replacements.length > 0) substituted.set(written.index, read);
    const { statement } = read;
    const { analyzed, diagnostics: found, expressions: typed, after } = outcomeOf(statement, current, session);
    statements.push(analyzed);
    expressions.push(typed);
    diagnostics.push(...found);
    const { node = written.partial } = statement;
    if (node?.$type === 'CreateSource' || node?.$type === 'CreateAs') declarations.set(node.name, written);
    current = after ?? withPlaceholder(current, node);
    if (analyzed?.kind === 'simple') session = sessionAfter(statement.node, statement.text, session);
  }
  return { statements, diagnostics, metastore: current, metastores, expressions, substituted };
}

type Statement = ParsedScript['statements'][number];

/** A statement with the values of its variables in their places; its offsets are then those of that text. */
export interface SubstitutedStatement {
  readonly statement: Statement;
  readonly replacements: readonly Replacement[];
}

interface Outcome extends StatementMeaning {
  readonly expressions: ExpressionTable;
  /** Undefined for a statement without a meaning. */
  readonly after?: Metastore;
}

function outcomeOf(statement: Statement, metastore: Metastore, session: AnalysisSettings): Outcome {
  try {
    const meaning = rememberedMeaning(statement, metastore, session);
    if (meaning.analyzed === undefined) return meaning;
    return {
      ...meaning,
      after: metastoreAfter(meaning.analyzed, statement, metastore, session, `QUERY_${statement.index}`),
    };
  } catch (error) {
    if (session.onDefect === undefined) throw error;
    session.onDefect(error);
    return { analyzed: undefined, diagnostics: statement.diagnostics, expressions: NO_EXPRESSIONS };
  }
}

const NO_EXPRESSIONS: ExpressionTable = new Map();

function withVariables(
  statement: Statement,
  session: AnalysisSettings,
  parsed: ParsedScript,
): SubstitutedStatement | { readonly problem: Diagnostic } {
  const unchanged = { statement, replacements: [] };
  if (!statement.text.includes('${') || statement.node?.$type === 'DefineVariable') return unchanged;
  try {
    const { text, replacements } = substitution(statement.text, session.variables);
    if (text === statement.text) return unchanged;
    const replaced = parseScript(text, parsed.options).statements[0];
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

/** What {@link SessionState} does, but to maps that are never changed: each statement keeps the settings that it was analysed with. */
function sessionAfter(node: Statement['node'], text: string, session: AnalysisSettings): AnalysisSettings {
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
