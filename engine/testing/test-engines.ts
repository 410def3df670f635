import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Metastore } from '../../language/metastore/metastore.ts';
import { Engine } from '../index.ts';
import { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import { OnePartitionBroker } from './one-partition-broker.ts';

/** Topics that outlive the engine which has them, as a cluster's do. */
class LastingBroker extends OnePartitionBroker {
  override async close(): Promise<void> {}

  end(): Promise<void> {
    return super.close();
  }
}

export interface TestEngineOptions {
  readonly functions?: Metastore['functions'];
  /** What the engine knows is kept in a state directory, so that it can be opened again. */
  readonly restarts?: boolean;
}

/**
 * The engine of a test, or one after the other over the same topics and state, with nothing but what it is fed with.
 */
export class TestEngines {
  readonly registry = new MemoryRegistry('NONE');
  readonly #broker = new LastingBroker();
  readonly #file: string;
  readonly #functions: Metastore['functions'];
  readonly #stateDir: string | undefined;
  #engine: Engine | undefined;

  /** @param file of the test, whose folder connectors may read */
  constructor(file: string, { functions, restarts }: TestEngineOptions) {
    this.#file = file;
    this.#functions = functions;
    this.#stateDir = restarts ? mkdtempSync(path.join(tmpdir(), 'ksql-test-')) : undefined;
  }

  async open(): Promise<Engine> {
    this.#engine = await Engine.open({
      broker: this.#broker,
      registry: this.registry,
      properties: new Map([
        ['auto.offset.reset', 'earliest'],
        ['ksql.workbench.fsync', 'never'],
      ]),
      drive: 'manual',
      folders: () => [path.dirname(this.#file)],
      functions: this.#functions,
      stateDir: this.#stateDir,
    });
    return this.#engine;
  }

  async reopen(): Promise<Engine> {
    await this.#engine?.close();
    return this.open();
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    await this.#broker.end();
    if (this.#stateDir !== undefined) rmSync(this.#stateDir, { recursive: true, force: true });
  }
}
