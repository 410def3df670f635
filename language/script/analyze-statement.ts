import type * as ast from '../generated/ast.ts';
import type { Metastore } from '../metastore/metastore.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import type { AnalyzedStatement } from '../query/analyzed.ts';
import { type AnalysisSettings, type ExpressionTable, StatementContext } from '../query/statement-context.ts';
import { alteredSource } from '../statements/alter.ts';
import { checkAssertion } from '../statements/assertions.ts';
import { analyzeCreateAs } from '../statements/create-as.ts';
import { analyzeCreateSource } from '../statements/create-source.ts';
import { checkCreateType, checkDropType } from '../statements/custom-types.ts';
import { checkDescribeFunction, checkDescribeSource } from '../statements/describe.ts';
import { checkDropSource } from '../statements/drop.ts';
import { analyzeInsertSelect } from '../statements/insert-select.ts';
import { analyzeInsertValues } from '../statements/insert-values.ts';
import { checkPrint } from '../statements/print.ts';
import { checkExplain, checkQueryControl } from '../statements/query-control.ts';
import { analyzeSelect } from '../statements/select.ts';
import { checkProperty } from '../statements/session.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { deprecationHints } from './deprecations.ts';
import { metastoreAfter } from './metastore-after.ts';
import { singularUnitWarnings } from './singular-units.ts';

export interface StatementAnalysis {
  /** Absent when the statement has an error, or speaks of what cannot be known without a connection. */
  readonly analyzed: AnalyzedStatement | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The metastore after the statement, as far as the statement itself tells; queries have the ids `id`. */
  readonly metastore: Metastore;
}

/** What a statement means, and what is wrong with it. */
export type StatementMeaning = Omit<StatementAnalysis, 'metastore'>;

/**
 * Analyses one statement against what there is. It never throws: what is wrong is in the diagnostics.
 *
 * @param queryId the id that a query of the statement would get, for the metastore after it
 */
export function analyzeStatement(
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
  expressions: ExpressionTable = new Map(),
  queryId?: string,
): StatementAnalysis {
  const meaning = meaningOf(statement, metastore, settings, expressions);
  const { analyzed } = meaning;
  const after =
    analyzed === undefined
      ? metastore
      : metastoreAfter(analyzed, statement, metastore, settings, queryId ?? statement.text);
  return { ...meaning, metastore: after };
}

/** As {@link analyzeStatement}, without the metastore after it. */
export function meaningOf(
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
  expressions: ExpressionTable,
): StatementMeaning {
  const { node } = statement;
  if (node === undefined) return { analyzed: undefined, diagnostics: statement.diagnostics };
  const context = new StatementContext(statement, metastore, settings, expressions);
  const analyzed = context.attempt(() => analyze(node, context));
  deprecationHints(node, context);
  if (!context.failed) singularUnitWarnings(node, context);
  return {
    analyzed: context.failed ? undefined : analyzed,
    diagnostics: [...statement.diagnostics, ...context.diagnostics],
  };
}

function analyze(node: ast.Statement, context: StatementContext): AnalyzedStatement | undefined {
  switch (node.$type) {
    case 'CreateSource':
      return analyzeCreateSource(node, context);
    case 'CreateAs':
      return analyzeCreateAs(node, context);
    case 'InsertSelect':
      return analyzeInsertSelect(node, context);
    case 'InsertValues':
      return analyzeInsertValues(node, context);
    case 'Query':
      return analyzeSelect(node, context);
    default:
      (CHECKS[node.$type] as Check<SimpleStatement> | undefined)?.(node, context);
      return context.failed ? undefined : { kind: 'simple', node };
  }
}

/** A statement whose meaning is all in its syntax. */
type SimpleStatement = Exclude<
  ast.Statement,
  { $type: 'CreateSource' | 'CreateAs' | 'InsertSelect' | 'InsertValues' | 'Query' }
>;

type Check<N extends ast.Statement> = (node: N, context: StatementContext) => void;

/** What can be wrong with simple statements; undefined where their syntax says it all. */
const CHECKS: { readonly [T in SimpleStatement['$type']]: Check<Extract<SimpleStatement, { $type: T }>> | undefined } =
  {
    AlterSource: (node, context) => void alteredSource(node, context),
    AlterSystem: undefined,
    AssertNullValues: undefined,
    AssertSchema: checkAssertion,
    AssertSource: undefined,
    AssertTopic: checkAssertion,
    AssertValues: undefined,
    CreateConnector: undefined,
    CreateType: checkCreateType,
    DefineVariable: undefined,
    DescribeConnector: undefined,
    DescribeFunction: checkDescribeFunction,
    DescribeSource: checkDescribeSource,
    DescribeStreams: undefined,
    DescribeTables: undefined,
    DropConnector: undefined,
    DropSource: checkDropSource,
    DropType: checkDropType,
    ExplainStatement: checkExplain,
    ListConnectorPlugins: undefined,
    ListConnectors: undefined,
    ListFunctions: undefined,
    ListProperties: undefined,
    ListQueries: undefined,
    ListStreams: undefined,
    ListTables: undefined,
    ListTopics: undefined,
    ListTypes: undefined,
    ListVariables: undefined,
    PauseQuery: checkQueryControl,
    PrintTopic: checkPrint,
    ResumeQuery: checkQueryControl,
    RunScript: undefined,
    SetProperty: checkProperty,
    TerminateQuery: checkQueryControl,
    UndefineVariable: undefined,
    UnsetProperty: checkProperty,
  };
