import path from 'node:path';
import type {
  ConnectorDescription,
  ConnectorInfo,
  ConnectorPlugin as PluginInfo,
  SimpleConnectorInfo,
} from '../api/protocol.ts';
import type { Broker } from '../broker/broker.ts';
import type { SchemaRegistry } from '../serde/registry/schema-registry.ts';
import {
  type ConnectorConfig,
  ConnectorError,
  type ConnectorPlugin,
  type ConnectorState,
  type RecordSource,
  type StartOptions,
} from './configuration/connector.ts';
import type { DataFiles } from './configuration/data-files.ts';
import { FolderFiles } from './configuration/folder-files.ts';
import { type ConnectorRecord, ConnectorStateFile } from './connector-state-file.ts';
import { datagen } from './datagen/datagen.ts';
import { fileSource } from './file/file-source.ts';
import { RunningConnector } from './running-connector.ts';
import type { SharedConnectors } from './shared-connectors.ts';

export interface ConnectorRegistryOptions {
  readonly broker: Broker;
  /**
   * Whose files connectors may read, and where a relative path begins; none, and only the data of the examples, when
   * absent.
   */
  readonly folders?: (() => readonly string[]) | undefined;
  /** What opens their files, where that are not the files of folders. */
  readonly files?: DataFiles | undefined;
  /** Where schemas are registered; without one nothing is written in a format that has them. */
  readonly registry?: SchemaRegistry | undefined;
  /** What decides which of several engines that have the same connectors runs each; absent: all run here. */
  readonly shared?: SharedConnectors | undefined;
  /** A JSON file that keeps the connectors and their positions over restarts. */
  readonly stateFile?: string | undefined;
}

interface Connector {
  readonly name: string;
  readonly config: ConnectorConfig;
  readonly plugin: ConnectorPlugin;
  readonly running: RunningConnector;
}

/** How often the positions are saved while the engine runs; after a crash what was written since is written again. */
const SAVE_INTERVAL_MS = 5000;
/** Connect's name for the worker that runs a task. */
const WORKER_ID = 'embedded';

/**
 * The built-in source connectors: what Kafka Connect would run, run in this process. It answers with the entities that
 * Kafka Connect's own answers become.
 */
export class ConnectorRegistry {
  readonly #broker: Broker;
  readonly #plugins: readonly ConnectorPlugin[];
  readonly #connectors = new Map<string, Connector>();
  readonly #shared: SharedConnectors | undefined;
  readonly #stateFile: ConnectorStateFile | undefined;
  #saving: NodeJS.Timeout | undefined;

  constructor({ broker, folders = () => [], files, stateFile, registry, shared }: ConnectorRegistryOptions) {
    this.#broker = broker;
    this.#shared = shared;
    // What the engine keeps for itself is nobody's data, wherever it is kept.
    const closed = stateFile === undefined ? undefined : path.dirname(stateFile);
    const readable = files ?? new FolderFiles(() => ({ named: folders(), closed }));
    this.#plugins = [datagen({ files: readable, registry }), fileSource(readable)];
    this.#stateFile = stateFile === undefined ? undefined : new ConnectorStateFile(stateFile);
  }

  /** Starts the connectors that the state file holds. One that cannot start is listed as failed. */
  async restore(): Promise<void> {
    for (const record of this.#stateFile?.read() ?? []) {
      const connector = await this.#reopen(record);
      this.#connectors.set(record.name, connector);
      if (!record.paused) await this.#begin(connector).catch((error: unknown) => connector.running.fail(error));
    }
    this.#keepSaving();
  }

  get size(): number {
    return this.#connectors.size;
  }

  /** Whether a `connector.class` is one of the built-in ones; others are for Kafka Connect. */
  isBuiltIn(className: string | undefined): boolean {
    return className !== undefined && this.#plugins.some((plugin) => plugin.accepts(className));
  }

