import type { Entity, FieldInfo, SchemaInfo, SourceDescription } from '../../engine/rest/protocol.ts';
import type { ColumnInfo } from './messages.ts';
import { rowCount } from './row-count.ts';

/** What a card shows of a statement's answer: a sentence, or a grid with an optional sentence above it. */
export interface EntityView {
  readonly message?: string;
  /** What stands behind the statement in the editor. */
  readonly mark: string;
  readonly columns?: readonly ColumnInfo[];
  readonly rows?: readonly (readonly unknown[])[];
}

const text = (name: string): ColumnInfo => ({ name, type: '', isKey: false, numeric: false });
const number = (name: string): ColumnInfo => ({ name, type: '', isKey: false, numeric: true });

function grid(columns: readonly ColumnInfo[], rows: readonly (readonly unknown[])[], message?: string): EntityView {
  const mark = rowCount(rows.length);
  return { mark, columns, rows, ...(message === undefined ? {} : { message }) };
}

/** How an answer is shown. */
export function entityView(entity: Entity): EntityView {
  switch (entity['@type']) {
    case 'currentStatus':
      return { message: statusText(entity.commandStatus.message), mark: statusMark(entity.commandStatus.message) };
    case 'streams':
    case 'tables': {
      const sources = entity['@type'] === 'streams' ? entity.streams : entity.tables;
      const columns = [text('Name'), text('Topic'), text('Key format'), text('Value format'), text('Windowed')];
      return grid(
        columns,
        sources.map((s) => [s.name, s.topic, s.keyFormat, s.valueFormat, s.isWindowed ? 'yes' : 'no']),
      );
    }
    case 'kafka_topics':
      return grid(
        [text('Topic'), number('Partitions'), number('Replicas')],
        entity.topics.map((t) => [t.name, t.replicaInfo.length, t.replicaInfo[0] ?? 0]),
      );
    case 'kafka_topics_extended':
      return grid(
        [text('Topic'), number('Partitions'), number('Replicas'), number('Consumers'), number('Groups')],
        entity.topics.map((t) => [
          t.name,
          t.replicaInfo.length,
          t.replicaInfo[0] ?? 0,
          t.consumerCount,
          t.consumerGroupCount,
        ]),
      );
    case 'queries':
      return grid(
        [text('Query'), text('Type'), text('State'), text('Writes'), text('Statement')],
        entity.queries.map((q) => [q.id, q.queryType, q.state, q.sinks.join(', '), q.queryString]),
      );
    case 'function_names':
      return grid(
        [text('Function'), text('Type'), text('Category')],
        entity.functions.map((f) => [f.name, f.type, f.category]),
      );
    case 'variables':
      return grid(
        [text('Variable'), text('Value')],
        entity.variables.map((v) => [v.name, v.value]),
      );
    case 'properties':
      return grid(
        [text('Property'), text('Scope'), text('Value')],
        entity.properties.map((p) => [p.name, p.scope, p.value]),
      );
    case 'type_list':
      return grid(
        [text('Type'), text('Definition')],
        Object.entries(entity.types).map(([name, schema]) => [name, schemaText(schema)]),
      );
    case 'connector_list':
      return grid(
        [text('Connector'), text('Type'), text('Class'), text('State')],
        entity.connectors.map((c) => [c.name, c.type, c.className, c.state]),
      );
    case 'connector_plugins_list':
      return grid(
        [text('Class'), text('Type'), text('Version')],
        entity.connectorsPlugins.map((p) => [p.className, p.type, p.version]),
      );
    default:
      return describedView(entity);
  }
}

