import type { Port } from '../../api/port/messages.ts';
import type { EngineChoice } from '../engines/chosen-engine.ts';

/** What an engine in a thread is made of: plain data only. */
export interface ThreadStart {
  readonly choice: Omit<EngineChoice, 'onNotice'>;
  /** The statements of a deployment; absent: those of the service's command topic. */
  readonly queriesFile: string | undefined;
  /** Where it is asked over the REST API. */
  readonly port: Port;
  /** Where the main thread answers for its schema registry; absent: the choice names another. */
  readonly registry: Port | undefined;
}

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'notice'; readonly text: string };

/** What a thread is told. */
export type ToThread = { readonly kind: 'close' };
