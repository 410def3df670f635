import type { CreateAs, CreateSource, InsertSelect } from '../../language/generated/ast.ts';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { addQuery, addSource, dropQuery } from '../../language/metastore/metastore-changes.ts';
import type {
  AnalyzedCreateAs,
  AnalyzedCreateSource,
  AnalyzedInsertSelect,
  AnalyzedQuery,
} from '../../language/query/analyzed.ts';
import { queryInfo } from '../../language/script/metastore-after.ts';
import { headerColumns, keyColumns, rowLayout, valueColumns } from '../../language/types/schema.ts';
import { badRequest } from '../api/errors.ts';
import type { Entity } from '../api/protocol.ts';
import type { RegisteredQuery } from '../runtime/query-registry.ts';
import { startQuery } from '../runtime/start-query.ts';
import type { HandedOver } from '../runtime/task/query-run.ts';
import { createTopic, isReadOnlyTopic, registerSchemas } from './preparation/sink-topics.ts';
import {
  commandEntity,
  type ExecutionContext,
  type PreparedStatement,
  quotedName,
  type Replay,
  type Sandbox,
  type StatementHandler,
} from './preparation/statement-handler.ts';

const kindWord = (source: DataSource) => (source.kind === 'STREAM' ? 'Stream' : 'Table');
const commandIdOf = (source: DataSource) => `${source.kind.toLowerCase()}/${quotedName(source.name)}/create`;

/** IF NOT EXISTS on a name that is taken: nothing happens, and the answer says so. */
function alreadyThere(statement: PreparedStatement, source: DataSource): Entity {
  const kind = source.kind.toLowerCase();
  const message = `Cannot add ${kind} ${quotedName(source.name)}: A ${kind} with the same name already exists.`;
  return { '@type': 'warning_entity', statementText: statement.text, message, warnings: [] };
}

export const createSource: StatementHandler<CreateSource> = {
  commandId({ analyzed }) {
    const { exists, source } = analyzed as AnalyzedCreateSource;
    return exists ? undefined : commandIdOf(source);
  },
  async prepareForAll({ analyzed }, services) {
    const { createTopic: topic, source } = analyzed as AnalyzedCreateSource;
    if (topic !== undefined) await createTopic(topic, services);
    await registerSchemas(source, false, services);
    return undefined;
  },
  async execute(statement, context) {
    const analyzed = statement.analyzed as AnalyzedCreateSource;
    const { services, session, replay } = context;
    const { source, statementText } = analyzed;
    if (analyzed.exists) return alreadyThere(statement, source);
    if (analyzed.createTopic !== undefined && !replay) await createTopic(analyzed.createTopic, services);
    await registerSchemas(source, false, services);
    // Where engines share the log, what it was when the statement was checked, so that all of them know the same.
    const found = statement.surroundings.topics.find(({ name }) => name === source.topic) ?? analyzed.createTopic;
    const partitions = services.commandLog.isShared
      ? found?.partitions
      : (await services.broker.describeTopic(source.topic))?.partitions;
    const registered = partitions === undefined ? source : { ...source, partitions };
    let metastore = addSource(services.metastore, registered);
    let queryId: string | undefined;
    if (source.readOnly && source.kind === 'TABLE') {
      queryId = replay?.queryId ?? services.queryIds.sourceTable(source.name);
      await startQuery(
        {
          id: queryId,
          query: wholeTable(registered),
          statementText,
          properties: services.queryProperties(new Map(session.properties)),
          overriddenProperties: {},
          sourceTable: source.name,
          ...startOf(replay),
        },
        services,
      );
      metastore = addQuery(metastore, {
        id: queryId,
        kind: 'source-table',
        sources: [source.name],
        sink: source.name,
        statementText,
      });
    }
    services.metastore = metastore;
    const outcome = {
      commandId: commandIdOf(source),
      message: queryId === undefined ? `${kindWord(source)} created` : `Created query with ID ${queryId}`,
      statementText,
    };
    return commandEntity(queryId === undefined ? outcome : { ...outcome, queryId }, statement, context);
  },
};

/** A query that keeps all rows of a table. */
function wholeTable(source: DataSource): AnalyzedQuery {
  const layout = rowLayout(source.schema, source.window !== undefined);
  const { schema } = source;
  const columns = [...keyColumns(schema), ...valueColumns(schema), ...headerColumns(schema)].map((column, i) => {
    const role = column.namespace === 'headers' ? 'header' : column.namespace;
    const index = layout.findIndex((slot) => slot.name === column.name && slot.role === role);
    const expression = { kind: 'column', index, name: column.name, type: column.type, text: column.name } as const;
    const base = { name: column.name, type: column.type, expression };
    return column.namespace === 'key' ? { ...base, keyIndex: i } : base;
  });
  const output = {
    kind: 'TABLE',
    schema,
    columns,
    ...(source.window ? { window: source.window } : {}),
  } as const;
  return {
    kind: 'persistent',
    relation: { kind: 'source', source, alias: source.name, layout },
    tableFunctions: [],
    output,
  };
}

/** When a query starts, and whether it has been there before. */
const startOf = (replay: Replay | undefined) =>
  replay === undefined ? {} : { deferred: replay.part === 'all', ...(replay.isOwn ? {} : { isResumed: true }) };

