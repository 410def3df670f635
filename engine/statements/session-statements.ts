import type {
  DefineVariable,
  ListVariables,
  SetProperty,
  UndefineVariable,
  UnsetProperty,
} from '../../language/generated/ast.ts';
import { type SessionChange, sessionChangeOf } from '../../language/script/session-change.ts';
import { SERVER_PROPERTIES } from '../../language/settings/property-table.ts';
import type { Entity } from '../api/protocol.ts';
import type { Session } from '../runtime/session/session.ts';
import { overrideProblem } from '../runtime/session/session-properties.ts';
import { type PreparedStatement, type StatementHandler, statementError } from './preparation/statement-handler.ts';

type SessionStatement = SetProperty | UnsetProperty | DefineVariable | UndefineVariable;

const changeBy = ({ node, text }: PreparedStatement<SessionStatement>): SessionChange => sessionChangeOf(node, text)!;

/** Statements on the session do the same in the sandbox and in the request; they have no answer. */
function onSession<N extends SessionStatement>(
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
export const setPropertyStatement = onSession<SetProperty>((statement, session) => {
  const { node } = statement;
  const prohibited = overrideProblem(node.name);
  if (prohibited !== undefined) throw statementError(statement, prohibited);
  if (!SERVER_PROPERTIES.has(node.name)) session.apply(changeBy(statement));
});

export const unsetPropertyStatement = onSession<UnsetProperty>((statement, session) =>
  session.apply(changeBy(statement)),
);

export const defineVariable = onSession<DefineVariable>((statement, session) => session.apply(changeBy(statement)));

export const undefineVariable: StatementHandler<UndefineVariable> = {
  validate: (statement, sandbox) => void sandbox.session.apply(changeBy(statement)),
  async execute(statement, { session }): Promise<Entity | undefined> {
    const change = changeBy(statement);
    if (session.apply(change)) return undefined;
    const message = `Cannot undefine variable '${change.name}' which was never defined`;
    return { '@type': 'warning_entity', statementText: statement.text, message, warnings: [] };
  },
};

export const listVariables: StatementHandler<ListVariables> = {
  async execute({ text }, { session }) {
    return { '@type': 'variables', statementText: text, variables: session.listVariables(), warnings: [] };
  },
};
