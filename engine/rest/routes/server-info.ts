import type { HealthCheckResponse, ServerClusterId, ServerInfo, ServerMetadata } from '../../api/protocol.ts';
import { SERVER_VERSION } from '../../api/server-version.ts';
import { JSON_TYPE, KSQL_V1_JSON } from '../http/media-type.ts';
import type { Route, RouteContext } from './route.ts';

const PRODUCES = [KSQL_V1_JSON, JSON_TYPE];

function serverInfo({ engine }: RouteContext): ServerInfo {
  return {
    KsqlServerInfo: {
      version: engine.version,
      kafkaClusterId: engine.broker.clusterId,
      ksqlServiceId: engine.serviceId,
      serverStatus: engine.warning === undefined ? 'RUNNING' : 'DEGRADED',
    },
  };
}

/** What it is part of is known when its engine is there. */
const STARTING_INFO: ServerInfo = {
  KsqlServerInfo: {
    version: SERVER_VERSION,
    kafkaClusterId: '',
    ksqlServiceId: '',
    serverStatus: 'INITIALIZING',
  },
};

const STARTING_HEALTH: HealthCheckResponse = {
  isHealthy: false,
  details: { metastore: { isHealthy: false }, kafka: { isHealthy: false }, commandRunner: { isHealthy: false } },
  serverState: 'INITIALIZING',
};

function clusterId({ engine }: RouteContext): ServerClusterId {
  return {
    scope: { path: [], clusters: { 'kafka-cluster': engine.broker.clusterId, 'ksql-cluster': engine.serviceId } },
    id: '',
  };
}

async function health({ engine }: RouteContext): Promise<HealthCheckResponse> {
  const kafka = await engine.broker.listTopics().then(
    () => true,
    () => false,
  );
  const runs = engine.warning === undefined;
  const details = { metastore: { isHealthy: true }, kafka: { isHealthy: kafka }, commandRunner: { isHealthy: runs } };
  return { isHealthy: kafka && runs, details, serverState: 'READY' };
}

export const SERVER_INFO_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    produces: [],
    handle: (exchange) => exchange.send(307, null, '', { location: '/info' }),
  },
  {
    method: 'GET',
    path: '/info',
    produces: PRODUCES,
    whileStarting: (exchange) => exchange.sendJson(200, STARTING_INFO),
    handle: (exchange, context) => exchange.sendJson(200, serverInfo(context)),
  },
  {
    method: 'GET',
    path: '/healthcheck',
    produces: PRODUCES,
    open: true,
    whileStarting: (exchange) => exchange.sendJson(200, STARTING_HEALTH),
    handle: async (exchange, context) => exchange.sendJson(200, await health(context)),
  },
  {
    method: 'GET',
    path: '/v1/metadata',
    produces: PRODUCES,
    open: true,
    handle: (exchange, context) => {
      const metadata: ServerMetadata = { version: context.engine.version, clusterId: clusterId(context) };
      exchange.sendJson(200, metadata);
    },
  },
  {
    method: 'GET',
    path: '/v1/metadata/id',
    produces: PRODUCES,
    open: true,
    handle: (exchange, context) => exchange.sendJson(200, clusterId(context)),
  },
  {
    method: 'GET',
    path: '/chc/ready',
    produces: [],
    open: true,
    hidden: true,
    handle: (exchange) => exchange.sendJson(200, {}),
  },
  {
    method: 'GET',
    path: '/chc/live',
    produces: [],
    open: true,
    hidden: true,
    whileStarting: (exchange) => exchange.sendJson(200, {}),
    handle: (exchange) => exchange.sendJson(200, {}),
  },
];
