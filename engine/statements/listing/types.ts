import { bindType } from '../../../language/binding/type-names.ts';
import type { CreateType, DropType, ListTypes } from '../../../language/generated/ast.ts';
import { addType, dropType } from '../../../language/metastore/metastore-changes.ts';
import { typeToString } from '../../../language/types/sql-type.ts';
import { commandEntity, type StatementHandler } from '../preparation/statement-handler.ts';
import { schemaInfo } from './schema-info.ts';

export const createType: StatementHandler<CreateType> = {
  commandId: ({ node }) => `type/${node.name}/create`,
  async execute(statement, context) {
    const { services } = context;
    const { name, type } = statement.node;
    const existing = services.metastore.types.get(name.toUpperCase());
    const resolved = existing ?? bindType(type, services.metastore.types);
    if (existing === undefined) services.metastore = addType(services.metastore, name, resolved);
    const message =
      existing === undefined
        ? `Registered custom type with name '${name}' and SQL type ${typeToString(resolved)}`
        : `${name} is already registered with type ${typeToString(existing)}`;
    return commandEntity(
      { commandId: `type/${name}/create`, message, statementText: statement.text },
      statement,
      context,
    );
  },
};

export const dropTypeStatement: StatementHandler<DropType> = {
  commandId: ({ node }) => `type/${node.name}/drop`,
  async execute(statement, context) {
    const { services } = context;
    const { name } = statement.node;
    const existed = services.metastore.types.has(name.toUpperCase());
    services.metastore = dropType(services.metastore, name);
    const message = existed ? `Dropped type '${name}'` : `Type '${name}' does not exist`;
    return commandEntity(
      { commandId: `type/${name}/drop`, message, statementText: statement.text },
      statement,
      context,
    );
  },
};

export const listTypes: StatementHandler<ListTypes> = {
  async execute({ text }, { services }) {
    const types = Object.fromEntries([...services.metastore.types].map(([name, type]) => [name, schemaInfo(type)]));
    return { '@type': 'type_list', statementText: text, types, warnings: [] };
  },
};
