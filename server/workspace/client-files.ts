import type { Connection } from 'vscode-languageserver';
import type { RequestsToClient } from '../protocol.ts';
import type { FileSource } from './file-source.ts';

/** Files that the client reads for a server that has no file system, such as one in a browser. */
export function clientFiles(connection: Connection): FileSource {
  const ask = <M extends 'ksql/listFiles' | 'ksql/readFile'>(
    method: M,
    params: RequestsToClient[M]['params'],
  ): Promise<RequestsToClient[M]['result']> => connection.sendRequest(method, params);
  return {
    list: (folder) => ask('ksql/listFiles', { folder }),
    read: async (uri) => (await ask('ksql/readFile', { uri })) ?? undefined,
  };
}
