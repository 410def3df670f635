import { answerRegistryRequest } from '../../serde/registry/registry-routes.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Route, RouteContext } from './route.ts';

const REGISTRY_TYPE = 'application/vnd.schemaregistry.v1+json';

async function answer(exchange: Exchange, { engine }: RouteContext, [path]: readonly string[]): Promise<void> {
  const send = (status: number, body: unknown) => exchange.send(status, REGISTRY_TYPE, JSON.stringify(body));
  if (engine.registry === undefined)
    return send(404, { error_code: 404, message: 'The engine has no schema registry.' });
  const text = await exchange.text();
  let request: unknown;
  try {
    request = text === '' ? undefined : JSON.parse(text);
  } catch {
    return send(422, { error_code: 422, message: 'The request is no JSON.' });
  }
  const { status, body } = await answerRegistryRequest(engine.registry, exchange.method, `/${path}`, request);
  send(status, body);
}

/**
 * Confluent's registry API over the registry that the engine uses, so that producers and consumers without one share
 * its schemas: their `schema.registry.url` is this server's address with `/workbench/schema-registry` behind it.
 */
export const REGISTRY_ROUTES: readonly Route[] = (['GET', 'POST', 'DELETE'] as const).map((method) => ({
  method,
  path: '/workbench/schema-registry/*',
  produces: [],
  handle: answer,
}));
