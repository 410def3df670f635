import { dropText } from '../../language/format/statement-text.ts';
import type { AlterSource, DropSource } from '../../language/generated/ast.ts';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { addSource, dropSource as withoutSource } from '../../language/metastore/metastore-changes.ts';
import { parseScript } from '../../language/parser/parse-script.ts';
import { StatementContext } from '../../language/query/statement-context.ts';
import { alteredSource } from '../../language/statements/alter.ts';
import { BrokerError } from '../broker/broker.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import { commandEntity, type PreparedStatement, type StatementHandler } from './preparation/statement-handler.ts';

const dropId = ({ node }: PreparedStatement<DropSource>): string => `${node.kind.toLowerCase()}/${node.name}/drop`;

export const dropSource: StatementHandler<DropSource> = {
  commandId: dropId,
  // Where another engine's statement has come first, the source may have to stay, and its records with it.
  async prepareForAll({ node }, services) {
    const source = services.metastore.sources.get(node.name);
    if (!node.deleteTopic || source === undefined) return undefined;
    return async () => {
      const isTakenAgain = [...services.metastore.sources.values()].some(({ topic }) => topic === source.topic);
      if (!isTakenAgain) await deleteWithSubjects(source.topic, services);
    };
  },
  async execute(statement, context) {
    const { services, replay } = context;
    const { name, deleteTopic } = statement.node;
    const source = services.metastore.sources.get(name);
    const statementText = deleteTopic ? dropText(statement.node) : statement.text;
    const commandId = dropId(statement);
    if (source === undefined)
      return commandEntity(
        { commandId, message: `Source \`${name}\` does not exist.`, statementText },
        statement,
        context,
      );
    for (const query of services.queries.all()) {
      if (query.sourceTable === name || (query.sink?.name === name && !query.id.startsWith('INSERTQUERY_')))
        await services.queries.remove(query.id, { deleteState: true });
    }
    services.metastore = withoutSource(services.metastore, name);
    if (deleteTopic && !replay) await deleteWithSubjects(source.topic, services);
    return commandEntity(
      { commandId, message: `Source \`${name}\` (topic: ${source.topic}) was dropped.`, statementText },
      statement,
      context,
    );
  },
};

async function deleteWithSubjects(topic: string, { broker, registry }: EngineServices): Promise<void> {
  await broker.deleteTopic(topic).catch((error: unknown) => {
    if (!(error instanceof BrokerError && error.code === 'unknown-topic')) throw error;
  });
  for (const side of ['key', 'value']) await registry?.deleteSubject(`${topic}-${side}`).catch(() => undefined);
}

function altered({ node, text }: PreparedStatement<AlterSource>, { metastore }: EngineServices): DataSource {
  const [parsed] = parseScript(text, { dialect: 'latest' }).statements;
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map() } as const;
  return alteredSource(node, new StatementContext(parsed!, metastore, settings, new Map()))!;
}

const alterId = (source: DataSource): string => `${source.kind.toLowerCase()}/${source.name}/alter`;

export const alterSource: StatementHandler<AlterSource> = {
  commandId: (statement, services) => alterId(altered(statement, services)),
  async execute(statement, context) {
    const { services } = context;
    const source = altered(statement, services);
    services.metastore = addSource(services.metastore, source);
    const kind = source.kind === 'STREAM' ? 'Stream' : 'Table';
    return commandEntity(
      {
        commandId: alterId(source),
        message: `${kind} ${source.name} altered.`,
        statementText: statement.text,
      },
      statement,
      context,
    );
  },
};
