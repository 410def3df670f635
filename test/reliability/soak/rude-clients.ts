import { randomBytes } from 'node:crypto';
import net from 'node:net';
import type { EngineUnderTest } from './engine-under-test.ts';
import { repeating, type Worker } from './load.ts';

const HALF_OPEN_SOCKETS = 50;

const BROKEN = [
  'GET // HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'POST /query-stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n{"sql":"SELECT',
  'POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x10\x04\0\0\0\0\0',
  'GET /ws/query HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
];

/** Sends what no client should, and noise. */
export function rudeClient(engine: EngineUnderTest): Worker {
  let next = 0;
  return repeating(async () => {
    const bytes = next % 7 === 6 ? randomBytes(512) : Buffer.from(BROKEN[next % BROKEN.length]!, 'latin1');
    next++;
    await new Promise<void>((resolve) => {
      const socket = connect(engine);
      socket.on('close', () => resolve());
      socket.on('connect', () => {
        socket.write(bytes);
        setTimeout(() => socket.destroy(), 100);
      });
    });
  }, 20);
}

/** Opens sockets and says nothing; opens a push query and does not read it. */
export function slowClients(engine: EngineUnderTest, stream: string): Worker {
  const sockets = Array.from({ length: HALF_OPEN_SOCKETS }, () => connect(engine));
  const query = connect(engine);
  const body = JSON.stringify({ sql: `SELECT * FROM ${stream} EMIT CHANGES;`, properties: {} });
  query.pause();
  query.write(
    `POST /query-stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return {
    stop: async () => {
      for (const socket of [...sockets, query]) socket.destroy();
    },
  };
}

function connect(engine: EngineUnderTest): net.Socket {
  const socket = net.connect(Number(new URL(engine.url).port), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  return socket;
}
