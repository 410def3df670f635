import type {
  CreateConnector,
  DescribeConnector,
  DropConnector,
  ListConnectorPlugins,
  ListConnectors,
} from '../../language/generated/ast.ts';
import { ConnectorError } from '../connectors/connector.ts';
import { EngineError, ERROR_CODE } from '../errors.ts';
import type { ConnectorInfo, SimpleConnectorInfo } from '../rest/protocol.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import { type ConnectResponse, connectMessage, connectRequest } from './connect-client.ts';
import { sourceDescription } from './source-entities.ts';
import type { StatementHandler } from './statement-handler.ts';

/** The properties of CREATE CONNECTOR as Connect takes them: texts. */
function configOf(node: CreateConnector): Record<string, string> {
  const entries = node.properties.entries.map(
    ({ name, value }) => [name, 'value' in value ? String(value.value) : ''] as const,
  );
  return Object.fromEntries(
    entries.map(([name, value]) => [name, /^(TRUE|FALSE)$/.test(value) ? value.toLowerCase() : value]),
  );
}

/** The statement with the values of its properties hidden, except the class. */
const masked = (text: string) =>
  text.replace(/('(?:[^']|'')*'|[\w."`]+)(\s*=\s*)('(?:[^']|'')*')/g, (whole, name: string, equals: string) =>
    /connector\.class/i.test(name) ? whole.replace(/\s*=\s*/, '=') : `${name}${equals.trim()}'[string]'`,
  );

function checked(response: ConnectResponse, what: string, statementText: string): ConnectResponse {
  if (response.status < 400) return response;
  throw new EngineError(response.status * 100, `${what}: ${connectMessage(response)}`, { statementText });
}

function asEngineError(error: unknown, statementText: string): unknown {
  if (!(error instanceof ConnectorError)) return error;
  return new EngineError(error.code === 'exists' ? ERROR_CODE.conflict : ERROR_CODE.badStatement, error.message, {
    statementText,
  });
}

export const createConnector: StatementHandler<CreateConnector> = {
  async execute(statement, { services }) {
    const { node } = statement;
    const config = configOf(node);
    const statementText = masked(statement.text);
    if (services.connectors.isBuiltIn(config['connector.class'])) {
      if (node.ifNotExists && services.connectors.find(node.name) !== undefined) {
        return {
          '@type': 'warning_entity',
          statementText,
          message: `Connector ${node.name} already exists`,
          warnings: [],
        };
      }
      try {
        const info = await services.connectors.create(node.name, config);
        return { '@type': 'connector_info', statementText, info, warnings: [] };
      } catch (error) {
        throw asEngineError(error, statementText);
      }
    }
    const response = await connectRequest(services.connectUrl, 'POST', '/connectors', { name: node.name, config });
    if (response.status === 409 && node.ifNotExists)
      return {
        '@type': 'warning_entity',
        statementText,
        message: `Connector ${node.name} already exists`,
        warnings: [],
      };
    const info = checked(response, 'Failed to create connector', statementText).body as ConnectorInfo;
    return { '@type': 'connector_info', statementText, info, warnings: [] };
  },
};

export const dropConnector: StatementHandler<DropConnector> = {
  async execute(statement, { services }) {
    const { name, ifExists } = statement.node;
    const own = services.connectors.find(name);
    if (own !== undefined) {
      await services.connectors.drop(own);
      return { '@type': 'drop_connector', statementText: statement.text, connectorName: own, warnings: [] };
    }
    const response = await connectRequest(services.connectUrl, 'DELETE', `/connectors/${encodeURIComponent(name)}`);
    if (response.status === 404 && ifExists)
      return {
        '@type': 'warning_entity',
        statementText: statement.text,
        message: `Connector '${name}' does not exist.`,
        warnings: [],
      };
    checked(response, 'Failed to drop connector', statement.text);
    return { '@type': 'drop_connector', statementText: statement.text, connectorName: name, warnings: [] };
  },
};

/** The built-in connectors, and those of Kafka Connect. Where nothing built in runs, Connect's silence is an error as in ksqlDB. */
async function allConnectors(services: EngineServices, statementText: string): Promise<SimpleConnectorInfo[]> {
  const own = services.connectors.list();
  try {
    const names = checked(
      await connectRequest(services.connectUrl, 'GET', '/connectors'),
      'Failed to list connectors',
      statementText,
    ).body as string[];
    const remote = await Promise.all(
      names.map(async (name) => {
        const info = (await connectRequest(services.connectUrl, 'GET', `/connectors/${encodeURIComponent(name)}`))
          .body as { config?: Record<string, string>; type?: string };
        const status = (
          await connectRequest(services.connectUrl, 'GET', `/connectors/${encodeURIComponent(name)}/status`)
        ).body as { connector?: { state?: string } };
        return {
          name,
          type: info.type ?? 'unknown',
          className: info.config?.['connector.class'] ?? '',
          state: status.connector?.state ?? 'UNKNOWN',
        };
      }),
    );
    return [...own, ...remote];
  } catch (error) {
    if (own.length > 0) return own;
    throw error;
  }
}

export const listConnectors: StatementHandler<ListConnectors> = {
  async execute({ node, text }, { services }) {
    const all = await allConnectors(services, text);
    const wanted = node.kind === undefined ? all : all.filter(({ type }) => type.toUpperCase() === node.kind);
    return { '@type': 'connector_list', statementText: text, connectors: wanted, warnings: [] };
  },
};

export const listConnectorPlugins: StatementHandler<ListConnectorPlugins> = {
  async execute({ text }, { services }) {
    const { body } = checked(
      await connectRequest(services.connectUrl, 'GET', '/connector-plugins'),
      'Failed to list connector plugins',
      text,
    );
    const remote = (body as { class: string; type: string; version?: string }[]).map((plugin) => ({
      className: plugin.class,
      type: plugin.type,
      version: plugin.version ?? '',
    }));
    return {
      '@type': 'connector_plugins_list',
      statementText: text,
      connectorsPlugins: [...services.connectors.plugins(), ...remote],
      warnings: [],
    };
  },
};

export const describeConnector: StatementHandler<DescribeConnector> = {
  async execute({ node, text }, { services }) {
    const own = services.connectors.find(node.name);
    if (own === undefined) {
      checked(
        await connectRequest(services.connectUrl, 'GET', `/connectors/${encodeURIComponent(node.name)}`),
        'Failed to query connector',
        text,
      );
      throw new EngineError(
        ERROR_CODE.notFound,
        `Connector '${node.name}' is not built in; ask Kafka Connect at ${services.connectUrl} for it.`,
        { statementText: text },
      );
    }
    const description = services.connectors.describe(own);
    const over = [...services.metastore.sources.values()].filter(({ topic }) => description.topics.includes(topic));
    const sources = await Promise.all(
      over.map((source) =>
        sourceDescription(source, false, {
          metastore: services.metastore,
          queries: services.queries,
          broker: services.broker,
          hostAndPort: services.hostAndPort,
          nowMs: services.clock.nowMs(),
        }),
      ),
    );
    return { '@type': 'connector_description', statementText: text, ...description, sources, warnings: [] };
  },
};
