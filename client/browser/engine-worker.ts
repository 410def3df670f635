import * as vscode from 'vscode';
import type { KsqlClient } from '../../engine/api/client.ts';
import type { Port } from '../../engine/api/port/messages.ts';
import { portClient } from '../../engine/api/port/port-client.ts';
import type { EngineEvent, FileReply, FileRequest, StartEngine } from '../../engine/browser/worker-messages.ts';
import { EngineProcessError, type RunningEngine } from '../connections/running-engine.ts';
import { startWorker } from './start-worker.ts';

/** The engine in a worker. It ends with the extension's host. */
export class EngineWorker implements RunningEngine {
  readonly client: KsqlClient;
  readonly #worker: Worker;
  readonly #failed = Promise.withResolvers<string>();

  private constructor(worker: Worker, client: KsqlClient) {
    this.#worker = worker;
    this.client = client;
    worker.onerror = ({ message }) => this.#failed.resolve(message);
  }

  /** Starts an engine and waits until it answers. @throws EngineProcessError with its own words when it does not */
  static async start(
    extensionUri: vscode.Uri,
    properties: Readonly<Record<string, string>>,
    log: vscode.LogOutputChannel,
  ): Promise<EngineWorker> {
    const worker = await startWorker(extensionUri, 'engine.js');
    const [rest, files] = [new MessageChannel(), new MessageChannel()];
    answerFiles(files.port1, extensionUri);
    const engine = new EngineWorker(worker, portClient(rest.port1 as unknown as Port));
    const begun = Promise.withResolvers<void>();
    worker.onmessage = ({ data }) => {
      const event = data as EngineEvent;
      if (event.kind === 'notice') log.info(event.text);
      else if (event.kind === 'ready') begun.resolve();
      else begun.reject(new EngineProcessError(event.message));
    };
    void engine.#failed.promise.then((reason) => begun.reject(new EngineProcessError(reason)));
    const start = { rest: rest.port2, files: files.port2, properties } as unknown as StartEngine;
    worker.postMessage(start, [rest.port2, files.port2]);
    try {
      await begun.promise;
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  }

  onExit(act: (reason: string) => void): void {
    void this.#failed.promise.then(act);
  }

  async stop(): Promise<void> {
    this.#worker.onerror = null;
    this.client.close();
    this.#worker.terminate();
  }
}

/** Reads for the engine: files of the workspace's folders, then the data of the examples. */
function answerFiles(port: MessagePort, extensionUri: vscode.Uri): void {
  const examples = vscode.Uri.joinPath(extensionUri, 'dist', 'examples-data');
  port.onmessage = async ({ data }) => {
    const { id, name } = data as FileRequest;
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
    port.postMessage({ id, text: await readIn([...folders, examples], name) } satisfies FileReply);
  };
}

/** The text of the first file of the name; one that lies outside of its folder is none. */
async function readIn(folders: readonly vscode.Uri[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const file = vscode.Uri.joinPath(folder, name);
    if (!file.path.startsWith(`${folder.path.replace(/\/$/, '')}/`)) continue;
    try {
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    } catch {
      // It is in another folder, or nowhere.
    }
  }
  return undefined;
}