export const createAs: StatementHandler<CreateAs> = {
  validate: checkActiveLimit,
  commandId({ analyzed }) {
    const { exists, sink } = analyzed as AnalyzedCreateAs;
    return exists ? undefined : commandIdOf(sink);
  },
  async prepareForAll({ analyzed }, services) {
    const { topic, sink } = analyzed as AnalyzedCreateAs;
    await createTopic(topic, services);
    await registerSchemas(sink, true, services);
    return undefined;
  },
  async execute(statement, context) {
    const analyzed = statement.analyzed as AnalyzedCreateAs;
    const { services, replay } = context;
    if (analyzed.exists) return alreadyThere(statement, analyzed.sink);
    const replaced = services.queries.writersOf(analyzed.sink.name).find(({ id }) => !id.startsWith('INSERTQUERY_'));
    if (!replay) await createTopic(analyzed.topic, services);
    await registerSchemas(analyzed.sink, true, services);
    const live = services.commandLog.isShared ? undefined : await services.broker.describeTopic(analyzed.sink.topic);
    const partitions = live?.partitions ?? analyzed.topic.partitions;
    const sink: DataSource = { ...analyzed.sink, partitions };
    const id = replay?.queryId ?? replaced?.id ?? services.queryIds.createAs(sink.kind, sink.name);
    if (replaced === undefined) await start(id, analyzed.query, sink, analyzed.statementText, context);
    else await replace(replaced, analyzed.query, sink, analyzed.statementText, context);
    services.metastore = addSource(services.metastore, sink);
    rememberQuery(id, 'create-as', analyzed.query, sink, analyzed.statementText, context);
    return startedEntity(id, sink, statement, context);
  },
};

/**
 * Starts a query in the place of another, with its state. Where that fails the other goes on as if nothing had
 * happened.
 */
async function replace(
  replaced: RegisteredQuery,
  query: AnalyzedQuery,
  sink: DataSource,
  statementText: string,
  context: ExecutionContext,
): Promise<void> {
  const { services } = context;
  const handedOver = await replaced.run.handOver();
  try {
    await start(replaced.id, query, sink, statementText, context, handedOver);
  } catch (error) {
    services.queries.add(replaced);
    handedOver.goOn();
    throw error;
  }
  replaced.onStop?.();
  await replaced.run.stop({ deleteState: false, leaveState: true });
  services.metastore = dropQuery(services.metastore, replaced.id);
}

/** The server may be told how many persistent queries it is to run. */
function checkActiveLimit({ text, analyzed }: PreparedStatement, { metastore, services }: Sandbox): void {
  const limit = Number(services.setting('ksql.query.persistent.active.limit'));
  const replaces = analyzed.kind === 'create-as' && (analyzed.exists || metastore.sources.has(analyzed.sink.name));
  const count = [...metastore.queries.values()].filter(({ kind }) => kind !== 'source-table').length;
  if (replaces || !(count + 1 > limit)) return;
  const message = `Not executing statement(s) '${text}' as it would cause the number of active, persistent queries to exceed the configured limit. Use the TERMINATE command to terminate existing queries. Current persistent query count: ${count}. Configured limit: ${limit}.`;
  throw badRequest(message);
}

export const insertSelect: StatementHandler<InsertSelect> = {
  validate(statement, sandbox) {
    checkActiveLimit(statement, sandbox);
    const { topic } = (statement.analyzed as AnalyzedInsertSelect).target;
    if (isReadOnlyTopic(topic, sandbox.services)) throw badRequest(`Cannot insert into read-only topic: ${topic}`);
  },
  commandId: ({ analyzed }, { metastore }) => {
    const { target } = analyzed as AnalyzedInsertSelect;
    return commandIdOf(metastore.sources.get(target.name) ?? target);
  },
  async execute(statement, context) {
    const analyzed = statement.analyzed as AnalyzedInsertSelect;
    const { services, replay } = context;
    const target = services.metastore.sources.get(analyzed.target.name) ?? analyzed.target;
    const id = replay?.queryId ?? analyzed.queryId ?? services.queryIds.insert();
    await start(id, analyzed.query, target, analyzed.statementText, context);
    rememberQuery(id, 'insert', analyzed.query, target, analyzed.statementText, context);
    return startedEntity(id, target, statement, context);
  },
};

/** The answer to a statement that has started a query. */
function startedEntity(
  id: string,
  sink: DataSource,
  statement: PreparedStatement,
  context: ExecutionContext,
): Promise<Entity> {
  const analyzed = statement.analyzed as AnalyzedCreateAs | AnalyzedInsertSelect;
  // As in ksqlDB INSERT INTO … SELECT warns of nothing.
  const warnings = analyzed.kind === 'create-as' ? analyzed.warnings : [];
  return commandEntity(
    {
      commandId: commandIdOf(sink),
      message: `Created query with ID ${id}`,
      queryId: id,
      statementText: analyzed.statementText,
      warnings: warnings.map((message) => ({ message })),
    },
    statement,
    context,
  );
}

async function start(
  id: string,
  query: AnalyzedQuery,
  sink: DataSource,
  statementText: string,
  { services, session, replay }: ExecutionContext,
  handedOver?: HandedOver,
): Promise<RegisteredQuery> {
  const properties = services.queryProperties(new Map(session.properties));
  const overriddenProperties = session.typedProperties();
  const taken = handedOver === undefined ? {} : { handedOver, isResumed: true };
  return startQuery(
    { id, query, statementText, properties, overriddenProperties, sink, ...startOf(replay), ...taken },
    services,
  );
}

function rememberQuery(
  id: string,
  kind: 'create-as' | 'insert',
  query: AnalyzedQuery,
  sink: DataSource,
  statementText: string,
  { services }: ExecutionContext,
): void {
  services.metastore = addQuery(services.metastore, queryInfo(id, kind, query, sink.name, statementText));
}
