declare module 'monaco-lsp-client' {
  import type { lsp } from 'monaco-editor';
  export const MonacoLspClient: typeof lsp.MonacoLspClient;
  export const createTransportToWorker: typeof lsp.createTransportToWorker;
}
