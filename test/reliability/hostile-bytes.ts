import type { Chance } from '../support/chance.ts';

const METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PRI',
  'get',
  'G\0T',
  '',
  'X'.repeat(300),
  '\x16\x03\x01',
];
const TARGETS = [
  '//',
  'http://[',
  '/',
  '*',
  '',
  ' ',
  '///info',
  '/info',
  '/%',
  '/%zz',
  '/info%00',
  '/../../etc/passwd',
  '/\\',
  '?',
  '#',
  'http://',
  'http://[::1',
  'https://user:pass@host:99999/ksql',
  'file:///etc/passwd',
  'javascript:0',
  '/status/a/b/c/d',
  '/ws/query',
  '/ws/query?request=%ff',
  '/ws/query?request={}&version=9',
  '/ksql',
  '/query',
  '/query-stream',
  '/inserts-stream',
  '/close-query',
  '/workbench/topics/%2e%2e/records',
  '/workbench/schema-registry/subjects/%ff/versions/-1',
  '/is_valid_property/%C3%28',
  `/${'a'.repeat(9000)}`,
  `/?${'&a=1'.repeat(3000)}`,
  '/\u00e9',
  '/info?access_token=',
  `//${'/'.repeat(500)}`,
];
const HEADERS = [
  'Host: x',
  'Host:',
  'Host: a\r\nHost: b',
  'Host: [::1',
  'Content-Length: 99999999999999999999',
  'Content-Length: -1',
  'Content-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: gzip',
  'Expect: 100-continue',
  'Expect: nothing',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Upgrade: h2c',
  'Upgrade: TLS/1.0',
  'Sec-WebSocket-Key: short',
  'Sec-WebSocket-Version: 99',
  'Authorization: Basic ====',
  'Authorization: Bearer',
  'Authorization: Basic \x80',
  'Accept: */*;q=NaN',
  'Accept: ,,,;;;',
  'Content-Type: application/json',
  'Content-Type: \t',
  'NoColon',
  ': no name',
  'X\0Y: z',
  `X-Long: ${'y'.repeat(20_000)}`,
  ' folded',
  'Origin: null',
  'Origin: http://[',
  'Sec-Fetch-Site: cross-site',
  'Connection: close',
  'Connection: keep-alive',
  'Keep-Alive: timeout=-1',
  'X-Bare: a\rb',
  'X-\u00ff: \u00ff',
  `Cookie: ${'a=b;'.repeat(2000)}`,
  'Trailer: X',
  'Range: bytes=-1',
];
const BODIES = [
  '',
  '{',
  '{}',
  '[]',
  'null',
  '"',
  '{"ksql":1e999}',
  '{"ksql":"SHOW QUERIES;","streamsProperties":{"a":null}}',
  '{"sql":"SELECT * FROM hostile EMIT CHANGES;"}',
  '{"ksql":"SELECT * FROM hostile EMIT CHANGES;"}',
  '{"ksql":"PRINT hostile FROM BEGINNING;"}',
  '{"ksql":"\\ud800"}',
  `{"ksql":${'['.repeat(3000)}`,
  '{"__proto__":{"ksql":"x"}}',
  '{"queryId":{}}',
  '{"target":"HOSTILE"}\n{"ID":1}\n{',
  '{"target":[]}\n',
  '\0\0\0\0',
  '{"ksql":"SHOW STREAMS;","commandSequenceNumber":"x"}',
  '\u{1F600}',
];
const CHUNKS = [
  '5\r\nhello\r\n0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '-1\r\n',
  'zz\r\n',
  '5;ext=\0\r\nhello\r\n',
  '0\r\nX: y\r\n\r\n',
  '5\r\nhel',
  '1\n',
  '0\r\n\r\nGET // HTTP/1.1\r\n\r\n',
];

function http1Request(chance: Chance): string {
  const version =
    chance.below(8) > 0 ? 'HTTP/1.1' : chance.pick(['HTTP/1.0', 'HTTP/9.9', 'HTTP/', '', 'ICY', 'HTTP/2.0']);
  const headers = Array.from({ length: chance.below(6) }, () => chance.pick(HEADERS));
  const body = chance.pick(BODIES);
  // Half of the requests are whole but for one thing, so that they get as far as the routes.
  if (chance.below(2) === 0) headers.push('Host: localhost', `Content-Length: ${Buffer.byteLength(body)}`);
  const payload = headers.some((header) => header.includes('chunked')) ? chance.pick(CHUNKS) : body;
  const end = chance.below(12) > 0 ? '\r\n' : chance.pick(['\n', '\r', '', '\r\n\r']);
  return `${chance.pick(METHODS)} ${chance.pick(TARGETS)} ${version}${end}${headers.map((header) => header + end).join('')}${end}${payload}`;
}

/** A request over HTTP/1.1, or several of them in a row, with a byte turned here and there. */
export function hostileHttp1(chance: Chance): Buffer {
  const requests = Array.from({ length: chance.below(6) === 0 ? 2 + chance.below(20) : 1 }, () => http1Request(chance));
  return mutated(chance, Buffer.from(requests.join(''), 'latin1'));
}

function mutated(chance: Chance, bytes: Buffer): Buffer {
  if (chance.below(4) > 0 || bytes.length === 0) return bytes;
  for (let i = chance.below(4); i >= 0; i--) bytes[chance.below(bytes.length)] = chance.below(256);
  return chance.below(3) > 0 ? bytes : bytes.subarray(0, chance.below(bytes.length));
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
};

