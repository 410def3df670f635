import { dropText } from '../../language/format/statement-text.ts';
import type { AlterSource, DropSource } from '../../language/generated/ast.ts';
import { addSource, dropSource as withoutSource } from '../../language/metastore/metastore-changes.ts';
import { parseScript } from '../../language/parser/parse-script.ts';
import { StatementContext } from '../../language/query/statement-context.ts';
import { alteredSource } from '../../language/statements/alter.ts';
import { BrokerError } from '../broker/broker.ts';
import { commandEntity, type StatementHandler } from './preparation/statement-handler.ts';

export const dropSource: StatementHandler<DropSource> = {
  async execute(statement, context) {
    const { services, replay } = context;
    const { name, kind, deleteTopic } = statement.node;
    const source = services.metastore.sources.get(name);
    const statementText = deleteTopic ? dropText(statement.node) : statement.text;
    const commandId = `${kind.toLowerCase()}/${name}/drop`;
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
    if (deleteTopic && !replay) {
      await services.broker.deleteTopic(source.topic).catch((error: unknown) => {
        if (!(error instanceof BrokerError && error.code === 'unknown-topic')) throw error;
      });
      for (const side of ['key', 'value'])
        await services.registry?.deleteSubject(`${source.topic}-${side}`).catch(() => undefined);
    }
    return commandEntity(
      { commandId, message: `Source \`${name}\` (topic: ${source.topic}) was dropped.`, statementText },
      statement,
      context,
    );
  },
};

export const alterSource: StatementHandler<AlterSource> = {
  async execute(statement, context) {
    const { services } = context;
    const [parsed] = parseScript(statement.text, { dialect: 'latest' }).statements;
    const analysis = new StatementContext(
      parsed!,
      services.metastore,
      { dialect: 'latest', properties: new Map(), variables: new Map() },
      new Map(),
    );
    const source = alteredSource(statement.node, analysis)!;
    services.metastore = addSource(services.metastore, source);
    const kind = source.kind === 'STREAM' ? 'Stream' : 'Table';
    return commandEntity(
      {
        commandId: `${source.kind.toLowerCase()}/${source.name}/alter`,
        message: `${kind} ${source.name} altered.`,
        statementText: statement.text,
      },
      statement,
      context,
    );
  },
};
