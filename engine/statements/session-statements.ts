import type {
  DefineVariable,
  ListVariables,
  SetProperty,
  UndefineVariable,
  UnsetProperty,
} from '../../language/generated/ast.ts';
import type { Entity } from '../rest/protocol.ts';
import type { Session } from '../runtime/session.ts';
import { setProperty, unsetProperty } from '../runtime/session-properties.ts';
import type { PreparedStatement, StatementHandler } from './statement-handler.ts';

/** Statements on the session do the same in the sandbox and in the request; they have no answer. */
function onSession<N extends SetProperty | UnsetProperty | DefineVariable>(
  apply: (statement: PreparedStatement<N>, session: Session) => void,
): StatementHandler<N> {
  return {
    validate: (statement, sandbox) => apply(statement, sandbox.session),
    async execute(statement, { session }) {
      apply(statement, session);
      return undefined;
    },
  };
}

export const setPropertyStatement = onSession<SetProperty>(({ node, text }, session) =>
  setProperty(session.properties, node.name, node.value, text),
);

export const unsetPropertyStatement = onSession<UnsetProperty>(({ node, text }, session) =>
  unsetProperty(session.properties, node.name, text),
);

export const defineVariable = onSession<DefineVariable>(({ node }, session) => session.define(node.name, node.value));

export const undefineVariable: StatementHandler<UndefineVariable> = {
  validate: ({ node }, sandbox) => void sandbox.session.undefine(node.name),
  async execute({ node, text }, { session }): Promise<Entity | undefined> {
    if (session.undefine(node.name)) return undefined;
    const message = `Cannot undefine variable '${node.name}' which was never defined`;
    return { '@type': 'warning_entity', statementText: text, message, warnings: [] };
  },
};

export const listVariables: StatementHandler<ListVariables> = {
  async execute({ text }, { session }) {
    return { '@type': 'variables', statementText: text, variables: session.listVariables(), warnings: [] };
  },
};
