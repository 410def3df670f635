import { createAsText } from '../format/statement-text.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource, FormatInfo } from '../metastore/metastore.ts';
import type { AnalyzedCreateAs, AnalyzedQuery, Relation, TopicSettings } from '../query/analyzed.ts';
import { analyzeQuery } from '../query/query-analysis.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { inheritedFormat } from '../settings/formats.ts';
import { checkAgainstSchemaId } from '../settings/schema-inference.ts';
import {
  formatWithProperties,
  numberProperty,
  statedFormat,
  textProperty,
  type WithClause,
} from '../settings/with-properties.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { keyColumns, type Schema, valueColumns } from '../types/schema.ts';
import { defaultSinkTopic, injectedIntoCreateAs } from './injected-properties.ts';
import { type PrintedSource, printedQuery } from './printed-query.ts';
import { planSteps, queryUpgradeProblem } from './query-upgrade.ts';
import { fittingFormats, timestampColumn } from './sink-settings.ts';
import { checkSourceName, nameTaken } from './source-name.ts';
import { upgradeProblem } from './source-upgrade.ts';
import { printedProperties, withClause } from './with-entries.ts';

/**
 * Analyses CREATE STREAM and CREATE TABLE … AS SELECT. Undefined when its sources cannot be known without a connection.
 */
export function analyzeCreateAs(node: ast.CreateAs, context: StatementContext): AnalyzedCreateAs | undefined {
  checkSourceName(node, 'name', node.name, context);
  const clause = withClause(node.properties, 'create-as', context);
  rejectLimit(node, context);
  const existing = context.existing(node.name);
  const replaces = node.orReplace && context.isEnabled('ksql.create.or.replace.enabled');
  // The query is looked at even where the name is taken: its own errors are worth knowing.
  const exists =
    context.attempt(() => existing !== undefined && !replaces && nameTaken(node, existing, context)) ?? false;
  const analysis = analyzeQuery({ query: node.query, kind: 'persistent', sinkName: node.name }, context);
  if (analysis === undefined) return undefined;
  const { query, tree } = analysis;
  checkResultKind(node, query, context);
  checkSources(node, query, context);
  const defaults = defaultSinkTopic(
    {
      name: node.name,
      kind: query.output.kind,
      isWindowed: query.grouping?.window !== undefined,
      left: sourcesOf(tree.relation)[0],
    },
    context,
  );
  const sink = sinkOf(node, query, textProperty(clause, 'KAFKA_TOPIC') ?? defaults.name, clause, context);
  const topic = sinkTopic(sink, query, clause, defaults);
  if (existing !== undefined && replaces) checkReplacement(node, existing, sink, query, context);
  const text = printedQuery(node.query, aliasedSources(query.relation));
  const statementText = createAsText(node, printedProperties(clause, injectedIntoCreateAs(topic)), text);
  const common = {
    kind: 'create-as',
    query,
    orReplace: node.orReplace === true,
    ifNotExists: node.ifNotExists === true,
    exists,
    topic,
    statementText,
  } as const;
  return { ...common, sink: { ...sink, statementText }, warnings: graceWarnings(query.relation) };
}

/** @throws AnalysisError `limit-in-create` */
export function rejectLimit({ kind, query }: ast.CreateAs, context: StatementContext): void {
  if (query.limit === undefined) return;
  const message = `CREATE ${kind} AS SELECT statements don't support LIMIT clause.`;
  throw new AnalysisError('limit-in-create', message, { range: context.rangeOfProperty(query, 'limit') });
}

function checkResultKind(node: ast.CreateAs, query: AnalyzedQuery, context: StatementContext): void {
  const made = query.output.kind;
  if (made === node.kind) return;
  const message = `Invalid result type. Your SELECT query produces a ${made}. Please use CREATE ${made} AS SELECT statement instead.`;
  const range = context.rangeOfProperty(node, 'kind');
  throw new AnalysisError('result-kind', message, {
    range,
    fixes: [{ title: `Change to CREATE ${made}`, edits: [{ range, text: made }] }],
  });
}

function checkSources(node: ast.CreateAs, query: AnalyzedQuery, context: StatementContext): void {
  const windowedTable = sourcesOf(query.relation).find(({ kind, window }) => kind === 'TABLE' && window !== undefined);
  if (windowedTable === undefined) return;
  throw new AnalysisError('windowed-table', 'KSQL does not support persistent queries on windowed tables.', {
    range: context.rangeOf(node.query.from),
  });
}

/** The sources of a relation, left to right. */
export function sourcesOf(relation: Relation): readonly DataSource[] {
  return relation.kind === 'source' ? [relation.source] : [...sourcesOf(relation.left), ...sourcesOf(relation.right)];
}

