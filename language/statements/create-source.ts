import { createSourceText } from '../format/statement-text.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource, FormatInfo, SourceKind } from '../metastore/metastore.ts';
import type { AnalyzedCreateSource, TopicSettings } from '../query/analyzed.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { usesRegistry } from '../settings/formats.ts';
import { inferColumns } from '../settings/schema-inference.ts';
import {
  booleanProperty,
  formatWithProperties,
  numberProperty,
  statedFormat,
  textProperty,
  type WithClause,
  windowOf,
} from '../settings/with-properties.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { type Column, schemaToString } from '../types/schema.ts';
import { STRING } from '../types/sql-type.ts';
import { injectedIntoCreate, topicCleanup } from './injected-properties.ts';
import { fittingFormats, timestampColumn } from './sink-settings.ts';
import { checkKeyWords, declaredColumns } from './source-columns.ts';
import { checkSourceName, nameTaken } from './source-name.ts';
import { upgradeProblem } from './source-upgrade.ts';
import { printedFormats, printedProperties, withClause } from './with-entries.ts';

/** Analyses CREATE STREAM and CREATE TABLE over a topic (statements.md §3.1). */
export function analyzeCreateSource(node: ast.CreateSource, context: StatementContext): AnalyzedCreateSource {
  const kind = node.kind as SourceKind;
  checkSourceName(node, 'name', node.name, context);
  if (node.readOnly && !context.isEnabled('ksql.source.table.materialization.enabled')) {
    throw new AnalysisError(
      'source-disabled',
      'Cannot execute command because source table materialization is disabled.',
    );
  }
  const clause = withClause(node.properties, 'create', context);
  checkKeyWords(node.elements, kind);
  const formats = statedFormats(clause, context);
  const columns = completeColumns(node, kind, clause, formats, context);
  const topicName = textProperty(clause, 'KAFKA_TOPIC')!;
  const { columns: known, incomplete } = columns;
  const createTopic = topicToCreate(kind, topicName, clause, context);
  const window = windowOf(clause);
  if (window !== undefined && !known.some(({ namespace }) => namespace === 'key')) {
    throw new AnalysisError('window-without-key', 'Windowed sources require a key column.', {
      range: clause.rangeOf('WINDOW_TYPE'),
    });
  }
  const timestamp = incomplete ? undefined : timestampColumn(known, clause);
  const printed = printedFormats(clause, formats.key.name, formats.value.name);
  const statementText = createSourceText(node, {
    columns: known,
    properties: printedProperties(clause, injectedIntoCreate(kind), printed),
  });
  const partitions = numberProperty(clause, 'PARTITIONS') ?? context.metastore.topics?.get(topicName)?.partitions;
  const source: DataSource = {
    name: node.name,
    kind,
    schema: { columns: known },
    topic: topicName,
    ...(incomplete
      ? { keyFormat: formats.key, valueFormat: formats.value }
      : fittingFormats(formats.key, formats.value, known, clause, context)),
    ...(window ? { window } : {}),
    ...(timestamp ? { timestamp } : {}),
    readOnly: node.readOnly === true,
    createdAs: false,
    partitions,
    statementText,
    ...(incomplete ? { incomplete } : {}),
  };
  const exists = checkExisting(node, source, context);
  const result = {
    kind: 'create-source',
    source,
    orReplace: node.orReplace === true,
    ifNotExists: node.ifNotExists === true,
    exists,
    statementText,
  } as const;
  return createTopic && !exists ? { ...result, createTopic } : result;
}

interface StatedFormats {
  readonly key: FormatInfo;
  readonly value: FormatInfo;
}

function statedFormats(clause: WithClause, context: StatementContext): StatedFormats {
  const nameOf = (side: 'KEY' | 'VALUE') => {
    const setting = `ksql.persistence.default.format.${side.toLowerCase()}`;
    const fallback = context.property(setting) ?? (side === 'KEY' ? 'KAFKA' : undefined);
    const name = statedFormat(clause, side) ?? (fallback?.toUpperCase() as FormatInfo['name'] | undefined);
    if (name !== undefined) return name;
    const message =
      `Statement is missing the '${side}_FORMAT' property from the WITH clause. ` +
      `Either provide one or set a default via the '${setting}' config.`;
    throw new AnalysisError('missing-property', message, { range: clause.rangeOf(`${side}_FORMAT`) });
  };
  return {
    key: formatWithProperties(clause, 'KEY', { name: nameOf('KEY') }),
    value: formatWithProperties(clause, 'VALUE', { name: nameOf('VALUE') }),
  };
}

