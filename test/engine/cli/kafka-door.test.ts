import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { openKafkaDoor } from '../../../engine/cli/kafka-door.ts';
import { ServerLog } from '../../../engine/cli/server-log.ts';
import { Engine } from '../../../engine/index.ts';

const listening = async (): Promise<Server & { readonly port: number }> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { port: (server.address() as { port: number }).port });
};

test("a window's engine waits a moment for the one before it to leave the port; others are told at once", async () => {
  const engine = await Engine.open({ broker: new MemoryBroker() });
  const log = new ServerLog('text');
  const before = await listening();
  const address = `127.0.0.1:${before.port}`;
  await expect(openKafkaDoor(engine, address, log, false)).rejects.toThrow(/cannot be listened on: .*EADDRINUSE/);
  setTimeout(() => before.close(), 300);
  const door = await openKafkaDoor(engine, address, log, true);
  expect(door!.state).toEqual({ kind: 'open', address });
  await door!.close();
  await engine.close();
});
