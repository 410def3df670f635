import type * as ast from '../../language/generated/ast.ts';
import { hasRole, type StatementRole, type StatementWith } from '../../language/parser/statement-roles.ts';
import { alterSystem } from './alter-system.ts';
import { assertSchema, assertTopic } from './assert-statements.ts';
import {
  createConnector,
  describeConnector,
  dropConnector,
  listConnectorPlugins,
  listConnectors,
} from './connectors.ts';
import { createAs, createSource, insertSelect } from './create-statements.ts';
import { alterSource, dropSource } from './drop-statements.ts';
import { insertValues } from './insert-rows.ts';
import { explain } from './listing/explain.ts';
import { describeFunction, listFunctions } from './listing/functions.ts';
import { listProperties } from './listing/properties.ts';
import { listQueries } from './listing/queries.ts';
import { describeSource, describeStreams, describeTables, listStreams, listTables } from './listing/sources.ts';
import { listTopics } from './listing/topics.ts';
import { createType, dropTypeStatement, listTypes } from './listing/types.ts';
import type { StatementHandler } from './preparation/statement-handler.ts';
import { pauseQuery, resumeQuery, terminateQuery } from './query-control.ts';
import {
  defineVariable,
  listVariables,
  setPropertyStatement,
  undefineVariable,
  unsetPropertyStatement,
} from './session-statements.ts';

/** Statements that are carried out here: the others go to the query endpoints, or belong to test files. */
type Handled = StatementWith<Exclude<StatementRole, 'query' | 'test'>>;

/** Each handler takes the node that it is listed under. */
type HandlerTable = { readonly [T in Handled['$type']]: StatementHandler<Extract<Handled, { $type: T }>> };

/** How each kind of statement is carried out. */
const HANDLERS: HandlerTable = {
  AlterSource: alterSource,
  AlterSystem: alterSystem,
  AssertSchema: assertSchema,
  AssertTopic: assertTopic,
  CreateAs: createAs,
  CreateConnector: createConnector,
  CreateSource: createSource,
  CreateType: createType,
  DefineVariable: defineVariable,
  DescribeConnector: describeConnector,
  DescribeFunction: describeFunction,
  DescribeSource: describeSource,
  DescribeStreams: describeStreams,
  DescribeTables: describeTables,
  DropConnector: dropConnector,
  DropSource: dropSource,
  DropType: dropTypeStatement,
  ExplainStatement: explain,
  InsertSelect: insertSelect,
  InsertValues: insertValues,
  ListConnectorPlugins: listConnectorPlugins,
  ListConnectors: listConnectors,
  ListFunctions: listFunctions,
  ListProperties: listProperties,
  ListQueries: listQueries,
  ListStreams: listStreams,
  ListTables: listTables,
  ListTopics: listTopics,
  ListTypes: listTypes,
  ListVariables: listVariables,
  PauseQuery: pauseQuery,
  ResumeQuery: resumeQuery,
  SetProperty: setPropertyStatement,
  TerminateQuery: terminateQuery,
  UndefineVariable: undefineVariable,
  UnsetProperty: unsetPropertyStatement,
};

/** The handler of a statement, if there is one. */
export function handlerOf(node: ast.Statement): StatementHandler<ast.Statement> | undefined {
  if (hasRole(node, 'query', 'test')) return undefined;
  return HANDLERS[(node as Handled).$type] as StatementHandler<ast.Statement>;
}
