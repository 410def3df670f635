import type { ConnectorDescription, ConnectorInfo, ConnectorPlugin, SimpleConnectorInfo } from '../api/protocol.ts';
import { type ConnectorConfig, ConnectorError, type StartOptions } from './configuration/connector.ts';
import { type ConnectClient, ConnectError } from './connect-client.ts';
import type { ConnectorRegistry } from './connector-registry.ts';

/** Connectors or their kinds, and what to say besides. */
export interface Listing<T> {
  readonly all: readonly T[];
  readonly warnings: readonly string[];
}

/** Kafka Connect, and whether somebody asked for it or it is only looked for at its usual address. */
export interface ConnectChoice {
  readonly client: ConnectClient;
  readonly isConfigured: boolean;
}

/**
 * All connectors that statements can name: the built-in sources, which run in the engine, and those of Kafka Connect.
 * The class decides who runs a connector; Connect is asked only where the built-in ones cannot answer.
 */
export class Connectors {
  readonly #builtIn: ConnectorRegistry;
  readonly #connect: ConnectClient;
  readonly #isConfigured: boolean;

  constructor(builtIn: ConnectorRegistry, { client, isConfigured }: ConnectChoice) {
    this.#builtIn = builtIn;
    this.#connect = client;
    this.#isConfigured = isConfigured;
  }

  /** @throws ConnectError when a Connect that was asked for does not answer and no built-in connector runs */
  async list(): Promise<Listing<SimpleConnectorInfo>> {
    return this.#withConnect(this.#builtIn.list(), () => this.#connect.list());
  }

  /** @throws ConnectError when a Connect that was asked for does not answer and no built-in connector runs */
  async plugins(): Promise<Listing<ConnectorPlugin>> {
    return this.#withConnect(this.#builtIn.plugins(), () => this.#connect.plugins());
  }

  /**
   * The name of an existing connector, whatever the case it is asked for in.
   * @param config of the connector that is to get the name: for a built-in one, a Connect that does not answer is no
   * failure
   * @throws ConnectError when Connect does not answer
   */
  async find(name: string, config: ConnectorConfig = {}): Promise<string | undefined> {
    const builtIn = this.#builtIn.find(name);
    if (builtIn !== undefined) return builtIn;
    const lower = name.toLowerCase();
    const isNeedless = this.#builtIn.isBuiltIn(config['connector.class']);
    const others = await this.#connect.list().catch((error: unknown) => {
      if (isNeedless && isUnreachable(error)) return [];
      throw error;
    });
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
    if (this.#builtIn.find(name) !== undefined) return this.#builtIn.describe(name);
    return this.#named(name, () => this.#connect.describe(name));
  }

  /** @throws ConnectError, with status 404 when there is none of the name */
  async drop(name: string): Promise<void> {
    if (this.#builtIn.find(name) !== undefined) return this.#builtIn.drop(name);
    return this.#named(name, () => this.#connect.drop(name));
  }

  async close(): Promise<void> {
    await this.#builtIn.close();
  }

  /** Asks Connect for a connector. Where nobody asked for a Connect, and none answers, there is no such connector. */
  async #named<T>(name: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (this.#isConfigured || !isUnreachable(error)) throw error;
      const advice = 'No Kafka Connect is configured: --connect, or the setting ksql.connect.url, names one.';
      throw new ConnectError(`Connector ${name} does not exist. ${advice}`, NOT_FOUND, { cause: error });
    }
  }

  /**
   * What is built in, and what Connect has besides. A Connect that nobody asked for need not be there. One that was
   * asked for is missed, and that is the whole answer where no connector runs here.
   */
  async #withConnect<T>(builtIn: readonly T[], ask: () => Promise<readonly T[]>): Promise<Listing<T>> {
    try {
      return { all: [...builtIn, ...(await ask())], warnings: [] };
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      if (!this.#isConfigured) return { all: builtIn, warnings: [] };
      if (!isUnreachable(error) || this.#builtIn.size === 0) throw error;
      return { all: builtIn, warnings: [`${error.message}. Only the connectors that run here are listed.`] };
    }
  }
}

const NOT_FOUND = 404;

const isUnreachable = (error: unknown): boolean => error instanceof ConnectError && error.status === undefined;
