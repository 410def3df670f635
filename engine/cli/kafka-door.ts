import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaDoorState } from '../api/engine-message.ts';
import { MemoryBroker } from '../broker/embedded/memory-broker.ts';
import type { Engine } from '../index.ts';
import { isLoopback } from '../rest/http/browser-guard.ts';
import { ListenOptionError, listenAddress } from '../rest/listen-options.ts';
import { UsageError } from '../script/exit-codes.ts';
import type { ServerLog } from './server-log.ts';

/** The engine of a window that was reloaded may still be leaving; so often, and so far apart, it is tried again. */
const RETRIES = 4;
const RETRY_MS = 500;

/** Where the embedded broker of an engine answers clients of Kafka. */
export interface KafkaDoor {
  readonly state: KafkaDoorState;
  close(): Promise<void>;
}

/**
 * Lets clients of Kafka in, where the options say so.
 * @param listen `HOST:PORT`; undefined: nobody is let in
 * @param mayBeShut whether the engine does without where it cannot be
 * @throws UsageError when there is no embedded broker, or the address cannot be listened on
 */
export async function openKafkaDoor(
  engine: Engine,
  listen: string | undefined,
  log: ServerLog,
  mayBeShut: boolean,
): Promise<KafkaDoor | undefined> {
  if (listen === undefined) return undefined;
  for (let retries = mayBeShut ? RETRIES : 0; ; retries--) {
    try {
      return await openAt(engine, listen, log);
    } catch (error) {
      if (!mayBeShut || !(error instanceof UsageError)) throw error;
      if (retries > 0 && isTaken(error)) {
        await sleep(RETRY_MS);
        continue;
      }
      log.warn(`warning: ${error.message}`);
      return { state: { kind: 'shut', reason: error.message }, close: async () => undefined };
    }
  }
}

const isTaken = ({ cause }: Error): boolean => (cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';

async function openAt({ broker, memory }: Engine, listen: string, log: ServerLog): Promise<KafkaDoor> {
  if (!(broker instanceof MemoryBroker))
    throw new UsageError(
      `--kafka-listen lets clients of Kafka read and write the embedded broker; with --bootstrap-server they go to ${broker.description}.`,
    );
  const { host, port } = addressOf(listen);
  const onProblem = (problem: string) => log.warn(problem);
  const { KafkaListener } = await import('../broker/listener/kafka-listener.ts');
  const listener = await KafkaListener.open(broker, { host, port, memory, onProblem }).catch((error: Error) => {
    throw new UsageError(`--kafka-listen ${listen} cannot be listened on: ${error.message}`, { cause: error });
  });
  if (!isLoopback(host))
    log.warn(
      `warning: whoever reaches ${listen} can read, write and delete topics: there is no authentication for Kafka's protocol.`,
    );
  const shown = host.includes(':') ? `[${host}]` : host;
  return { state: { kind: 'open', address: `${shown}:${listener.port}` }, close: () => listener.close() };
}

function addressOf(listen: string): { readonly host: string; readonly port: number } {
  try {
    return listenAddress(listen, '--kafka-listen');
  } catch (error) {
    if (error instanceof ListenOptionError) throw new UsageError(error.message);
    throw error;
  }
}
