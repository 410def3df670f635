import { EvaluationError } from '../../../language/types/evaluation-error.ts';
import { asEngineError, badRequest, EngineError, ERROR_CODE } from '../../api/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Limits } from '../http/limits.ts';
import { JSON_TYPE, KSQL_V1_JSON } from '../http/media-type.ts';
import { parseKsqlRequest, parseTerminateRequest } from '../http/request-body.ts';
import type { Route, RouteContext } from './route.ts';

const PRODUCES = [KSQL_V1_JSON, JSON_TYPE];
const COMMAND_TYPES = new Set(['topic', 'stream', 'table', 'terminate', 'cluster', 'type', 'pause', 'resume']);

const COMMAND_ACTIONS = new Set(['create', 'drop', 'execute', 'terminate', 'alter']);

/** Reads a request; what is wrong with its JSON is answered without a content type, as ksqlDB does. */
export async function readRequest<T>(
  exchange: Exchange,
  parse: (text: string, limits: Limits) => T,
): Promise<T | undefined> {
  try {
    return parse(await exchange.text(), exchange.limits);
  } catch (error) {
    exchange.sendError(asEngineError(error), null);
    return undefined;
  }
}

async function executeStatements(exchange: Exchange, { engine, terminate }: RouteContext): Promise<void> {
  const request = await readRequest(exchange, parseKsqlRequest);
  if (request === undefined) return;
  try {
    const entities = await engine.execute(request.ksql, {
      properties: request.streamsProperties,
      requestProperties: request.requestProperties,
      variables: request.sessionVariables,
      commandSequenceNumber: request.commandSequenceNumber,
    });
    exchange.sendJson(200, entities);
    if (engine.isTerminated) terminate();
  } catch (error) {
    exchange.sendError(asEngineError(error));
  }
}

async function terminateCluster(exchange: Exchange, { engine, terminate }: RouteContext): Promise<void> {
  try {
    const patterns = parseTerminateRequest(await exchange.text(), exchange.limits);
    exchange.sendJson(200, await engine.terminateCluster(patterns));
    terminate();
  } catch (error) {
    exchange.sendError(error instanceof EvaluationError ? badRequest(error.message) : asEngineError(error));
  }
}

function commandStatus(exchange: Exchange, { engine }: RouteContext, parameters: readonly string[]): void {
  const [type, entity, action] = parameters;
  if (!COMMAND_TYPES.has(type!.toLowerCase()) || !COMMAND_ACTIONS.has(action!.toLowerCase())) {
    exchange.sendError(new EngineError(ERROR_CODE.serverError, `Unknown command: ${type}/${action}`), null);
    return;
  }
  const status = engine.commandStatuses.get(`${type!.toLowerCase()}/${entity}/${action!.toLowerCase()}`);
  if (status === undefined) exchange.sendError(new EngineError(ERROR_CODE.notFound, 'Command not found'));
  else exchange.sendJson(200, status);
}

function isValidProperty(exchange: Exchange, { engine }: RouteContext, [name]: readonly string[]): void {
  const problem = engine.propertyProblem(name!);
  if (problem === undefined) exchange.sendJson(200, true);
  else exchange.sendError(badRequest(problem));
}

export const KSQL_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/ksql', produces: PRODUCES, handle: executeStatements },
  { method: 'POST', path: '/ksql/terminate', produces: PRODUCES, handle: terminateCluster },
  {
    method: 'GET',
    path: '/status',
    produces: PRODUCES,
    handle: (exchange, { engine }) => {
      const commandStatuses = Object.fromEntries([...engine.commandStatuses].map(([id, { status }]) => [id, status]));
      exchange.sendJson(200, { commandStatuses });
    },
  },
  { method: 'GET', path: '/status/:type/:entity/:action', produces: PRODUCES, handle: commandStatus },
  { method: 'GET', path: '/is_valid_property/:property', produces: PRODUCES, handle: isValidProperty },
];