function sinkOf(
  node: ast.CreateAs,
  query: AnalyzedQuery,
  topic: string,
  clause: WithClause,
  context: StatementContext,
): DataSource {
  const { schema, window } = query.output;
  if (valueColumns(schema).length === 0) {
    throw new AnalysisError('no-value-columns', 'The projection contains no value columns.', {
      range: context.rangeOf(node.query.items[0]),
    });
  }
  const left = sourcesOf(query.relation)[0]!;
  const { key, value } = sinkFormats(query, schema, left, clause, context);
  const formats = fittingFormats(key, value, schema.columns, clause, context);
  for (const side of ['KEY', 'VALUE'] as const) {
    const format = side === 'KEY' ? formats.keyFormat : formats.valueFormat;
    const columns = side === 'KEY' ? keyColumns(schema) : valueColumns(schema);
    checkAgainstSchemaId(columns, {
      side,
      format,
      clause,
      metastore: context.metastore,
      range: context.rangeOf(node.properties),
    });
  }
  const timestamp = timestampColumn(schema.columns, clause);
  return {
    name: node.name,
    kind: query.output.kind,
    schema,
    topic,
    ...formats,
    ...(window ? { window } : {}),
    ...(timestamp ? { timestamp } : {}),
    readOnly: false,
    createdAs: true,
    readsFrom: sourcesOf(query.relation).map(({ name }) => name),
    statementText: '',
  };
}

function sinkFormats(
  query: AnalyzedQuery,
  schema: Schema,
  left: DataSource,
  clause: WithClause,
  context: StatementContext,
): { key: FormatInfo; value: FormatInfo } {
  const statedKey = statedFormat(clause, 'KEY');
  const statedValue = statedFormat(clause, 'VALUE');
  const hasKey = keyColumns(schema).length > 0;
  const based = (stated: FormatInfo['name'] | undefined, inherited: FormatInfo): FormatInfo =>
    stated === undefined || stated === inherited.name ? inheritedFormat(inherited) : { name: stated };
  let keyBase = based(statedKey, left.keyFormat);
  if (statedKey === undefined && hasKey && keyBase.name === 'NONE') {
    keyBase = {
      name: (context.property('ksql.persistence.default.format.key')?.toUpperCase() as FormatInfo['name']) ?? 'KAFKA',
    };
  }
  if (query.partitionBy?.length === 0) {
    if (statedKey !== undefined && statedKey !== 'NONE') {
      throw new AnalysisError('key-format-without-key', 'Key format specified for stream without key columns.', {
        range: clause.rangeOf('KEY_FORMAT'),
      });
    }
    keyBase = { name: 'NONE' };
  }
  return {
    key: formatWithProperties(clause, 'KEY', keyBase),
    value: formatWithProperties(clause, 'VALUE', based(statedValue, left.valueFormat)),
  };
}

/** The topic of the sink: as the clause says, else as it is by default. */
function sinkTopic(
  sink: DataSource,
  query: AnalyzedQuery,
  clause: WithClause,
  defaults: Required<TopicSettings>,
): Required<TopicSettings> {
  const windowRetention = query.grouping?.window?.retentionMs ?? 0;
  const retentionMs = numberProperty(clause, 'RETENTION_MS') ?? defaults.retentionMs;
  return {
    ...defaults,
    name: sink.topic,
    partitions: numberProperty(clause, 'PARTITIONS') ?? defaults.partitions,
    replicas: numberProperty(clause, 'REPLICAS') ?? defaults.replicas,
    // -1 stands for no limit.
    retentionMs: retentionMs < 0 ? retentionMs : Math.max(retentionMs, windowRetention),
  };
}

function checkReplacement(
  node: ast.CreateAs,
  existing: DataSource,
  sink: DataSource,
  query: AnalyzedQuery,
  context: StatementContext,
): void {
  if (existing.readOnly) {
    const kind = sink.kind.toLowerCase();
    const message = `Cannot add ${kind} '${sink.name}': CREATE OR REPLACE is not supported on source ${kind}s.`;
    throw new AnalysisError('replace-source', message, { range: context.rangeOfProperty(node, 'name') });
  }
  const writers = [...context.metastore.queries.values()].filter((writer) => writer.sink === sink.name);
  if (writers.length > 1) {
    const ids = writers.map(({ id }) => id).join(', ');
    const message = `REPLACE for sink \`${sink.name}\` is not supported because there are multiple queries writing into it: [${ids}]`;
    throw new AnalysisError('several-writers', message, { range: context.rangeOfProperty(node, 'name') });
  }
  const problem = upgradeProblem(existing, sink);
  if (problem !== undefined)
    throw new AnalysisError('not-upgradeable', problem, { range: context.rangeOfProperty(node, 'name') });
  const [running] = writers;
  const verdict = running?.steps && queryUpgradeProblem(running.steps, planSteps(query));
  if (verdict === undefined) return;
  const { message, clause } = verdict;
  const [at] = [node.query[clause]].flat();
  const range = at === undefined ? context.rangeOfProperty(node, 'name') : context.rangeOf(at);
  throw new AnalysisError('query-not-upgradeable', message, { range });
}

/** ksqlDB's notice, once, where any join of streams has no grace period. */
const graceWarnings = (relation: Relation): readonly string[] =>
  isUngraced(relation)
    ? [
        'DEPRECATION NOTICE: Stream-stream joins statements without a GRACE PERIOD will not be accepted in a future ksqlDB version.\nPlease use the GRACE PERIOD clause as specified in https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/select-push-query/',
      ]
    : [];

const isUngraced = (relation: Relation): boolean =>
  relation.kind !== 'source' &&
  ((relation.join === 'stream-stream' && relation.within?.graceMs === undefined) || isUngraced(relation.left));

function aliasedSources(relation: Relation): readonly PrintedSource[] {
  return relation.kind === 'source'
    ? [{ alias: relation.alias, schema: relation.source.schema }]
    : [...aliasedSources(relation.left), ...aliasedSources(relation.right)];
}
