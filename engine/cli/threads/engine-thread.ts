import { parentPort, workerData } from 'node:worker_threads';
import type { Engine } from '../../index.ts';
import { metricsPage } from '../../metrics/metrics-page.ts';
import { servePort } from '../../rest/port/serve-port.ts';
import { openChosenEngine } from '../engines/chosen-engine.ts';
import { runDeployment } from '../engines/deployment.ts';
import { sharedRegistry } from './shared-registry.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';

/** Runs an engine in this thread until the main thread says that it is to end. */
export async function runEngineThread(): Promise<void> {
  const { choice, queriesFile, port, registry } = workerData as ThreadStart;
  const tell = (message: FromThread) => parentPort!.postMessage(message);
  let engine: Engine | undefined;
  parentPort!.once('message', async (_: ToThread) => {
    await engine?.close();
    process.exit();
  });
  try {
    const schemas = registry === undefined ? {} : { registry: sharedRegistry(registry) };
    engine = await openChosenEngine({ ...choice, ...schemas, onNotice: (text) => tell({ kind: 'notice', text }) });
    if (queriesFile !== undefined && !(await runDeployment(engine, queriesFile)))
      return tell({ kind: 'refused', message: `The statements of ${queriesFile} cannot be run in a thread.` });
    servePort(engine, port, { metrics: metricsPage('thread') });
    tell({ kind: 'ready' });
  } catch (error) {
    tell({ kind: 'refused', message: (error as Error).message });
  }
}
