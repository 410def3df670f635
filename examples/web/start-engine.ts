import type { KsqlClient } from '../../engine/api/client.ts';
import type { Port } from '../../engine/api/port/messages.ts';
import { portClient } from '../../engine/api/port/port-client.ts';
import type { EngineEvent, FileReply, FileRequest, StartEngine } from '../../engine/browser/worker-messages.ts';

/** Starts the engine in a worker. Its files are those of the page's folder `data`. @throws Error with its own words */
export async function startEngine(onNotice: (notice: string) => void): Promise<KsqlClient> {
  const worker = new Worker('engine.js');
  const [rest, files] = [new MessageChannel(), new MessageChannel()];
  files.port1.onmessage = async ({ data }) => {
    const { id, name } = data as FileRequest;
    const answer = await fetch(`data/${encodeURIComponent(name)}`);
    files.port1.postMessage({ id, text: answer.ok ? await answer.text() : undefined } satisfies FileReply);
  };
  const started = Promise.withResolvers<void>();
  worker.onerror = ({ message }) => started.reject(new Error(message));
  worker.onmessage = ({ data }) => {
    const event = data as EngineEvent;
    if (event.kind === 'ready') started.resolve();
    else if (event.kind === 'refused') started.reject(new Error(event.message));
    else onNotice(event.text);
  };
  const start = { rest: rest.port2, files: files.port2, properties: {} } as unknown as StartEngine;
  worker.postMessage(start, [rest.port2, files.port2]);
  await started.promise;
  return portClient(rest.port1 as unknown as Port);
}
