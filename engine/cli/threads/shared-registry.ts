import type { Port } from '../../api/port/messages.ts';
import { PortTransport } from '../../api/port/port-client.ts';
import { HttpRegistry } from '../../serde/registry/http-registry.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';

/** The registry of the engine that serves the other end of a port: what one thread writes, another can read. */
export function sharedRegistry(port: Port): SchemaRegistry {
  const transport = new PortTransport(port);
  return new HttpRegistry({
    urls: ['/workbench/schema-registry'],
    async send({ url: path, method, headers, body, timeoutMs }) {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await transport.send({ method, path, headers, body, signal });
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      return { status: answer.status, body: Buffer.concat(parts).toString() };
    },
  });
}
