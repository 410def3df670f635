import type { Port } from '../api/port/messages.ts';

/** What an engine in a worker and the one who started it tell each other: plain data only. */

/** Starts the engine. Both ports are handed over with it. */
export interface StartEngine {
  /** Requests of the REST API come over it. */
  readonly rest: Port;
  /** Files are asked for over it; see {@link FileRequest}. */
  readonly files: Port;
  readonly properties: Readonly<Record<string, string>>;
}

export type EngineEvent =
  /** It answers requests. */
  | { readonly kind: 'ready' }
  /** It does not start; the message says why. */
  | { readonly kind: 'refused'; readonly message: string }
  /** What those who run it should know. */
  | { readonly kind: 'notice'; readonly text: string };

/** Asks for a file that a connector's property names. */
export interface FileRequest {
  readonly id: number;
  readonly name: string;
}

export interface FileReply {
  readonly id: number;
  /** What is in it; absent where there is no such file. */
  readonly text?: string | undefined;
}
