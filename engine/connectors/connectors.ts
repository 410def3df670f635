import type { ConnectorDescription, ConnectorInfo, ConnectorPlugin, SimpleConnectorInfo } from '../rest/protocol.ts';
import { type ConnectClient, ConnectError } from './connect-client.ts';
import { type ConnectorConfig, ConnectorError, type StartOptions } from './connector.ts';
import type { ConnectorRegistry } from './connector-registry.ts';

/**
 * All connectors that statements can name: the built-in sources, which run in the engine, and those of Kafka Connect. The class
 * decides who runs a connector; Connect is asked only where the built-in ones cannot answer.
 */
export class Connectors {
  readonly #builtIn: ConnectorRegistry;
  readonly #connect: ConnectClient;

  constructor(builtIn: ConnectorRegistry, connect: ConnectClient) {
    this.#builtIn = builtIn;
    this.#connect = connect;
  }

  /** @throws ConnectError when Connect does not answer and no built-in connector runs */
  async list(): Promise<SimpleConnectorInfo[]> {
    return [...this.#builtIn.list(), ...(await this.#connectOr([], (connect) => connect.list()))];
  }

  /** @throws ConnectError when Connect does not answer and no built-in connector runs */
  async plugins(): Promise<ConnectorPlugin[]> {
    const others = await this.#connectOr([], (connect) => connect.plugins());
    return [...this.#builtIn.plugins(), ...others];
  }

  /**
   * The name of an existing connector, whatever the case it is asked for in.
   * @param config of the connector that is to get the name: for a built-in one, a Connect that does not answer is no failure
   * @throws ConnectError when Connect does not answer
   */
  async find(name: string, config: ConnectorConfig = {}): Promise<string | undefined> {
    const lower = name.toLowerCase();
    const builtIn = this.#builtIn.find(name);
    if (builtIn !== undefined) return builtIn;
    const isBuiltIn = this.#builtIn.isBuiltIn(config['connector.class']);
    const others = await this.#connectOr([], (connect) => connect.list(), isBuiltIn);
    return others.find((connector) => connector.name.toLowerCase() === lower)?.name;
  }

  /** @throws ConnectorError, ConnectError */
  async create(name: string, config: ConnectorConfig, options?: StartOptions): Promise<ConnectorInfo> {
    if (this.#builtIn.isBuiltIn(config['connector.class'])) return this.#builtIn.create(name, config, options);
    const problems = await this.#connect.validate({ ...config, name });
    if (problems.length > 0) throw new ConnectorError(`Validation error: ${problems.join('\n')}`, 'invalid-config');
    return this.#connect.create(name, config);
  }

  /** @throws ConnectError, with status 404 when there is none of the name */
  async describe(name: string): Promise<Omit<ConnectorDescription, 'sources'>> {
    return this.#builtIn.find(name) === undefined ? this.#connect.describe(name) : this.#builtIn.describe(name);
  }

  /** @throws ConnectError, with status 404 when there is none of the name */
  async drop(name: string): Promise<void> {
    await (this.#builtIn.find(name) === undefined ? this.#connect.drop(name) : this.#builtIn.drop(name));
  }

  async close(): Promise<void> {
    await this.#builtIn.close();
  }

  /** Whoever works with built-in connectors needs no Connect, so that it does not answer is then no failure. */
  async #connectOr<T>(
    otherwise: T,
    ask: (connect: ConnectClient) => Promise<T>,
    usesBuiltIn = this.#builtIn.size > 0,
  ): Promise<T> {
    try {
      return await ask(this.#connect);
    } catch (error) {
      if (error instanceof ConnectError && error.status === undefined && usesBuiltIn) return otherwise;
      throw error;
    }
  }
}
