import type { Metastore } from '../metastore/metastore.ts';
import { withPlaceholder } from '../metastore/placeholder-source.ts';
import { VersionedMap } from '../metastore/versioned-map.ts';
import type { ParsedScript } from '../parser/parse-script.ts';
import { parseScript } from '../parser/parse-script.ts';
import { substituteVariables, VariableError, variablesByName } from '../parser/substitute-variables.ts';
import type { AnalyzedStatement } from '../query/analyzed.ts';
import type { AnalysisSettings, MeaningTable } from '../query/statement-context.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rememberedMeaning } from './analysis-cache.ts';
import type { StatementMeaning } from './analyze-statement.ts';
import { metastoreAfter } from './metastore-after.ts';

export interface ScriptAnalysis {
  /** In the order of the statements; undefined for those without a meaning. */
  readonly statements: readonly (AnalyzedStatement | undefined)[];
  readonly diagnostics: readonly Diagnostic[];
  /** After the last statement. */
  readonly metastore: Metastore;
  /** The metastore before each statement: what its names can stand for. */
  readonly metastores: readonly Metastore[];
  /** What the nodes of the syntax trees mean. */
  readonly meanings: MeaningTable;
}

/**
 * Analyses a script from top to bottom: each statement sees what those before it have made, SET and DEFINE included. It never
 * throws.
 */
export function analyzeScript(parsed: ParsedScript, metastore: Metastore, settings: AnalysisSettings): ScriptAnalysis {
  const meanings: MeaningTable = new Map();
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
    const statement = withVariables(written, session, parsed);
    if ('problem' in statement) {
      diagnostics.push(statement.problem);
      statements.push(undefined);
      current = withPlaceholder(current, written.partial);
      continue;
    }
    const { analyzed, diagnostics: found, after } = outcomeOf(statement, current, session, meanings);
    statements.push(analyzed);
    diagnostics.push(...found);
    const { node = written.partial } = statement;
    if (node?.$type === 'CreateSource' || node?.$type === 'CreateAs') declarations.set(node.name, written);
    current = after ?? withPlaceholder(current, node);
    if (analyzed?.kind === 'simple') session = sessionAfter(analyzed.node, session);
  }
  return { statements, diagnostics, metastore: current, metastores, meanings };
}

type Statement = ParsedScript['statements'][number];

interface Outcome extends StatementMeaning {
  /** Undefined for a statement without a meaning. */
  readonly after?: Metastore;
}

function outcomeOf(
  statement: Statement,
  metastore: Metastore,
  session: AnalysisSettings,
  meanings: MeaningTable,
): Outcome {
  try {
    const meaning = rememberedMeaning(statement, metastore, session, meanings);
    if (meaning.analyzed === undefined) return meaning;
    return {
      ...meaning,
      after: metastoreAfter(meaning.analyzed, statement, metastore, session, `QUERY_${statement.index}`),
    };
  } catch (error) {
    if (session.onDefect === undefined) throw error;
    session.onDefect(error);
    return { analyzed: undefined, diagnostics: statement.diagnostics };
  }
}

/** The statement with its variables replaced; its offsets are then those of the replaced text from its own start. */
function withVariables(
  statement: Statement,
  session: AnalysisSettings,
  parsed: ParsedScript,
): Statement | { readonly problem: Diagnostic } {
  if (!statement.text.includes('${') || statement.node?.$type === 'DefineVariable') return statement;
  try {
    const text = substituteVariables(statement.text, session.variables);
    if (text === statement.text) return statement;
    const replaced = parseScript(text, parsed.options).statements[0];
    if (replaced === undefined) return statement;
    // What is wrong in the replaced text is shown at the statement as a whole, because places have moved.
    const move = (diagnostic: Diagnostic): Diagnostic => ({
      ...diagnostic,
      statement: statement.index,
      range: statement.range,
      fixes: [],
    });
    return {
      ...replaced,
      index: statement.index,
      offset: statement.offset,
      range: statement.range,
      diagnostics: replaced.diagnostics.map(move),
    };
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

function sessionAfter(node: { readonly $type: string }, session: AnalysisSettings): AnalysisSettings {
  const { $type, name, value } = node as { readonly $type: string; readonly name?: string; readonly value?: string };
  if (name === undefined) return session;
  switch ($type) {
    case 'SetProperty': {
      const properties = changedBy(node, session.properties, (before) => VersionedMap.with(before, name, value!));
      return name === 'ksql.dialect'
        ? { ...session, properties, dialect: value === '2018' ? '2018' : 'latest' }
        : { ...session, properties };
    }
    case 'UnsetProperty':
      return {
        ...session,
        properties: changedBy(node, session.properties, (before) => VersionedMap.without(before, name)),
      };
    case 'DefineVariable':
      return { ...session, variables: VersionedMap.with(session.variables, name, value!) };
    case 'UndefineVariable':
      return { ...session, variables: VersionedMap.without(session.variables, name) };
    default:
      return session;
  }
}
