import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../../engine/index.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;

beforeAll(async () => {
  engine = await Engine.open({ broker: new MemoryBroker() });
  server = await startServer(engine, { host: '127.0.0.1', port: 0, limits: { lingerTimeMs: 200 } });
});

afterAll(async () => {
  await server.close();
  await engine.close();
});

const FRAME = { data: 0, headers: 1, reset: 3, settings: 4 };
const END_STREAM = 1;
const END_HEADERS = 4;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
}

function frame(type: number, flags: number, streamId: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** A header in HPACK's literal form without indexing; the name is one of the static table's. */
function literal(index: number, value: string): Buffer {
  return Buffer.from([index, value.length, ...Buffer.from(value, 'latin1')]);
}

/** The frames of streams that have come until one of them ends its stream, or resets it. */
async function framesUntilEnd(socket: Socket): Promise<Frame[]> {
  const frames: Frame[] = [];
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const each = { type: bytes.readUInt8(3), flags: bytes.readUInt8(4), streamId: bytes.readUInt32BE(5) };
      bytes = bytes.subarray(9 + bytes.readUIntBE(0, 3));
      if (each.streamId > 0) frames.push(each);
    }
    const ends = ({ type, flags }: Frame): boolean => type === FRAME.reset || (flags & END_STREAM) !== 0;
    if (frames.some(ends)) return frames;
  }
  return frames;
}

test('a GET whose end comes in a frame of its own, as Vert.x sends it, gets its answer and no reset', async () => {
  const socket = connectSocket(server.port, '127.0.0.1');
  const headers = Buffer.concat([Buffer.from([0x82, 0x86]), literal(0x04, '/info'), literal(0x01, 'localhost')]);
  socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'));
  socket.write(frame(FRAME.settings, 0, 0));
  socket.write(frame(FRAME.headers, END_HEADERS, 1, headers));
  socket.write(frame(FRAME.data, END_STREAM, 1));
  const frames = await framesUntilEnd(socket);
  socket.destroy();
  expect(frames.map(({ type }) => type)).not.toContain(FRAME.reset);
  expect(frames.map(({ type }) => type)).toEqual(expect.arrayContaining([FRAME.headers, FRAME.data]));
});

test('who is still sending rows reads why they are not taken, and is then stopped', async () => {
  await engine.execute(
    "CREATE STREAM s (id INT KEY, v INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
  const session = connect(server.url);
  const insert = async (...lines: readonly object[]) => {
    const stream = session.request({ ':method': 'POST', ':path': '/inserts-stream' });
    const closed = once(stream, 'close');
    stream.setEncoding('utf8');
    for (const line of lines) stream.write(`${JSON.stringify(line)}\n`);
    const [headers] = await once(stream, 'response');
    let text = '';
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) text += chunk;
    await closed;
    return { status: headers[':status'], text, rstCode: stream.rstCode };
  };
  const stopped = constants.NGHTTP2_NO_ERROR;
  expect(await insert({ target: 'nope' })).toMatchObject({
    status: 400,
    text: expect.stringContaining('unknown stream/table'),
    rstCode: stopped,
  });
  const { text, ...rest } = await insert({ target: 'S' }, { ID: 1, V: 1 }, { ID: 2, V: 'x' }, { ID: 3, V: 3 });
  expect(rest).toEqual({ status: 200, rstCode: stopped });
  const acks = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { status: string; seq: number });
  expect(acks).toMatchObject([
    { status: 'ok', seq: 0 },
    { status: 'error', seq: 1 },
  ]);
  session.close();
});
