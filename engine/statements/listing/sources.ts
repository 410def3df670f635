import type {
  DescribeSource,
  DescribeStreams,
  DescribeTables,
  ListStreams,
  ListTables,
} from '../../../language/generated/ast.ts';
import type { DataSource, SourceKind } from '../../../language/metastore/metastore.ts';
import type { Entity } from '../../api/protocol.ts';
import type { ExecutionContext, PreparedStatement, StatementHandler } from '../preparation/statement-handler.ts';
import { askThreads } from './other-engines.ts';
import { sourceDescription, sourceInfo } from './source-entities.ts';
import { withThreads } from './thread-figures.ts';

function sourcesOf(kind: SourceKind, { services }: ExecutionContext): readonly DataSource[] {
  return [...services.metastore.sources.values()].filter((source) => source.kind === kind);
}

async function descriptions(
  statement: PreparedStatement,
  kind: SourceKind,
  extended: boolean,
  context: ExecutionContext,
): Promise<Entity> {
  const describe = describeContext(context);
  const [threads, ...own] = await Promise.all([
    askThreads(statement.text, context),
    ...sourcesOf(kind, context).map((source) => sourceDescription(source, extended, describe)),
  ]);
  return {
    '@type': 'source_descriptions',
    statementText: statement.text,
    sourceDescriptions: own.map((source) => withThreads(source, threads)),
    warnings: [],
  };
}

function describeContext({ services }: ExecutionContext) {
  const { metastore, queries, broker, hostAndPort, clock } = services;
  return { metastore, queries, broker, hostAndPort, nowMs: clock.nowMs() };
}

export const listStreams: StatementHandler<ListStreams> = {
  async execute(statement, context) {
    if (statement.node.extended) return descriptions(statement, 'STREAM', true, context);
    return {
      '@type': 'streams',
      statementText: statement.text,
      streams: sourcesOf('STREAM', context).map(sourceInfo),
      warnings: [],
    };
  },
};

export const listTables: StatementHandler<ListTables> = {
  async execute(statement, context) {
    if (statement.node.extended) return descriptions(statement, 'TABLE', true, context);
    return {
      '@type': 'tables',
      statementText: statement.text,
      tables: sourcesOf('TABLE', context).map(sourceInfo),
      warnings: [],
    };
  },
};

export const describeStreams: StatementHandler<DescribeStreams> = {
  execute: (statement, context) => descriptions(statement, 'STREAM', statement.node.extended, context),
};

export const describeTables: StatementHandler<DescribeTables> = {
  execute: (statement, context) => descriptions(statement, 'TABLE', statement.node.extended, context),
};

export const describeSource: StatementHandler<DescribeSource> = {
  async execute(statement, context) {
    // Analysis has found it; there is no other way here.
    const source = context.services.metastore.sources.get(statement.node.name)!;
    const [own, threads] = await Promise.all([
      sourceDescription(source, statement.node.extended, describeContext(context)),
      askThreads(statement.text, context),
    ]);
    return {
      '@type': 'sourceDescription',
      statementText: statement.text,
      sourceDescription: withThreads(own, threads),
      warnings: (context.services.broker.notices?.(source.topic) ?? []).map((message) => ({ message })),
    };
  },
};
