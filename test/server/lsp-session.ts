import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import {
  createProtocolConnection,
  type Diagnostic,
  LogMessageNotification,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { NODE_FILES } from '../../server/node-files.ts';
import { NODE_FUNCTIONS } from '../../server/node-functions.ts';
import { serve } from '../../server/serve.ts';

/** An editor's side of a language server that runs in this process, with what the server said of its own accord. */
export class LspSession {
  readonly client: ProtocolConnection;
  /** The newest diagnostics, by document. */
  readonly diagnostics = new Map<string, readonly Diagnostic[]>();
  readonly log: string[] = [];

  private constructor(client: ProtocolConnection) {
    this.client = client;
  }

  /**
   * @param workspace the folder that is open, by its path or URI; with `files` the client reads them
   */
  static async start(
    initializationOptions: object = {},
    workspace?: { readonly folder: string; readonly files?: ReadonlyMap<string, string> },
    capabilities: object = {},
  ): Promise<LspSession> {
    const toServer = new PassThrough();
    const toClient = new PassThrough();
    const streams = [new StreamMessageReader(toServer), new StreamMessageWriter(toClient)] as const;
    serve(createConnection(ProposedFeatures.all, ...streams), {}, NODE_FILES, NODE_FUNCTIONS);
    const session = new LspSession(
      createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer)),
    );
    const { client, diagnostics, log } = session;
    client.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics: found }) => {
      diagnostics.set(uri, found);
    });
    client.onNotification(LogMessageNotification.type, ({ message }) => void log.push(message));
    client.onRequest('workspace/semanticTokens/refresh', () => null);
    client.onRequest('workspace/codeLens/refresh', () => null);
    client.onRequest('workspace/inlayHint/refresh', () => null);
    client.onRequest('workspace/diagnostic/refresh', () => null);
    client.onRequest('ksql/listFiles', () => [...(workspace?.files?.keys() ?? [])]);
    client.onRequest('ksql/readFile', ({ uri }: { uri: string }) => workspace?.files?.get(uri) ?? null);
    client.listen();
    const folder = workspace?.folder;
    const folderUri = folder?.startsWith('/') ? pathToFileURL(folder).href : folder;
    await client.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      workspaceFolders: folderUri === undefined ? null : [{ uri: folderUri, name: 'workspace' }],
      capabilities,
      initializationOptions,
    });
    await client.sendNotification('initialized', {});
    return session;
  }

  async open(uri: string, text: string): Promise<void> {
    await this.client.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'ksql', version: 1, text },
    });
  }

  request<R>(method: string, params: object): Promise<R> {
    return this.client.sendRequest<R>(method, params);
  }

  end(): void {
    this.client.dispose();
  }
}