function describedView(entity: Entity): EntityView {
  switch (entity['@type']) {
    case 'sourceDescription':
      return sourceView(entity.sourceDescription);
    case 'source_descriptions':
      return grid(
        [text('Name'), text('Type'), text('Topic'), number('Partitions'), text('Columns')],
        entity.sourceDescriptions.map((s) => [
          s.name,
          s.type,
          s.topic,
          s.partitions,
          s.fields.map((f) => `${f.name} ${schemaText(f.schema)}`).join(', '),
        ]),
      );
    case 'queryDescription': {
      const { queryDescription: q } = entity;
      return { message: [q.executionPlan, q.topology].filter(Boolean).join('\n\n').trim(), mark: 'explained' };
    }
    case 'describe_function': {
      const rows = entity.functions.map((f) => [
        `${entity.name}(${(f.arguments ?? []).map((a) => `${a.name} ${a.type}`).join(', ')})`,
        f.returnType,
        f.description,
      ]);
      return grid([text('Signature'), text('Returns'), text('Description')], rows, entity.description);
    }
    case 'connector_info':
      return { message: 'created', mark: 'created' };
    case 'drop_connector':
      return { message: 'dropped', mark: 'dropped' };
    case 'connector_description': {
      const { status, connectorClass, topics } = entity;
      const rows = status.tasks.map((task) => [task.id, task.state, task.trace ?? '']);
      const message = `${status.name} · ${connectorClass} · ${status.connector.state}${topics.length === 0 ? '' : ` · topic ${topics.join(', ')}`}`;
      return grid([number('Task'), text('State'), text('Trace')], rows, message);
    }
    case 'terminate_query':
      return { message: `Query ${entity.queryId} terminated`, mark: 'terminated' };
    case 'warning_entity':
      return { message: entity.message, mark: 'done' };
    case 'assert_topic':
      return { message: `Topic ${entity.topicName} ${entity.exists ? 'exists' : 'does not exist'}`, mark: 'holds' };
    case 'assert_schema':
      return {
        message: `Schema ${entity.subject ?? entity.id} ${entity.exists ? 'exists' : 'does not exist'}`,
        mark: 'holds',
      };
    default:
      return {
        message: JSON.stringify(entity, (_key, value) => (typeof value === 'bigint' ? String(value) : value), 2),
        mark: 'done',
      };
  }
}

function sourceView(source: SourceDescription): EntityView {
  const rows = source.fields.map((field) => [field.name, schemaText(field.schema), roleText(field, source.type)]);
  const format =
    source.keyFormat === source.valueFormat ? source.valueFormat : `${source.valueFormat}, key ${source.keyFormat}`;
  const facts = [
    `${source.type} ${source.name}`,
    format,
    `topic ${source.topic}${source.partitions > 0 ? `, ${source.partitions} ${source.partitions === 1 ? 'partition' : 'partitions'}` : ''}`,
    ...(source.windowType === null || source.windowType === undefined ? [] : [`${source.windowType} windows`]),
    ...(source.writeQueries.length === 0 ? [] : [`written by ${source.writeQueries.map(({ id }) => id).join(', ')}`]),
    ...(source.readQueries.length === 0 ? [] : [`read by ${source.readQueries.map(({ id }) => id).join(', ')}`]),
    ...[source.statistics, source.errorStats].map((part) => part?.replace(/\s+/g, ' ').trim()).filter(Boolean),
  ];
  return grid([text('Column'), text('Type'), text('Role')], rows, facts.join(' · '));
}

function roleText(field: FieldInfo, kind: 'STREAM' | 'TABLE'): string {
  if (field.type === 'KEY') return kind === 'TABLE' ? 'primary key' : 'key';
  return field.type === 'HEADER' ? 'header' : '';
}

/** A type of the API as SQL text. */
export function schemaText(schema: SchemaInfo): string {
  switch (schema.type) {
    case 'STRUCT':
      return `STRUCT<${(schema.fields ?? []).map((f) => `${quoted(f.name)} ${schemaText(f.schema)}`).join(', ')}>`;
    case 'ARRAY':
      return `ARRAY<${schema.memberSchema ? schemaText(schema.memberSchema) : '?'}>`;
    case 'MAP':
      return `MAP<STRING, ${schema.memberSchema ? schemaText(schema.memberSchema) : '?'}>`;
    case 'DECIMAL':
      return `DECIMAL(${schema.parameters?.['precision']}, ${schema.parameters?.['scale']})`;
    default:
      return schema.type;
  }
}

const quoted = (name: string) => (/^[A-Z_][A-Z0-9_]*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``);

/** What a command did, without repeating the kind of thing, which stands in the statement beside it. */
function statusText(message: string): string {
  const query = /^Created query with ID (\S+)$/.exec(message)?.[1];
  if (query !== undefined) return `created · ${query}`;
  return /^(?:Stream|Table|Type) created/i.test(message) ? 'created' : message;
}

/** One word for what a command did, from the sentence that reports it. */
function statusMark(message: string): string {
  if (/already exists|not added|does not exist/i.test(message)) return 'was there already';
  if (/dropped/i.test(message)) return 'dropped';
  if (/terminat/i.test(message)) return 'terminated';
  if (/altered|added/i.test(message)) return 'altered';
  return /creat|regist/i.test(message) ? 'created' : 'done';
}
