/** How requests and answers go from one thread to another: plain data only. Each exchange has a channel of its own. */

/** One end of a channel between threads: a `MessagePort`, as far as Node's and the browsers' are alike. */
export interface Port {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  close(): void;
}

/** Begins an exchange; its answer comes over `port`, which is handed over with it. */
export interface PortRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly port: Port;
}

export type PortAnswer =
  | { readonly kind: 'head'; readonly status: number }
  /** Bytes of the body, in memory that is handed over. */
  | { readonly kind: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' }
  /** The server has broken the answer off. */
  | { readonly kind: 'broken' };

export type PortReply =
  /** The client has read a piece of so many bytes. */
  | { readonly kind: 'taken'; readonly sizeBytes: number }
  /** The client has gone. */
  | { readonly kind: 'gone' };
