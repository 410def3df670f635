import type {
  DefineVariable,
  ListVariables,
  SetProperty,
  UndefineVariable,
  UnsetProperty,
} from '../../language/generated/ast.ts';
import { unkeptSetting } from '../../language/settings/properties.ts';
import { SERVER_PROPERTIES } from '../../language/settings/property-table.ts';
import type { Entity } from '../api/protocol.ts';
import type { Session } from '../runtime/session/session.ts';
import { overrideProblem } from '../runtime/session/session-properties.ts';
import { type PreparedStatement, type StatementHandler, statementError } from './preparation/statement-handler.ts';

/** Statements on the session do the same in the sandbox and in the request; they have no answer. */
function onSession<N extends SetProperty | UnsetProperty | DefineVariable>(
  apply: (statement: PreparedStatement<N>, session: Session) => unknown,
): StatementHandler<N> {
  return {
    validate: (statement, sandbox) => void apply(statement, sandbox.session),
    async execute(statement, { session }) {
      apply(statement, session);
      return undefined;
    },
  };
}

/** What is the server's alone keeps its value; ksqlDB takes the statement all the same. */
export const setPropertyStatement = onSession<SetProperty>((statement, { properties }) => {
  const { node } = statement;
  const unkept = unkeptSetting(node.name, node.value);
  if (unkept !== undefined) throw statementError(statement, unkept);
  const prohibited = overrideProblem(node.name);
  if (prohibited !== undefined) throw statementError(statement, prohibited);
  if (!SERVER_PROPERTIES.has(node.name)) properties.set(node.name, node.value);
});

export const unsetPropertyStatement = onSession<UnsetProperty>(({ node }, { properties }) =>
  properties.delete(node.name),
);

/** The name is shown as it was written, though names of variables ignore case. */
export const defineVariable = onSession<DefineVariable>(({ node, text }, session) =>
  session.define(/^DEFINE\s+(\w+)/i.exec(text)?.[1] ?? node.name, node.value),
);

export const undefineVariable: StatementHandler<UndefineVariable> = {
  validate: ({ node }, sandbox) => void sandbox.session.undefine(node.name),
  async execute({ node, text }, { session }): Promise<Entity | undefined> {
    if (session.undefine(node.name)) return undefined;
    const name = /^UNDEFINE\s+(\w+)/i.exec(text)?.[1] ?? node.name;
    const message = `Cannot undefine variable '${name}' which was never defined`;
    return { '@type': 'warning_entity', statementText: text, message, warnings: [] };
  },
};

export const listVariables: StatementHandler<ListVariables> = {
  async execute({ text }, { session }) {
    return { '@type': 'variables', statementText: text, variables: session.listVariables(), warnings: [] };
  },
};
