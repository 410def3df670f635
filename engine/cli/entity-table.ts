import type { Entity } from '../rest/protocol.ts';
import type { TableColumn } from './table.ts';

/** An answer as a table, or as a line where that says it all. */
export type Shown =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'table'; readonly columns: readonly TableColumn[]; readonly rows: readonly (readonly string[])[] };

const line = (text: string): Shown => ({ kind: 'line', text });
const table = (names: readonly string[], rows: readonly (readonly unknown[])[]): Shown => ({
  kind: 'table',
  columns: names.map((name) => ({ name })),
  rows: rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? '' : String(cell)))),
});

/** What a person wants to see of an answer. */
export function showEntity(entity: Entity): Shown {
  switch (entity['@type']) {
    case 'currentStatus':
      return line(entity.commandStatus.message);
    case 'warning_entity':
      return line(entity.message);
    case 'streams':
      return table(
        ['Stream', 'Topic', 'Key format', 'Value format', 'Windowed'],
        entity.streams.map((s) => [s.name, s.topic, s.keyFormat, s.valueFormat, s.isWindowed]),
      );
    case 'tables':
      return table(
        ['Table', 'Topic', 'Key format', 'Value format', 'Windowed'],
        entity.tables.map((s) => [s.name, s.topic, s.keyFormat, s.valueFormat, s.isWindowed]),
      );
    case 'kafka_topics':
      return table(
        ['Topic', 'Partitions', 'Replicas'],
        entity.topics.map((t) => [t.name, t.replicaInfo.length, t.replicaInfo[0] ?? 0]),
      );
    case 'queries':
      return table(
        ['Query', 'Type', 'State', 'Sink', 'Statement'],
        entity.queries.map((q) => [q.id, q.queryType, q.state, q.sinks.join(', '), q.queryString]),
      );
    case 'function_names':
      return table(
        ['Function', 'Type', 'Category'],
        entity.functions.map((f) => [f.name, f.type, f.category]),
      );
    case 'variables':
      return table(
        ['Variable', 'Value'],
        entity.variables.map((v) => [v.name, v.value]),
      );
    case 'properties':
      return table(
        ['Property', 'Scope', 'Value'],
        entity.properties.map((p) => [p.name, p.scope, p.value]),
      );
    case 'connector_list':
      return table(
        ['Connector', 'Type', 'Class', 'State'],
        entity.connectors.map((c) => [c.name, c.type, c.className, c.state]),
      );
    case 'connector_info':
      return line(`Created connector ${entity.info.name}`);
    case 'drop_connector':
      return line(`Dropped connector ${entity.connectorName}`);
    case 'sourceDescription': {
      const { name, type, fields, topic, keyFormat, valueFormat } = entity.sourceDescription;
      const shown = table(
        ['Field', 'Type', ''],
        fields.map((f) => [
          f.name,
          typeText(f.schema),
          f.type === 'KEY' ? (type === 'TABLE' ? 'primary key' : 'key') : f.type === 'HEADER' ? 'header' : '',
        ]),
      );
      return shown.kind === 'table'
        ? {
            ...shown,
            columns: [
              { name: `${name} (${type.toLowerCase()} over ${topic}, ${keyFormat}/${valueFormat})` },
              ...shown.columns.slice(1),
            ],
          }
        : shown;
    }
    case 'queryDescription':
      return line(`${entity.queryDescription.statementText}\n\n${entity.queryDescription.executionPlan}`);
    case 'describe_function':
      return line(
        [
          `${entity.name} (${entity.type.toLowerCase()}): ${entity.description}`,
          ...entity.functions.map(
            (f) =>
              `  ${entity.name}(${(f.arguments ?? []).map((a) => `${a.name} ${a.type}`).join(', ')}) → ${f.returnType}`,
          ),
        ].join('\n'),
      );
    case 'type_list':
      return table(
        ['Type', 'Schema'],
        Object.entries(entity.types).map(([name, schema]) => [name, typeText(schema)]),
      );
    default:
      return line(
        JSON.stringify(
          entity,
          (key, value) =>
            key === '@type' || key === 'warnings' || key === 'statementText'
              ? undefined
              : typeof value === 'bigint'
                ? String(value)
                : value,
          2,
        ),
      );
  }
}

interface Schema {
  readonly type: string;
  readonly fields?: readonly { readonly name: string; readonly schema: Schema }[] | null;
  readonly memberSchema?: Schema | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

function typeText(schema: unknown): string {
  const { type, fields, memberSchema, parameters } = schema as Schema;
  if (type === 'STRUCT') return `STRUCT<${(fields ?? []).map((f) => `${f.name} ${typeText(f.schema)}`).join(', ')}>`;
  if (type === 'ARRAY') return `ARRAY<${typeText(memberSchema)}>`;
  if (type === 'MAP') return `MAP<STRING, ${typeText(memberSchema)}>`;
  return parameters && 'precision' in parameters
    ? `${type}(${String(parameters['precision'])}, ${String(parameters['scale'])})`
    : type;
}
