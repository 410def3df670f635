import { type AnswerView, numberColumn, tableView, textColumn, type ViewsOf } from './answer-view.ts';
import type { SourceDescription, SourceInfo, TopicInfo } from './protocol.ts';
import { schemaText } from './schema-text.ts';

type ListKind =
  | 'streams'
  | 'tables'
  | 'source_descriptions'
  | 'kafka_topics'
  | 'kafka_topics_extended'
  | 'queries'
  | 'query_descriptions'
  | 'function_names'
  | 'type_list'
  | 'variables'
  | 'properties'
  | 'connector_list'
  | 'connector_plugins_list';

/** What SHOW and LIST answer: a table each. */
export const LIST_VIEWS: ViewsOf<ListKind> = {
  streams: ({ streams }) => sourcesView('Stream', streams),
  tables: ({ tables }) => sourcesView('Table', tables),
  source_descriptions: ({ sourceDescriptions }) =>
    tableView(
      [textColumn('Name'), textColumn('Type'), textColumn('Topic'), numberColumn('Partitions'), textColumn('Columns')],
      sourceDescriptions.map((source) => [
        source.name,
        source.type,
        source.topic,
        source.partitions,
        fieldsText(source),
      ]),
    ),
  kafka_topics: ({ topics }) =>
    tableView([textColumn('Topic'), numberColumn('Partitions'), numberColumn('Replicas')], topics.map(topicCells)),
  kafka_topics_extended: ({ topics }) =>
    tableView(
      [
        textColumn('Topic'),
        numberColumn('Partitions'),
        numberColumn('Replicas'),
        numberColumn('Consumers'),
        numberColumn('Groups'),
      ],
      topics.map((topic) => [...topicCells(topic), topic.consumerCount, topic.consumerGroupCount]),
    ),
  queries: ({ queries }) =>
    tableView(
      [textColumn('Query'), textColumn('Type'), textColumn('State'), textColumn('Writes'), textColumn('Statement')],
      queries.map((q) => [q.id, q.queryType, q.state, q.sinks.join(', '), q.queryString]),
    ),
  query_descriptions: ({ queryDescriptions }) =>
    tableView(
      [
        textColumn('Query'),
        textColumn('Type'),
        textColumn('State'),
        textColumn('Reads'),
        textColumn('Writes'),
        textColumn('Statement'),
      ],
      queryDescriptions.map((q) => [
        q.id,
        q.queryType,
        q.state,
        q.sources.join(', '),
        q.sinks.join(', '),
        q.statementText,
      ]),
    ),
  function_names: ({ functions }) =>
    tableView(
      [textColumn('Function'), textColumn('Type'), textColumn('Category')],
      functions.map((f) => [f.name, f.type, f.category]),
    ),
  type_list: ({ types }) =>
    tableView(
      [textColumn('Type'), textColumn('Schema')],
      Object.entries(types).map(([name, schema]) => [name, schemaText(schema)]),
    ),
  variables: ({ variables }) =>
    tableView(
      [textColumn('Variable'), textColumn('Value')],
      variables.map((v) => [v.name, v.value]),
    ),
  properties: ({ properties }) =>
    tableView(
      [textColumn('Property'), textColumn('Scope'), textColumn('Value')],
      properties.map((p) => [p.name, p.scope, p.value]),
    ),
  connector_list: ({ connectors }) =>
    tableView(
      [textColumn('Connector'), textColumn('Type'), textColumn('Class'), textColumn('State')],
      connectors.map((c) => [c.name, c.type, c.className, c.state]),
    ),
  connector_plugins_list: ({ connectorsPlugins }) =>
    tableView(
      [textColumn('Class'), textColumn('Type'), textColumn('Version')],
      connectorsPlugins.map((p) => [p.className, p.type, p.version]),
    ),
};

function sourcesView(heading: string, sources: readonly SourceInfo[]): AnswerView {
  const columns = [heading, 'Topic', 'Key format', 'Value format', 'Windowed'].map(textColumn);
  return tableView(
    columns,
    sources.map((s) => [s.name, s.topic, s.keyFormat, s.valueFormat, s.isWindowed ? 'yes' : 'no']),
  );
}

const topicCells = ({ name, replicaInfo }: TopicInfo) => [name, replicaInfo.length, replicaInfo[0] ?? 0];

const fieldsText = ({ fields }: SourceDescription): string =>
  fields.map((field) => `${field.name} ${schemaText(field.schema)}`).join(', ');