  /** The connector's name as it was created, whatever the case it is asked for in. */
  find(name: string): string | undefined {
    const lower = name.toLowerCase();
    return [...this.#connectors.keys()].find((each) => each.toLowerCase() === lower);
  }

  plugins(): PluginInfo[] {
    return this.#plugins.map(({ className, type, version }) => ({ className, type, version }));
  }

  list(): SimpleConnectorInfo[] {
    return [...this.#connectors.values()].map(({ name, config, plugin, running }) => ({
      name,
      type: plugin.type,
      className: config['connector.class'] ?? plugin.className,
      state: this.#stateOf(name, running),
    }));
  }

  /**
   * Checks the properties, makes the topic if it is not there, and starts.
   * @throws ConnectorError when a connector has the name, or for what is wrong with the properties
   */
  async create(name: string, properties: ConnectorConfig, options?: StartOptions): Promise<ConnectorInfo> {
    if (this.find(name) !== undefined) throw new ConnectorError(`Connector ${name} already exists`, 'exists');
    const config = { ...properties, name };
    const connector = await this.#open(name, config, 0);
    this.#connectors.set(name, connector);
    try {
      await this.#begin(connector, options);
    } catch (error) {
      this.#connectors.delete(name);
      throw error;
    }
    this.#save();
    this.#keepSaving();
    return { name, config, tasks: [{ connector: name, task: 0 }], type: connector.plugin.type };
  }

  /** What DESCRIBE CONNECTOR says, besides the streams and tables over the topics. @throws ConnectorError */
  describe(name: string): Omit<ConnectorDescription, 'sources'> {
    const { config, plugin, running } = this.#connector(name);
    const status = {
      state: this.#stateOf(name, running),
      worker_id: this.#shared?.placeOf(name).worker ?? WORKER_ID,
      ...(running.trace === undefined ? {} : { trace: running.trace }),
    };
    return {
      connectorClass: config['connector.class'] ?? plugin.className,
      status: { name, connector: status, tasks: [{ id: 0, ...status }], type: plugin.type },
      topics: [running.topic],
    };
  }

  /** Stops it and forgets it; its topic stays. @throws ConnectorError */
  async drop(name: string): Promise<void> {
    const connector = this.#connector(name);
    this.#connectors.delete(connector.name);
    await this.#shared?.remove(connector.name);
    await connector.running.pause();
    this.#save();
  }

  /** @throws ConnectorError */
  async pause(name: string): Promise<void> {
    await this.#connector(name).running.pause();
    this.#save();
  }

  /** Goes on where it was paused or failed. @throws ConnectorError */
  async resume(name: string): Promise<void> {
    await this.#connector(name).running.start();
    this.#save();
  }

  /** Stops all; with a state file they go on from here after a restart. */
  async close(): Promise<void> {
    clearInterval(this.#saving);
    const connectors = [...this.#connectors.values()];
    const records = connectors.map((connector) => this.#isPaused(connector));
    await this.#shared?.close();
    await Promise.all(connectors.map(({ running }) => running.pause()));
    this.#stateFile?.write(connectors.map((connector, i) => recordOf(connector, records[i]!)));
    this.#connectors.clear();
  }

  #connector(name: string): Connector {
    const connector = this.#connectors.get(this.find(name) ?? name);
    if (connector === undefined) throw new ConnectorError(`Connector ${name} not found`, 'unknown');
    return connector;
  }

  async #open(name: string, config: ConnectorConfig, position: number): Promise<Connector> {
    const { plugin, source } = await this.#source(config);
    return { name, config, plugin, running: new RunningConnector(source, this.#broker, position) };
  }

  /** Its file may be gone since: then it starts to fail, and says so, instead of keeping the engine from starting. */
  async #reopen({ name, config, position }: ConnectorRecord): Promise<Connector> {
    try {
      return await this.#open(name, config, position);
    } catch (error) {
      const source: RecordSource = {
        topic: config['kafka.topic'] ?? '',
        partitions: 1,
        isFinite: false,
        isPaced: true,
        read: () => {
          throw error;
        },
      };
      const plugin = this.#plugins.find((each) => each.accepts(config['connector.class'] ?? '')) ?? this.#plugins[0]!;
      return { name, config, plugin, running: new RunningConnector(source, this.#broker, position) };
    }
  }

  async #source(config: ConnectorConfig): Promise<{ plugin: ConnectorPlugin; source: RecordSource }> {
    const className = config['connector.class'] ?? '';
    const plugin = this.#plugins.find((each) => each.accepts(className));
    if (plugin === undefined) {
      const known = this.#plugins.map((each) => each.className).join(', ');
      const problem = className === '' ? 'connector.class is missing' : `${className} is not built in`;
      throw new ConnectorError(`${problem}: built-in sources are ${known}.`, 'invalid-config');
    }
    return { plugin, source: await plugin.open(config) };
  }

  #keepSaving(): void {
    if (this.#stateFile === undefined || this.#saving !== undefined || this.#connectors.size === 0) return;
    this.#saving = setInterval(() => this.#save(), SAVE_INTERVAL_MS);
    this.#saving.unref();
  }

  #save(): void {
    const connectors = [...this.#connectors.values()];
    this.#stateFile?.write(connectors.map((connector) => recordOf(connector, this.#isPaused(connector))));
  }

  /** Runs it, or has one of several engines run it. */
  #begin({ name, running }: Connector, options?: StartOptions): Promise<void> {
    return this.#shared === undefined ? running.start(options) : this.#shared.add(name, running);
  }

  /** What another engine runs does not run here, and is not paused for that. */
  #isPaused({ running }: Connector): boolean {
    return this.#shared === undefined && running.state === 'PAUSED';
  }

  #stateOf(name: string, running: RunningConnector): ConnectorState {
    const place = this.#shared?.placeOf(name);
    if (place === undefined || place.isHere || running.state === 'FAILED') return running.state;
    return place.worker === undefined ? 'UNASSIGNED' : 'RUNNING';
  }
}

function recordOf({ name, config, running }: Connector, paused: boolean): ConnectorRecord {
  return { name, config, position: running.position, paused };
}