/** All columns of a source, those that the schema registry knows among them. @throws AnalysisError */
export function columnsOfSource(
  node: ast.CreateSource,
  clause: WithClause,
  context: StatementContext,
): readonly Column[] {
  return completeColumns(node, node.kind as SourceKind, clause, statedFormats(clause, context), context).columns;
}

/** The declared columns together with those that the schema registry knows; `incomplete` when it could not be asked. */
function completeColumns(
  node: ast.CreateSource,
  kind: SourceKind,
  clause: WithClause,
  formats: StatedFormats,
  context: StatementContext,
): { readonly columns: readonly Column[]; readonly incomplete: boolean } {
  const declared = declaredColumns(node.elements, kind, context);
  const range = context.rangeOf(node.properties);
  const topic = textProperty(clause, 'KAFKA_TOPIC')!;
  const { metastore } = context;
  const bareValue: FormatInfo = { ...formats.value, wrapping: 'UNWRAP_SINGLES' };
  const value = booleanProperty(clause, 'WRAP_SINGLE_VALUE') === false ? bareValue : formats.value;
  const infer = (side: 'KEY' | 'VALUE') =>
    inferColumns({
      side,
      format: side === 'KEY' ? formats.key : value,
      clause,
      topic,
      declared: declared.some(({ namespace }) => namespace === side.toLowerCase()),
      metastore,
      range,
    });
  const keys = infer('KEY');
  const values = infer('VALUE');
  const inferred = keys !== undefined || values !== undefined;
  const of = (namespace: Column['namespace']) => declared.filter((column) => column.namespace === namespace);
  const known = (part: typeof keys, namespace: 'key' | 'value') =>
    Array.isArray(part) ? (part as readonly Column[]) : of(namespace);
  const columns = inferred
    ? [...of('headers'), ...of('header'), ...known(keys, 'key'), ...known(values, 'value')]
    : declared;
  const incomplete = keys === 'unknown' || values === 'unknown';
  const asRun = incomplete ? metastore.asRun?.get(node.name) : undefined;
  if (asRun?.topic === topic && asRun.kind === kind && !asRun.incomplete)
    return { columns: asRun.schema.columns, incomplete: false };
  if (incomplete) reportUnknownColumns(node, context);
  const complete = withImplicitKey(columns, node, context);
  checkColumns(complete, kind, node, formats, incomplete, context);
  return { columns: complete, incomplete };
}

function reportUnknownColumns(node: ast.CreateSource, context: StatementContext): void {
  const message = `The columns of ${node.name} come from the schema registry, which is not asked here. What uses them is checked when it runs.`;
  context.report('columns-from-registry', message, context.rangeOfProperty(node, 'name'));
}

/** In the dialect of 2018 the record's key is the column ROWKEY where none is declared. */
function withImplicitKey(
  columns: readonly Column[],
  node: ast.CreateSource,
  context: StatementContext,
): readonly Column[] {
  const implicit =
    context.settings.dialect === '2018' && columns.length > 0 && !columns.some(({ namespace }) => namespace === 'key');
  if (!implicit || node.elements.some(({ name }) => name === 'ROWKEY')) return columns;
  return [{ name: 'ROWKEY', type: STRING, namespace: 'key' }, ...columns];
}

