import type { ParsedStatement } from '../../language/parser/parse-script.ts';
import { hasRole } from '../../language/parser/statement-roles.ts';
import { asEngineError, badRequest, EngineError, ERROR_CODE } from '../api/errors.ts';
import type { Entity } from '../api/protocol.ts';
import type { CommandRunner } from './command-runner.ts';
import { handlerOf } from './handlers.ts';
import { maskedRequest } from './preparation/masked-statement.ts';
import { prepareStatement, prepareText } from './preparation/prepare.ts';
import type { ExecutionContext, PreparedStatement, Sandbox } from './preparation/statement-handler.ts';
import { isTransient } from './query-control.ts';

/**
 * Executes statements. All of them are checked first, each against what those before it will have made; only then are
 * they carried out, one by one.
 *
 * @param runner brings statements into the command log, where engines share it
 * @returns the entities of the statements that have an answer
 * @throws EngineError; its `entities` are those of the statements that were executed before
 */
export async function executeRequest(
  statements: readonly ParsedStatement[],
  context: ExecutionContext,
  runner?: CommandRunner,
): Promise<readonly Entity[]> {
  // What is checked is what the engine is once it has carried out what other engines were asked for.
  if (statements.some(({ node }) => node !== undefined && handlerOf(node)?.commandId !== undefined))
    await runner?.catchUp();
  const sequence = runner?.lastSequence ?? -1;
  const checked = await validate(statements, context).catch((error: unknown) => {
    throw ofRequest(asEngineError(error), statements);
  });
  const entities: Entity[] = [];
  for (const [i, statement] of statements.entries()) {
    try {
      // The first statement finds what it was checked against; for the others the real thing has come to be meanwhile.
      const prepared = i === 0 ? checked[0]! : (await prepareStatement(statement, context)).prepared;
      const entity = await (runner === undefined
        ? handlerOf(prepared.node)!.execute(prepared, context)
        : runner.execute(statement, context, { prepared, sequence: i === 0 ? sequence : runner.lastSequence }));
      if (entity !== undefined) entities.push(entity);
    } catch (error) {
      const failure = asEngineError(error, statement.text);
      failure.entities = entities;
      throw ofRequest(failure, statements);
    }
  }
  return entities;
}

/**
 * Whether statements that another engine has sent only look at what runs, or end a push query. They are carried out
 * without waiting for others: two engines that ask each other at the same time would wait for each other.
 */
/** What tells of queries, and is the same whatever else is carried out. */
const READING: ReadonlySet<string> = new Set(['DescribeSource', 'ExplainStatement', 'ListQueries']);

export const areOutOfTurn = (statements: readonly ParsedStatement[]): boolean =>
  statements.every(({ node }) => {
    if (node?.$type === 'TerminateQuery') return !node.all && isTransient(node.queryId!);
    return node !== undefined && READING.has(node.$type);
  });

/** Where the server is at fault, ksqlDB echoes the whole request, and none of what has been done by then. */
function ofRequest(failure: EngineError, statements: readonly ParsedStatement[]): EngineError {
  const { code, message, statementText, httpStatus } = failure;
  if (httpStatus !== 500 || statementText === undefined) return failure;
  return new EngineError(code, message, { statementText: maskedRequest(statements), cause: failure });
}

const isForQueryEndpoint = ({ node }: ParsedStatement): boolean => hasRole(node, 'query');

function forQueryEndpoint({ text }: ParsedStatement): EngineError {
  const message =
    "The following statement types should be issued to the websocket endpoint '/query':\n\t* PRINT\n\t* SELECT";
  return new EngineError(ERROR_CODE.queryEndpoint, message, { statementText: text });
}

/** Tries the statements out on a copy of what there is. @throws EngineError */
async function validate(
  statements: readonly ParsedStatement[],
  { services, session }: ExecutionContext,
): Promise<readonly PreparedStatement[]> {
  const sandbox: Sandbox = { metastore: services.metastore, session: session.copy(), services };
  const checked: PreparedStatement[] = [];
  for (const [i, statement] of statements.entries()) {
    if (isForQueryEndpoint(statement)) {
      prepareText(statement, sandbox, sandbox.metastore);
      throw forQueryEndpoint(statement);
    }
    const options = { metastore: sandbox.metastore, queryId: `SANDBOX_${i}` };
    const { prepared, metastore } = await prepareStatement(statement, sandbox, options);
    const handler = handlerOf(prepared.node);
    if (handler === undefined) throw badRequest(`Do not know how to execute ${prepared.node.$type}.`);
    await handler.validate?.(prepared, sandbox);
    sandbox.metastore = metastore;
    checked.push(prepared);
  }
  return checked;
}
