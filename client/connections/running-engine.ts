import type { KsqlClient } from '../../engine/api/client.ts';
import type { KafkaDoorState } from '../../engine/api/engine-message.ts';

/** An engine that was started from here, in a process or a worker of its own. */
export interface RunningEngine {
  readonly client: KsqlClient;
  /** Whether clients of Kafka reach it; absent where it has no door for them. */
  readonly kafka?: KafkaDoorState | undefined;
  /** Calls back, with what ended it or its last words, when it ends without having been told to. */
  onExit(act: (reason: string) => void): void;
  /** Ends the engine; resolves when it is gone. */
  stop(): Promise<void>;
}

/** The engine did not start, or ended by itself. The message is its own. */
export class EngineProcessError extends Error {}

/** Another engine has the state folder. */
export class StorageInUse extends EngineProcessError {}

/** The engine cannot use what is in the state folder. */
export class StorageUnusable extends EngineProcessError {}
