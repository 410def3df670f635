import type { Metastore } from '../metastore/metastore.ts';
import { withPlaceholder } from '../metastore/placeholder-source.ts';
import type { ParseOptions } from '../parser/parse-options.ts';
import type { ParsedScript, ParsedStatement } from '../parser/parse-script.ts';
import { variablesByName } from '../parser/substitute-variables.ts';
import type { AnalyzedStatement } from '../query/analyzed.ts';
import type { AnalysisSettings, ExpressionTable } from '../query/statement-context.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rememberedMeaning } from './analysis-cache.ts';
import type { StatementMeaning } from './analyze-statement.ts';
import { metastoreAfter } from './metastore-after.ts';
import { type SubstitutedStatement, sessionAfter, withVariables } from './session.ts';

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
 * Analyses a script from top to bottom: each statement sees what those before it have made, SET and DEFINE included. It
 * never throws.
 */
export function analyzeScript(parsed: ParsedScript, metastore: Metastore, settings: AnalysisSettings): ScriptAnalysis {
  const expressions: ExpressionTable[] = [];
  const substituted = new Map<number, SubstitutedStatement>();
  const statements: (AnalyzedStatement | undefined)[] = [];
  const diagnostics: Diagnostic[] = [];
  const metastores: Metastore[] = [];
  let current = metastore;
  const declarations = new Map<string, ParsedStatement>();
  const atStart: AnalysisSettings = { ...settings, variables: variablesByName(settings.variables), declarations };
  let session = atStart;
  for (const written of parsed.statements) {
    if (written.directives.some(({ name }) => name === 'test')) {
      // Each test of a test script has an engine of its own.
      current = metastore;
      declarations.clear();
      session = atStart;
    }
    metastores.push(current);
    const outcome = analyzeNext(written, current, session, parsed.options);
    statements.push(outcome.analyzed);
    expressions.push(outcome.expressions);
    diagnostics.push(...outcome.diagnostics);
    if (outcome.substituted !== undefined) substituted.set(written.index, outcome.substituted);
    const node = written.node ?? written.partial;
    if (node?.$type === 'CreateSource' || node?.$type === 'CreateAs') declarations.set(node.name, written);
    current = outcome.metastore;
    session = outcome.session;
  }
  return { statements, diagnostics, metastore: current, metastores, expressions, substituted };
}

/** What comes of a statement of a script. */
export interface StatementOutcome extends StatementMeaning {
  readonly expressions: ExpressionTable;
  /** The statement as it was analysed, where it names variables. */
  readonly substituted?: SubstitutedStatement;
  /** After the statement. */
  readonly metastore: Metastore;
  readonly session: AnalysisSettings;
}

const NO_EXPRESSIONS: ExpressionTable = new Map();

/** Analyses the next statement of a script. */
export function analyzeNext(
  written: ParsedStatement,
  metastore: Metastore,
  session: AnalysisSettings,
  options: ParseOptions,
): StatementOutcome {
  const nothing = (diagnostics: readonly Diagnostic[]): StatementOutcome => ({
    analyzed: undefined,
    diagnostics,
    expressions: NO_EXPRESSIONS,
    metastore: withPlaceholder(metastore, written.node ?? written.partial),
    session,
  });
  const read = withVariables(written, session, options);
  if ('problem' in read) return nothing([read.problem]);
  const { statement, replacements } = read;
  try {
    const meaning = rememberedMeaning(statement, metastore, session);
    const { analyzed } = meaning;
    const after = analyzed && metastoreAfter(analyzed, statement, metastore, session, `QUERY_${statement.index}`);
    return {
      ...meaning,
      ...(replacements.length === 0 ? {} : { substituted: read }),
      metastore: after ?? withPlaceholder(metastore, statement.node ?? written.partial),
      session: analyzed?.kind === 'simple' ? sessionAfter(statement.node, statement.text, session) : session,
    };
  } catch (error) {
    if (session.onDefect === undefined) throw error;
    session.onDefect(error);
    return nothing(statement.diagnostics);
  }
}
