import type { Api, Layout } from './fields.ts';
import type { MessageReader } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';

/** Who asks. */
export interface Client {
  /** As it calls itself; empty where it does not. */
  readonly id: string;
  /** Where it is. */
  readonly host: string;
  /** The address of ours that it has reached. */
  readonly reachedHost: string;
  readonly reachedPort: number;
  /** Ends with its connection. */
  readonly signal: AbortSignal;
}

/** One kind of request, and who answers it. */
export interface Route {
  readonly api: Pick<Api<unknown, never>, 'key' | 'name' | 'versions' | 'flexibleSince'>;
  /** Reads the request and writes the answer, as pieces; undefined where none is wanted. */
  answer(from: MessageReader, layout: Layout, client: Client): Promise<readonly Uint8Array[] | undefined>;
}

/** @param handle gives undefined where the client wants no answer */
export function route<Q, A>(
  api: Api<Q, A>,
  handle: (request: Q, client: Client, version: number) => A | undefined | Promise<A | undefined>,
): Route {
  return {
    api,
    async answer(from, layout, client) {
      const answer = await handle(api.request.read(from, layout), client, layout.version);
      if (answer === undefined) return undefined;
      const to = new MessageWriter();
      api.response.write(to, answer, layout);
      return to.taken();
    },
  };
}
