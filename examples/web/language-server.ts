import type { RequestsToServer } from '../../server/protocol.ts';

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

type Receive = (event: { readonly data: unknown }) => void;

/**
 * The language server in its worker, as the editor's client sees it: what that client cannot say is said besides, and
 * answers to that are kept from it.
 */
export class LanguageServer {
  readonly #worker: Worker;
  readonly #asked = new Map<string, (result: unknown) => void>();
  #nextId = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  postMessage(message: Message): void {
    const isFirst = message.method === 'initialize';
    const initializationOptions = { engine: 'this page', pushDiagnostics: true };
    this.#worker.postMessage(
      isFirst ? { ...message, params: { ...(message.params as object), initializationOptions } } : message,
    );
  }

  addEventListener(_type: 'message', receive: Receive): void {
    this.#worker.addEventListener('message', (event) => {
      const { id, result } = event.data as Message;
      const settle = this.#asked.get(String(id));
      if (settle === undefined) return receive(event);
      this.#asked.delete(String(id));
      settle(result ?? null);
    });
  }

  /** Sends a request that is ours alone. Null where it failed. */
  ask<M extends keyof RequestsToServer>(
    method: M,
    params: RequestsToServer[M]['params'],
  ): Promise<RequestsToServer[M]['result'] | null> {
    const id = `page-${this.#nextId++}`;
    this.#worker.postMessage({ jsonrpc: '2.0', id, method, params });
    return new Promise((resolve) => {
      this.#asked.set(id, (result) => resolve(result as RequestsToServer[M]['result'] | null));
    });
  }

  /** Sends a notification that is ours alone. */
  tell(method: string, params: unknown): void {
    this.#worker.postMessage({ jsonrpc: '2.0', method, params });
  }
}
