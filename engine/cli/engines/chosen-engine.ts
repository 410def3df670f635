import { statSync } from 'node:fs';
import path from 'node:path';
import type { Engine } from '../../index.ts';
import type { OpenOptions } from '../../open-engine.ts';
import { StartError, UsageError } from '../../script/exit-codes.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';

/** What an engine of the command line is made of, as its options are called. */
export interface EngineChoice {
  readonly bootstrapServer?: string;
  readonly schemaRegistry?: string;
  /** A registry that is open already. */
  readonly registry?: SchemaRegistry;
  readonly connect?: string;
  readonly stateDir?: string;
  /** How long another engine may take to leave the state directory, in seconds. */
  readonly stateWait?: number;
  /** Deletes what the state directory holds before it is read. */
  readonly emptyState?: boolean;
  readonly serviceId?: string;
  readonly property?: Readonly<Record<string, string>>;
  /** Folders whose files connectors may read. */
  readonly files?: readonly string[];
  /** Folders with functions of the user's own. */
  readonly functions?: readonly string[];
  /** What the engine may take of memory, in bytes. */
  readonly memory?: number;
  /** How it serves others, where it will listen, and where it does already; see `OpenOptions`. */
  readonly role?: 'interactive' | 'headless';
  readonly listen?: string;
  readonly endpoint?: string;
  /** Its id as a member of groups; absent: one of its own. */
  readonly process?: string;
  /** Told what users should know; by itself it goes to standard error. */
  readonly onNotice?: (notice: string) => void;
}

/**
 * Opens an engine on the embedded broker, or on a Kafka cluster.
 * @throws UsageError when an option names what there is not
 * @throws StartError when the engine cannot be opened
 */
export async function openChosenEngine(choice: EngineChoice): Promise<Engine> {
  const folders = (choice.files ?? []).map((folder) => path.resolve(folder));
  const missing = folders.find((folder) => !isFolder(folder));
  if (missing !== undefined) throw new UsageError(`--files takes a folder, and ${missing} is none.`);
  const { openEngine } = await import('../../open-engine.ts');
  return openEngine(openOptions(choice, folders)).catch((error: Error) => {
    throw new StartError(error.message, { cause: error });
  });
}

function openOptions(choice: EngineChoice, folders: readonly string[]): OpenOptions {
  const { bootstrapServer, schemaRegistry, connect, serviceId, property, functions, memory } = choice;
  const { stateDir, stateWait, emptyState, role, listen, endpoint, process: id, registry } = choice;
  const say = choice.onNotice ?? ((notice: string): void => void process.stderr.write(`${notice}\n`));
  return {
    bootstrapServers: bootstrapServer,
    schemaRegistryUrl: schemaRegistry,
    registry,
    connectUrl: connect,
    stateDir,
    stateWaitMs: stateWait === undefined ? undefined : stateWait * 1000,
    emptyState,
    serviceId,
    properties: property,
    role,
    listen,
    endpoint,
    process: id,
    memoryBytes: memory,
    functionFolders: functions,
    folders: () => folders,
    onNotice: say,
    onFunctionProblem: say,
  };
}

export const isFolder = (folder: string): boolean =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
