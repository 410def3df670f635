import { PassThrough } from 'node:stream';
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

  static async start(initializationOptions: object = {}): Promise<LspSession> {
    const toServer = new PassThrough();
    const toClient = new PassThrough();
    serve(createConnection(ProposedFeatures.all, new StreamMessageReader(toServer), new StreamMessageWriter(toClient)));
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
    client.listen();
    await client.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
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
