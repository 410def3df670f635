import type { Statement } from '../generated/ast.ts';

/** What a statement does to the world, which decides who carries it out. */
export type StatementRole =
  /** Rows come as its answer: it goes to the endpoints of queries. */
  | 'query'
  /** Makes something that has a name. */
  | 'definition'
  /** Writes rows into what there is. */
  | 'insert'
  /** Changes or removes what there is. */
  | 'change'
  /** Stops, holds or resumes queries. */
  | 'control'
  /** Concerns the statements after it alone. */
  | 'session'
  /** Tells what there is. */
  | 'listing'
  /** Waits until something is there. */
  | 'assertion'
  /** Stands in test files alone. */
  | 'test';

/**
 * Every kind of statement. One that the grammar has and this table lacks does not compile, nor does whoever handles its
 * role without it.
 */
export const STATEMENT_ROLES = {
  AlterSource: 'change',
  AlterSystem: 'change',
  AssertNullValues: 'test',
  AssertSchema: 'assertion',
  AssertSource: 'test',
  AssertTopic: 'assertion',
  AssertValues: 'test',
  CreateAs: 'definition',
  CreateConnector: 'definition',
  CreateSource: 'definition',
  CreateType: 'definition',
  DefineVariable: 'session',
  DescribeConnector: 'listing',
  DescribeFunction: 'listing',
  DescribeSource: 'listing',
  DescribeStreams: 'listing',
  DescribeTables: 'listing',
  DropConnector: 'change',
  DropSource: 'change',
  DropType: 'change',
  ExplainStatement: 'listing',
  InsertSelect: 'insert',
  InsertValues: 'insert',
  ListConnectorPlugins: 'listing',
  ListConnectors: 'listing',
  ListFunctions: 'listing',
  ListProperties: 'listing',
  ListQueries: 'listing',
  ListStreams: 'listing',
  ListTables: 'listing',
  ListTopics: 'listing',
  ListTypes: 'listing',
  ListVariables: 'listing',
  PauseQuery: 'control',
  PrintTopic: 'query',
  Query: 'query',
  ResumeQuery: 'control',
  RunScript: 'test',
  SetProperty: 'session',
  TerminateQuery: 'control',
  UndefineVariable: 'session',
  UnsetProperty: 'session',
} as const satisfies Record<Statement['$type'], StatementRole>;

type KindWith<R extends StatementRole> = {
  [T in Statement['$type']]: (typeof STATEMENT_ROLES)[T] extends R ? T : never;
}[Statement['$type']];

/** The statements of some roles. */
export type StatementWith<R extends StatementRole> = Extract<Statement, { readonly $type: KindWith<R> }>;

/** Whether a statement has one of the roles. A switch over those that have can end in `satisfies never`. */
export function hasRole<R extends StatementRole>(
  node: Statement | undefined,
  ...roles: readonly R[]
): node is StatementWith<R> {
  return node !== undefined && (roles as readonly StatementRole[]).includes(STATEMENT_ROLES[node.$type]);
}