function checkColumns(
  columns: readonly Column[],
  kind: SourceKind,
  node: ast.CreateSource,
  formats: StatedFormats,
  incomplete: boolean,
  context: StatementContext,
): void {
  if (columns.length === 0 && !incomplete) {
    throw new AnalysisError('no-columns', 'The statement does not define any columns.', {
      range: context.rangeOfProperty(node, 'name'),
    });
  }
  const keysUnknown = incomplete && usesRegistry(formats.key.name);
  if (kind !== 'TABLE' || keysUnknown || columns.some(({ namespace }) => namespace === 'key')) return;
  const partial =
    node.elements.length === 0 && columns.length > 0 ? `\nInferred columns: ${schemaToString({ columns })}` : '';
  const first = node.elements[0];
  const end = first?.type.$cstNode?.end;
  const fixes =
    end === undefined
      ? []
      : [
          {
            title: `Make ${first!.name} the PRIMARY KEY`,
            edits: [{ range: { start: end, end }, text: ' PRIMARY KEY' }],
          },
        ];
  throw new AnalysisError(
    'missing-primary-key',
    `Tables require a PRIMARY KEY. Please define the PRIMARY KEY.${partial}`,
    { range: context.rangeOfProperty(node, 'name'), fixes },
  );
}

/** The topic that has to be made; undefined where it is known to exist. */
function topicToCreate(
  kind: SourceKind,
  name: string,
  clause: WithClause,
  context: StatementContext,
): TopicSettings | undefined {
  const partitions = numberProperty(clause, 'PARTITIONS');
  const replicas = numberProperty(clause, 'REPLICAS') ?? -1;
  const retentionMs = numberProperty(clause, 'RETENTION_MS');
  if (retentionMs !== undefined && kind === 'TABLE') {
    const message =
      'Invalid config variable in the WITH clause: RETENTION_MS. Non-windowed tables do not support retention.';
    throw new AnalysisError('table-retention', message, { range: clause.rangeOf('RETENTION_MS') });
  }
  const existing = context.metastore.topics?.get(name);
  if (existing !== undefined) {
    const differs = (partitions !== undefined && partitions !== existing.partitions) || replicas > existing.replicas;
    if (!differs) return undefined;
    const message =
      `A Kafka topic with the name '${name}' already exists, with different partition/replica configuration than required. ` +
      `KSQL expects ${partitions ?? existing.partitions} partitions (topic has ${existing.partitions}), ${replicas} replication factor (topic has ${existing.replicas}).`;
    throw new AnalysisError('topic-mismatch', message, { range: clause.rangeOf('PARTITIONS') });
  }
  if (partitions === undefined) {
    if (context.metastore.topics === undefined) return undefined;
    const message =
      `Topic '${name}' does not exist. If you want to create a new topic for the stream/table please re-run the statement ` +
      "providing the required 'PARTITIONS' configuration in the WITH clause (and optionally 'REPLICAS'). For example: WITH (…, PARTITIONS=2)";
    const end = clause.rangeOf('KAFKA_TOPIC').end;
    const fixes = [
      { title: 'Create the topic with PARTITIONS=1', edits: [{ range: { start: end, end }, text: ', PARTITIONS=1' }] },
    ];
    throw new AnalysisError('unknown-topic', message, { range: clause.rangeOf('KAFKA_TOPIC'), fixes });
  }
  const settings = { name, partitions, replicas, cleanupPolicy: topicCleanup(kind) } as const;
  return retentionMs === undefined ? settings : { ...settings, retentionMs };
}

/** Whether the name is taken and that is all right, because of IF NOT EXISTS. */
function checkExisting(node: ast.CreateSource, source: DataSource, context: StatementContext): boolean {
  const existing = context.existing(node.name);
  const replaces = node.orReplace && context.isEnabled('ksql.create.or.replace.enabled');
  if (existing !== undefined && !replaces) return nameTaken(node, existing, context);
  if (replaces && (existing?.readOnly || source.readOnly)) {
    const kind = source.kind.toLowerCase();
    const message = `Cannot add ${kind} '${source.name}': CREATE OR REPLACE is not supported on source ${kind}s.`;
    throw new AnalysisError('replace-source', message, { range: context.rangeOfProperty(node, 'name') });
  }
  const problem = existing && upgradeProblem(existing, source);
  if (problem !== undefined)
    throw new AnalysisError('not-upgradeable', problem, { range: context.rangeOfProperty(node, 'name') });
  return false;
}
