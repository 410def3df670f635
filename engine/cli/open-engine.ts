import { statSync } from 'node:fs';
import path from 'node:path';
import type { Engine } from '../index.ts';
import { UsageError } from '../script/exit-codes.ts';

/** What an engine of the command line is made of, as its options are called. */
export interface EngineChoice {
  readonly bootstrapServer?: string;
  readonly schemaRegistry?: string;
  readonly connect?: string;
  readonly stateDir?: string;
  readonly serviceId?: string;
  readonly property?: Readonly<Record<string, string>>;
  /** Folders whose files connectors may read. */
  readonly files?: readonly string[];
  /** A folder with functions of the user's own. */
  readonly functions?: string;
  /** What the engine may take of memory, in bytes. */
  readonly memory?: number;
  /** How it serves others, and where it will listen; see `OpenOptions`. */
  readonly role?: 'interactive' | 'headless';
  readonly listen?: string;
}

/** Opens an engine on the embedded broker, or on a Kafka cluster. */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  const { bootstrapServer, schemaRegistry, connect, stateDir, serviceId, property, functions, memory } = choice;
  const files = (choice.files ?? []).map((folder) => path.resolve(folder));
  const missing = files.find((folder) => !isFolder(folder));
  if (missing !== undefined) throw new UsageError(`--files takes a folder, and ${missing} is none.`);
  const { openEngine: open } = await import('../open-engine.ts');
  return open({
    ...(bootstrapServer === undefined ? {} : { bootstrapServers: bootstrapServer }),
    ...(schemaRegistry === undefined ? {} : { schemaRegistryUrl: schemaRegistry }),
    ...(connect === undefined ? {} : { connectUrl: connect }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(serviceId === undefined ? {} : { serviceId }),
    ...(property === undefined ? {} : { properties: property }),
    ...(choice.role === undefined ? {} : { role: choice.role }),
    ...(choice.listen === undefined ? {} : { listen: choice.listen }),
    onNotice: (notice) => process.stderr.write(`${notice}\n`),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    functionsFolder: functions,
    onFunctionProblem: (problem) => process.stderr.write(`${problem}\n`),
    folders: () => files,
  });
}

const isFolder = (folder: string): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
