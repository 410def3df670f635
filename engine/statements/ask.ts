import type { PrintTopic } from '../../language/generated/ast.ts';
import type { ParsedStatement } from '../../language/parser/parse-script.ts';
import type { AnalyzedSelect } from '../../language/query/analyzed.ts';
import { badRequest, badStatement, EngineError, ERROR_CODE } from '../api/errors.ts';
import { type PrintAnswer, printTopic, unknownTopicMessage } from '../runtime/print/print-topic.ts';
import { askTable, type ForwardedRequest } from '../runtime/pull-query.ts';
import { startTransientQuery } from '../runtime/push-query.ts';
import type { QueryAnswer } from '../runtime/query-answer.ts';
import { checkFit } from '../runtime/session/session-properties.ts';
import { parseStatements, prepareStatement, prepareText } from './preparation/prepare.ts';
import type { ExecutionContext } from './preparation/statement-handler.ts';

/** The ways to ask a query; they differ in how they refuse one. */
export type QueryEndpoint = 'query' | 'query-stream' | 'websocket';

/** Starts the SELECT or PRINT that the text is, and answers with its rows as they come. @throws EngineError */
export async function ask(
  text: string,
  endpoint: QueryEndpoint,
  context: ExecutionContext,
  forwarded?: ForwardedRequest,
): Promise<QueryAnswer | PrintAnswer> {
  const { services, session } = context;
  if (text.trim() === '' && endpoint !== 'query-stream') throw badRequest('"ksql" field must be populated');
  const statement = singleStatement(text, endpoint, context);
  const written = statement.node?.$type;
  if (written !== undefined && written !== 'Query' && written !== 'PrintTopic') {
    prepareText(statement, context, services.metastore);
    throw notAQuery(written, text, endpoint);
  }
  const { prepared } = await prepareStatement(statement, context);
  // A variable may stand where it can only be read once it is replaced, as after LIMIT: the prepared statement counts.
  const { node } = prepared;
  if (node.$type === 'PrintTopic') return print(node, endpoint, context);
  if (node.$type !== 'Query') throw notAQuery(node.$type, text, endpoint);
  const { query } = prepared.analyzed as AnalyzedSelect;
  const properties = services.queryProperties(new Map(session.properties));
  if (query.kind === 'pull' && query.output.kind === 'TABLE') {
    const sent = { sql: text, properties: session.sent, variables: session.sentVariables() };
    return askTable({ query, statementText: prepared.text, properties, sent, forwarded }, services);
  }
  if (endpoint === 'query-stream') checkFit(session.sent);
  return startTransientQuery(
    { query, statementText: prepared.text, properties, overriddenProperties: session.typedProperties() },
    services,
  );
}

async function print(
  node: PrintTopic,
  endpoint: QueryEndpoint,
  { services, session }: ExecutionContext,
): Promise<PrintAnswer> {
  const untilEnd = session.properties.get('ksql.workbench.until.end') === 'true';
  const answer = await printTopic(node, services, untilEnd);
  if (answer !== undefined) return answer;
  const code = endpoint === 'query-stream' ? ERROR_CODE.badStatement : ERROR_CODE.badRequest;
  throw new EngineError(code, await unknownTopicMessage(node, services.broker));
}

/** What is found of a query before its settings are looked at. @throws EngineError */
export function prepareQuery(text: string, endpoint: QueryEndpoint, context: ExecutionContext): void {
  if (text.trim() !== '') prepareText(singleStatement(text, endpoint, context), context, context.services.metastore);
}

function singleStatement(text: string, endpoint: QueryEndpoint, context: ExecutionContext): ParsedStatement {
  const statements = parse(text, endpoint, context);
  const [statement] = statements;
  if (statements.length === 1) return statement!;
  throw badStatement(`Expected exactly one KSQL statement; found ${statements.length} instead`, text);
}

/** Syntax errors on the query endpoints repeat the statement, but not over WebSocket. */
function parse(text: string, endpoint: QueryEndpoint, context: ExecutionContext): readonly ParsedStatement[] {
  try {
    return parseStatements(text, context);
  } catch (error) {
    if (error instanceof EngineError && endpoint !== 'websocket')
      error.message += `\nStatement: ${error.statementText}`;
    throw error;
  }
}

function notAQuery(type: string, text: string, endpoint: QueryEndpoint): EngineError {
  if (endpoint === 'query-stream')
    return badStatement(`Neither a query nor a print statement\nStatement: ${text}`, text);
  return badRequest(`Statement type ${type} not supported for this resource`);
}
