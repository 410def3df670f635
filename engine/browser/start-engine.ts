import { MemoryBroker } from '../broker/embedded/memory-broker.ts';
import { engineProperties } from '../engine-properties.ts';
import { Engine } from '../index.ts';
import { MemoryBudget } from '../memory/memory-budget.ts';
import { servePort } from '../rest/port/serve-port.ts';
import { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import { AskedFiles } from './asked-files.ts';
import type { StartEngine } from './worker-messages.ts';

const MEMORY_BYTES = 512 * 1024 * 1024;
/** The heap of a page ends here, whatever the machine has; how much of it is used, browsers do not tell. */
const HEAP_BYTES = 4 * 1024 * 1024 * 1024;
/** What the engine could do on a desktop, by the settings that ask for it. */
const DESKTOP_SETTINGS = {
  'bootstrap.servers': 'Kafka',
  'ksql.schema.registry.url': 'A schema registry',
  'ksql.extension.dir': 'Functions of your own',
} as const;

/**
 * Opens an engine with all that it has in memory, and serves it over a port.
 * @param onNotice told in a sentence what those who run the engine should know
 */
export async function startEngine(
  { rest, files, properties: given }: StartEngine,
  onNotice: (notice: string) => void,
): Promise<Engine> {
  const properties = engineProperties(given, true);
  for (const [name, what] of Object.entries(DESKTOP_SETTINGS)) {
    if (properties.delete(name)) onNotice(`${what} needs KSQL Workbench on the desktop: ${name} is passed over here.`);
  }
  const readHeap = () => ({ usedBytes: 0, liveBytes: 0, limitBytes: HEAP_BYTES });
  const memory = new MemoryBudget(MEMORY_BYTES, { readHeap });
  const engine = await Engine.open({
    broker: new MemoryBroker({ memory, onProblem: onNotice }),
    registry: new MemoryRegistry(),
    memory,
    properties,
    files: new AskedFiles(files),
    reachConnect: noConnect,
    onNotice,
  });
  servePort(engine, rest);
  return engine;
}

async function noConnect(): Promise<never> {
  throw new Error('Kafka Connect needs KSQL Workbench on the desktop. The built-in sources run here.');
}