function frame(type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length & 0xff_ff_ff, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** A field of a header block, as a literal that is not indexed. */
function field(name: string, value: string): Buffer {
  const text = (it: string) => {
    const bytes = Buffer.from(it, 'latin1').subarray(0, 126);
    return [Buffer.from([bytes.length]), bytes];
  };
  return Buffer.concat([Buffer.from([0]), ...text(name), ...text(value)]);
}

function headerBlock(chance: Chance): Buffer {
  const fields = [
    field(':method', chance.pick(METHODS)),
    field(':scheme', chance.pick(['http', 'https', '', '\0'])),
    field(':path', chance.pick(TARGETS)),
    field(':authority', chance.pick(['localhost', '', '[', 'a b'])),
    field(
      chance.pick(['accept', 'content-length', 'Upper', ':status', 'connection', 'te', 'x\0']),
      chance.pick(['1', '-1', '*/*', '\n']),
    ),
  ];
  const kept = chance.below(3) > 0 ? fields.slice(0, 4) : fields.filter(() => chance.below(4) > 0);
  return Buffer.concat(kept);
}

function http2Frames(chance: Chance, stream: number): Buffer[] {
  const noise = chance.bytes(chance.below(40));
  switch (chance.below(12)) {
    case 0:
      return [frame(chance.below(20), chance.below(256), chance.pick([0, stream, 2, 0x7f_ff_ff_ff]), noise)];
    case 1:
      return [
        frame(FRAME.settings, 0, 0, Buffer.concat(Array.from({ length: chance.below(200) }, () => chance.bytes(6)))),
      ];
    case 2:
      return Array.from({ length: 50 }, () => frame(FRAME.ping, 0, 0, chance.bytes(8)));
    case 3:
      return [
        frame(FRAME.window, 0, chance.pick([0, stream]), Buffer.from([0x7f, 0xff, 0xff, 0xff])),
        frame(FRAME.window, 0, 0, Buffer.alloc(4)),
      ];
    case 4:
      return [frame(FRAME.goAway, 0, 0, chance.bytes(chance.pick([4, 8, 20])))];
    case 5:
      // Headers that never end.
      return [
        frame(FRAME.headers, 0, stream, headerBlock(chance)),
        ...Array.from({ length: 60 }, () => frame(FRAME.continuation, 0, stream, field('x', 'y'.repeat(100)))),
      ];
    case 6:
      // Opened and reset again, many times.
      return Array.from({ length: 30 }, (_, i) => [
        frame(FRAME.headers, 5, stream + 2 * i, headerBlock(chance)),
        frame(FRAME.reset, 0, stream + 2 * i, Buffer.from([0, 0, 0, 8])),
      ]).flat();
    case 7:
      return [frame(FRAME.headers, 4, stream, headerBlock(chance), chance.below(1 << 24))];
    case 8:
      return [
        frame(FRAME.headers, 0x2c, stream, Buffer.concat([Buffer.from([255, 0, 0, 0, 0, 0]), headerBlock(chance)])),
      ];
    default: {
      const body = Buffer.from(chance.pick(BODIES), 'utf8');
      return [
        frame(FRAME.headers, 4, stream, headerBlock(chance)),
        frame(FRAME.data, chance.below(2), stream, body, body.length + chance.below(2)),
      ];
    }
  }
}

/** A connection over HTTP/2 of which the preface is right, most of the time, and the frames are not. */
export function hostileHttp2(chance: Chance): Buffer {
  const frames = Array.from({ length: 1 + chance.below(6) }, (_, i) => http2Frames(chance, 1 + 80 * i)).flat();
  const settings = chance.below(10) > 0 ? [frame(FRAME.settings, 0, 0, Buffer.alloc(0))] : [];
  return mutated(chance, Buffer.concat([PREFACE, ...settings, ...frames]));
}

function webSocketFrame(chance: Chance): Buffer {
  const opcode = chance.pick([0, 1, 2, 3, 7, 8, 9, 10, 15]);
  const first = (chance.below(4) > 0 ? 0x80 : 0) | (chance.below(8) === 0 ? 0x40 : 0) | opcode;
  const payload = chance.below(3) === 0 ? Buffer.from([0xc3, 0x28, 0xff]) : chance.bytes(chance.below(200));
  const masked = chance.below(5) > 0 ? 0x80 : 0;
  switch (chance.below(5)) {
    case 0:
      // A length that nobody can have.
      return Buffer.concat([
        Buffer.from([first, masked | 127]),
        chance.pick([Buffer.alloc(8, 0xff), Buffer.from([0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff])]),
      ]);
    case 1:
      return Buffer.concat([Buffer.from([first, masked | 126, 0, 1]), payload]);
    default: {
      const length = payload.length < 126 ? [masked | payload.length] : [masked | 126, 0, payload.length];
      return Buffer.concat([Buffer.from([first, ...length]), masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
    }
  }
}

/** A WebSocket that is opened as it should be, most of the time, and frames that should not be. */
export function hostileWebSocket(chance: Chance): Buffer {
  const request = encodeURIComponent(chance.pick(BODIES).replace('"sql"', '"ksql"'));
  const target = chance.below(4) > 0 ? `/ws/query?request=${request}` : chance.pick(TARGETS);
  const key = chance.below(8) > 0 ? 'dGhlIHNhbXBsZSBub25jZQ==' : chance.pick(['', 'x', '=='.repeat(50)]);
  const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
  const pings = chance.below(6) === 0 ? Array.from({ length: 200 }, () => Buffer.from([0x89, 0x80, 0, 0, 0, 0])) : [];
  const frames = Array.from({ length: chance.below(5) }, () => webSocketFrame(chance));
  return Buffer.concat([Buffer.from(head, 'latin1'), ...pings, ...frames]);
}
