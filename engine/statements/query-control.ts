import type { PauseQuery, ResumeQuery, TerminateQuery } from '../../language/generated/ast.ts';
import { dropQuery } from '../../language/metastore/metastore-changes.ts';
import { TERMINATE_CLUSTER } from '../../language/statements/query-control.ts';
import { badRequest } from '../api/errors.ts';
import type { Entity } from '../api/protocol.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import type { RegisteredQuery } from '../runtime/query-registry.ts';
import { askOthers } from './listing/other-engines.ts';
import {
  commandEntity,
  type ExecutionContext,
  type PreparedStatement,
  type Sandbox,
  type StatementHandler,
  statementError,
} from './preparation/statement-handler.ts';
import { TERMINATE_CLUSTER_ID, terminateCluster } from './terminate-cluster.ts';

type ControlStatement = TerminateQuery | PauseQuery | ResumeQuery;

export const isTransient = (id: string): boolean => id.toLowerCase().includes('transient_');

/** The persistent queries that a statement is about: one, or all. */
function affected(node: ControlStatement, { queries }: EngineServices): readonly RegisteredQuery[] {
  if (node.all) return queries.persistent();
  const query = queries.get(node.queryId!);
  return query?.type === 'PERSISTENT' ? [query] : [];
}

/** A query that keeps a source table lives as long as the table. `verb` completes the sentence. */
function checkNotOfTable(statement: PreparedStatement<ControlStatement>, verb: string, sandbox: Sandbox): void {
  const { node } = statement;
  if (node.all || sandbox.services.queries.get(node.queryId!)?.sourceTable === undefined) return;
  throw statementError(statement, `Cannot ${verb} query '${node.queryId}' because it is linked to a source table.`);
}

const target = (node: ControlStatement): string => (node.all ? 'ALL' : node.queryId!);

/** Ends a push query; one that is none of this engine's may be another's. */
async function terminateTransient(
  statement: PreparedStatement<TerminateQuery>,
  context: ExecutionContext,
): Promise<Entity> {
  const { services } = context;
  // Ids of transient queries hold small letters, which an unquoted name loses: clients quote them seldom.
  const written = statement.node.queryId!;
  const queryId =
    services.queries.all().find(({ id, type }) => type === 'PUSH' && id.toUpperCase() === written.toUpperCase())?.id ??
    written;
  const wasTerminated = await services.queries.remove(queryId, { deleteState: true });
  if (wasTerminated)
    return { '@type': 'terminate_query', statementText: statement.text, queryId, wasTerminated, warnings: [] };
  const others = (await askOthers(statement.text, context)).flatMap(({ entities }) => entities ?? []);
  const ended = others.find((entity) => entity['@type'] === 'terminate_query' && entity.wasTerminated);
  if (ended === undefined) throw badRequest(`Failed to terminate query with query ID: '${queryId}'`);
  return ended;
}

const terminateId = ({ node, text }: PreparedStatement<TerminateQuery>): string | undefined => {
  if (text === TERMINATE_CLUSTER) return TERMINATE_CLUSTER_ID;
  return !node.all && isTransient(node.queryId!) ? undefined : `terminate/${target(node)}/execute`;
};

export const terminateQuery: StatementHandler<TerminateQuery> = {
  validate: (statement, sandbox) => checkNotOfTable(statement, 'terminate', sandbox),
  commandId: terminateId,
  async execute(statement, context) {
    const { node } = statement;
    const { services } = context;
    if (statement.text === TERMINATE_CLUSTER) return terminateCluster(services, []);
    const commandId = terminateId(statement);
    if (commandId === undefined) return terminateTransient(statement, context);
    for (const query of affected(node, services)) {
      services.metastore = dropQuery(services.metastore, query.id);
      await services.queries.remove(query.id, { deleteState: true });
    }
    return commandEntity(
      { commandId, message: 'Query terminated.', statementText: statement.text },
      statement,
      context,
    );
  },
};

export const pauseQuery: StatementHandler<PauseQuery> = {
  validate: (statement, sandbox) => checkNotOfTable(statement, 'pause', sandbox),
  commandId: ({ node }) => `pause/${target(node)}/execute`,
  async execute(statement, context) {
    for (const query of affected(statement.node, context.services)) query.run.pause();
    const commandId = `pause/${target(statement.node)}/execute`;
    return commandEntity({ commandId, message: 'Query paused.', statementText: statement.text }, statement, context);
  },
};

export const resumeQuery: StatementHandler<ResumeQuery> = {
  validate: (statement, sandbox) => checkNotOfTable(statement, 'resume', sandbox),
  commandId: ({ node }) => `resume/${target(node)}/execute`,
  async execute(statement, context) {
    for (const query of affected(statement.node, context.services)) query.run.resume();
    const commandId = `resume/${target(statement.node)}/execute`;
    return commandEntity({ commandId, message: 'Query resumed.', statementText: statement.text }, statement, context);
  },
};
