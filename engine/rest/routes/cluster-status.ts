import { storeLags } from '../../runtime/cluster/store-lags.ts';
import type { Exchange } from '../http/exchange.ts';
import { JSON_TYPE, KSQL_V1_JSON } from '../http/media-type.ts';
import { parseHeartbeat, parseLagReport, parseObject } from '../http/request-body.ts';
import { readRequest } from './ksql.ts';
import type { Route, RouteContext } from './route.ts';

const PRODUCES = [KSQL_V1_JSON, JSON_TYPE];

function clusterStatus(exchange: Exchange, { engine: { cluster } }: RouteContext): void {
  if (cluster?.hasHeartbeats) exchange.sendJson(200, cluster.status());
  else exchange.send(404, JSON_TYPE);
}

async function heartbeat(exchange: Exchange, { engine: { cluster } }: RouteContext): Promise<void> {
  if (!cluster?.hasHeartbeats) return notEnabled(exchange);
  const message = await readRequest(exchange, parseHeartbeat);
  if (message === undefined) return;
  cluster.receiveHeartbeat(message.hostInfo);
  exchange.sendJson(200, { isOk: true });
}

async function lag(exchange: Exchange, { engine: { cluster } }: RouteContext): Promise<void> {
  if (!cluster?.reportsLags) return notEnabled(exchange);
  const message = await readRequest(exchange, parseLagReport);
  if (message === undefined) return;
  cluster.receiveLags(message);
  exchange.sendJson(200, { isOk: true });
}

/** Where engines do not speak with one another there is nothing, once the message could be read as a JSON object. */
async function notEnabled(exchange: Exchange): Promise<void> {
  if ((await readRequest(exchange, parseObject)) !== undefined) exchange.send(404, JSON_TYPE);
}

/** What engines of a service tell one another, and who watches them. */
export const CLUSTER_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/clusterStatus', produces: PRODUCES, handle: clusterStatus },
  { method: 'POST', path: '/heartbeat', produces: PRODUCES, handle: heartbeat },
  { method: 'POST', path: '/lag', produces: PRODUCES, handle: lag },
  {
    method: 'GET',
    path: '/workbench/store-lags',
    produces: [JSON_TYPE],
    handle: (exchange, { engine }) => exchange.sendJson(200, storeLags(engine.queries.shared())),
  },
];
