import type * as ast from '../generated/ast.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import { alteredSource } from '../statements/alter.ts';
import { checkAssertion } from '../statements/assertions.ts';
import { analyzeCreateAs, sourcesOf } from '../statements/create-as.ts';
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
import type { AnalyzedStatement } from './analyzed.ts';
import { bindType } from './bind-type.ts';
import { deprecationHints } from './deprecations.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Metastore } from './metastore.ts';
import { addQuery, addSource, addTopic, addType, dropQuery, dropSource, dropType } from './metastore-changes.ts';
import { type AnalysisSettings, type MeaningTable, StatementContext } from './statement-context.ts';

export interface StatementAnalysis {
  /** Absent when the statement has an error, or speaks of what cannot be known without a connection. */
  readonly analyzed: AnalyzedStatement | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The metastore after the statement, as far as the statement itself tells; queries have the ids `id`. */
  readonly metastore: Metastore;
}

/**
 * Analyses one statement against what there is. It never throws: what is wrong is in the diagnostics.
 *
 * @param queryId the id that a query of the statement would get, for the metastore after it
 */
export function analyzeStatement(
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
  meanings: MeaningTable = new Map(),
  queryId?: string,
): StatementAnalysis {
  const { node } = statement;
  if (node === undefined) return { analyzed: undefined, diagnostics: statement.diagnostics, metastore };
  const context = new StatementContext(statement, metastore, settings, meanings);
  const analyzed = context.attempt(() => analyze(node, context));
  deprecationHints(node, context);
  const after = analyzed === undefined ? metastore : applied(analyzed, metastore, queryId ?? statement.text, context);
  return {
    analyzed: context.failed ? undefined : analyzed,
    diagnostics: [...statement.diagnostics, ...context.diagnostics],
    metastore: context.failed ? metastore : after,
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
      checkSimple(node, context);
      return context.failed ? undefined : { kind: 'simple', node };
  }
}

/** Statements whose meaning is all in their syntax: what can be wrong with them. */
function checkSimple(node: ast.Statement, context: StatementContext): void {
  switch (node.$type) {
    case 'DropSource':
      return checkDropSource(node, context);
    case 'AlterSource':
      alteredSource(node, context);
      return;
    case 'CreateType':
      return checkCreateType(node, context);
    case 'DropType':
      return checkDropType(node, context);
    case 'SetProperty':
    case 'UnsetProperty':
      return checkProperty(node, context);
    case 'DescribeSource':
      return checkDescribeSource(node, context);
    case 'DescribeFunction':
      return checkDescribeFunction(node, context);
    case 'ExplainStatement':
      return checkExplain(node, context);
    case 'PrintTopic':
      return checkPrint(node, context);
    case 'AssertTopic':
    case 'AssertSchema':
      return checkAssertion(node, context);
    case 'TerminateQuery':
    case 'PauseQuery':
    case 'ResumeQuery':
      return checkQueryControl(node, context);
    default:
  }
}

/** The metastore after a statement. */
function applied(
  analyzed: AnalyzedStatement,
  metastore: Metastore,
  queryId: string,
  context: StatementContext,
): Metastore {
  switch (analyzed.kind) {
    case 'create-source': {
      if (analyzed.exists) return metastore;
      const { source, createTopic, statementText } = analyzed;
      const withTopic =
        createTopic === undefined
          ? metastore
          : addTopic(metastore, {
              name: createTopic.name,
              partitions: createTopic.partitions,
              replicas: Math.max(1, createTopic.replicas),
            });
      const added = addSource(withTopic, source);
      if (source.kind !== 'TABLE' || !source.readOnly) return added;
      return addQuery(added, { id: queryId, kind: 'source-table', sources: [], sink: source.name, statementText });
    }
    case 'create-as': {
      if (analyzed.exists) return metastore;
      const { sink, topic, query, statementText } = analyzed;
      const partitions = metastore.topics?.get(topic.name)?.partitions ?? topic.partitions;
      const withTopic = addTopic(metastore, { name: topic.name, partitions, replicas: Math.max(1, topic.replicas) });
      const replaced = [...withTopic.queries.values()]
        .filter((info) => info.sink === sink.name && info.kind !== 'insert')
        .reduce((store, info) => dropQuery(store, info.id), withTopic);
      const added = addSource(replaced, { ...sink, partitions });
      return addQuery(added, {
        id: queryId,
        kind: 'create-as',
        sources: sourcesOf(query.relation).map(({ name }) => name),
        sink: sink.name,
        statementText,
      });
    }
    case 'insert-select': {
      const { target, query, statementText } = analyzed;
      return addQuery(metastore, {
        id: analyzed.queryId ?? queryId,
        kind: 'insert',
        sources: sourcesOf(query.relation).map(({ name }) => name),
        sink: target.name,
        statementText,
      });
    }
    case 'simple':
      return appliedSimple(analyzed.node, metastore, context);
    case 'insert-values':
    case 'select':
      return metastore;
    default:
      return analyzed satisfies never;
  }
}

function appliedSimple(node: ast.Statement, metastore: Metastore, context: StatementContext): Metastore {
  switch (node.$type) {
    case 'DropSource':
      return dropSource(metastore, node.name);
    case 'DropType':
      return dropType(metastore, node.name);
    case 'CreateType':
      return metastore.types.has(node.name)
        ? metastore
        : addType(metastore, node.name, bindType(node.type, metastore.types));
    case 'AlterSource': {
      const source = alteredSource(node, context);
      return source === undefined ? metastore : addSource(metastore, source);
    }
    case 'TerminateQuery': {
      const ids = node.all ? [...metastore.queries.keys()] : node.queryId === undefined ? [] : [node.queryId];
      return ids.reduce(dropQuery, metastore);
    }
    default:
      return metastore;
  }
}
