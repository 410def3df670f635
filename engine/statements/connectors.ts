import type {
  CreateConnector,
  DescribeConnector,
  DropConnector,
  ListConnectorPlugins,
  ListConnectors,
} from '../../language/generated/ast.ts';
import { EngineError, ERROR_CODE } from '../api/errors.ts';
import type { Entity } from '../api/protocol.ts';
import { ConnectorError } from '../connectors/configuration/connector.ts';
import { ConnectError } from '../connectors/connect-client.ts';
import { sourceDescription } from './listing/source-entities.ts';
import { maskedConnector } from './preparation/masked-statement.ts';
import type { StatementHandler } from './preparation/statement-handler.ts';

const NOT_FOUND = 404;

/** The properties of CREATE CONNECTOR as Connect takes them: texts. */
function configOf(node: CreateConnector): Record<string, string> {
  const config: Record<string, string> = {};
  for (const { name, value } of node.properties.entries) {
    const text = 'value' in value ? String(value.value) : '';
    config[name] = value.$type === 'BooleanLiteral' ? text.toLowerCase() : text;
  }
  return config;
}

/** Runs what speaks to connectors; its refusals become errors of the statement, with the status that Connect gave. */
async function reporting<T>(what: string, statementText: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ConnectorError) {
      const code = error.code === 'exists' ? ERROR_CODE.conflict : ERROR_CODE.badStatement;
      throw new EngineError(code, error.message, { statementText, cause: error });
    }
    if (!(error instanceof ConnectError)) throw error;
    const { status, message } = error;
    if (status !== undefined)
      throw new EngineError(status * 100, `${what}: ${message}`, { statementText, cause: error });
    const advice =
      'Caused by: Could not connect to the server. Please check the server details are correct and that the server is running.';
    throw new EngineError(ERROR_CODE.serverError, `${message}\n${advice}`, { statementText, cause: error });
  }
}

const warning = (statementText: string, message: string): Entity => ({
  '@type': 'warning_entity',
  statementText,
  message,
  warnings: [],
});

export const createConnector: StatementHandler<CreateConnector> = {
  async execute({ node, text }, { session, services: { connectors } }) {
    const statementText = maskedConnector(node, text);
    return reporting('Failed to create connector', statementText, async () => {
      if ((await connectors.find(node.name, configOf(node))) !== undefined) {
        const message = `Connector ${node.name} already exists`;
        if (node.ifNotExists) return warning(statementText, message);
        throw new ConnectorError(message, 'exists');
      }
      const atOnce = session.properties.get('ksql.workbench.until.end') === 'true';
      const info = await connectors.create(node.name, configOf(node), { atOnce });
      return { '@type': 'connector_info', statementText, info, warnings: [] };
    });
  },
};

export const dropConnector: StatementHandler<DropConnector> = {
  async execute({ node, text }, { services: { connectors } }) {
    return reporting('Failed to drop connector', text, async () => {
      try {
        await connectors.drop(node.name);
      } catch (error) {
        const missing =
          (error instanceof ConnectError && error.status === NOT_FOUND) ||
          (error instanceof ConnectorError && error.code === 'unknown');
        if (!missing || !node.ifExists) throw error;
        return warning(text, `Connector '${node.name}' does not exist.`);
      }
      return { '@type': 'drop_connector', statementText: text, connectorName: node.name, warnings: [] };
    });
  },
};

const asWarning = (message: string) => ({ message });

export const listConnectors: StatementHandler<ListConnectors> = {
  async execute({ node, text }, { services }) {
    const { all, warnings } = await reporting('Failed to list connectors', text, () => services.connectors.list());
    const connectors = all.filter(({ type }) => node.kind === undefined || type.toUpperCase() === node.kind);
    return { '@type': 'connector_list', statementText: text, connectors, warnings: warnings.map(asWarning) };
  },
};

export const listConnectorPlugins: StatementHandler<ListConnectorPlugins> = {
  async execute({ text }, { services }) {
    const { all: connectorsPlugins, warnings } = await reporting('Failed to list connector plugins', text, () =>
      services.connectors.plugins(),
    );
    return {
      '@type': 'connector_plugins_list',
      statementText: text,
      connectorsPlugins,
      warnings: warnings.map(asWarning),
    };
  },
};

export const describeConnector: StatementHandler<DescribeConnector> = {
  async execute({ node, text }, { services }) {
    const { metastore, queries, broker, hostAndPort, clock, connectors } = services;
    const description = await reporting('Failed to query connector', text, () => connectors.describe(node.name));
    const over = [...metastore.sources.values()].filter(({ topic }) => description.topics.includes(topic));
    const context = { metastore, queries, broker, hostAndPort, nowMs: clock.nowMs() };
    const sources = await Promise.all(over.map((source) => sourceDescription(source, false, context)));
    return { '@type': 'connector_description', statementText: text, ...description, sources, warnings: [] };
  },
};
