import { columnRole, sourceFacts } from '../../language/format/source-facts.ts';
import { type AnswerView, numberColumn, tableView, textColumn, type ViewsOf } from './answer-view.ts';
import type { FieldInfo, FunctionVariant, SourceDescription } from './protocol.ts';
import { schemaText } from './schema-text.ts';

/** What DESCRIBE and EXPLAIN answer. */
export const DESCRIPTION_VIEWS: ViewsOf<
  'sourceDescription' | 'queryDescription' | 'describe_function' | 'connector_description'
> = {
  sourceDescription: ({ sourceDescription }) => sourceView(sourceDescription),
  queryDescription({ queryDescription: { statementText, executionPlan, topology } }) {
    const plan = paragraphs([executionPlan, topology]);
    return { message: paragraphs([statementText, plan]), brief: plan, mark: 'explained' };
  },
  describe_function({ name, type, description, functions }) {
    const rows = functions.map((variant) => [signatureText(name, variant), variant.returnType, variant.description]);
    return {
      ...tableView(['Signature', 'Returns', 'Description'].map(textColumn), rows),
      message: `${name} (${type.toLowerCase()}): ${description}`,
      brief: description,
    };
  },
  connector_description({ connectorClass, status, topics }) {
    const rows = status.tasks.map((task) => [task.id, task.state, task.trace ?? '']);
    const facts = [
      status.name,
      connectorClass,
      status.connector.state,
      ...(topics.length === 0 ? [] : [`topic ${topics.join(', ')}`]),
    ];
    return {
      ...tableView([numberColumn('Task'), textColumn('State'), textColumn('Trace')], rows),
      message: facts.join(' · '),
    };
  },
};

/** Texts with an empty line between them, without those that are empty. */
const paragraphs = (texts: readonly string[]): string =>
  texts
    .filter((text) => text !== '')
    .join('\n\n')
    .trim();

function sourceView(source: SourceDescription): AnswerView {
  const rows = source.fields.map((field) => [field.name, schemaText(field.schema), roleText(field, source.type)]);
  const facts = [
    `${source.type} ${source.name}`,
    ...sourceFacts({ ...source, timestampColumn: source.timestamp }),
    ...(source.writeQueries.length === 0 ? [] : [`written by ${idsOf(source.writeQueries)}`]),
    ...(source.readQueries.length === 0 ? [] : [`read by ${idsOf(source.readQueries)}`]),
    // Texts for the columns of a terminal, which DESCRIBE without EXTENDED, and some servers, leave out.
    ...[source.statistics, source.errorStats].map((text) => text?.replace(/\s+/g, ' ').trim()).filter(Boolean),
  ];
  return { ...tableView(['Column', 'Type', 'Role'].map(textColumn), rows), message: facts.join(' · ') };
}

const idsOf = (queries: SourceDescription['readQueries']): string => queries.map(({ id }) => id).join(', ');

const roleText = ({ type }: FieldInfo, source: 'STREAM' | 'TABLE'): string =>
  columnRole(source, type === 'KEY' ? 'key' : type === 'HEADER' ? 'header' : 'value');

/** Servers leave the arguments of a function out that takes none. */
function signatureText(name: string, { arguments: parameters }: FunctionVariant): string {
  const texts = (parameters ?? []).map((each) => `${each.name} ${each.type}${each.isVariadic ? '…' : ''}`);
  return `${name}(${texts.join(', ')})`;
}
