import protobuf from 'protobufjs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../../engine/index.ts';
import { openEngine } from '../../../../engine/open-engine.ts';

const SCHEMA = `syntax = "proto3";
package shop;
import "google/protobuf/wrappers.proto";
import "google/protobuf/timestamp.proto";
import "google/type/date.proto";
import "google/type/timeofday.proto";
message Order {
  google.protobuf.Int32Value units = 1;
  google.protobuf.StringValue note = 2;
  optional int32 maybe = 3;
  optional string hint = 4;
  int32 n = 5;
  float price = 6;
  double weight = 7;
  string s = 8;
  bool b = 9;
  bytes y = 10;
  uint64 big = 11;
  Color colour = 12;
  Inner part = 13;
  repeated int32 numbers = 14;
  repeated Inner parts = 15;
  map<string, int32> counts = 16;
  map<int32, string> names = 17;
  oneof choice { int32 by_number = 18; string by_name = 19; }
  google.protobuf.Timestamp moment = 20;
  google.type.Date day = 21;
  google.type.TimeOfDay clock = 22;
  repeated google.protobuf.Int32Value wrapped = 23;
  sint32 below = 24;
  enum Color { RED = 0; GREEN = 1; }
  message Inner { int32 a = 1; google.protobuf.Int32Value w = 2; optional double o = 3; }
}`;

const root = new protobuf.Root();
const message = () => root.lookupType('shop.Order');

beforeAll(() => {
  const wellKnown = ['wrappers', 'timestamp'].map((name) => protobuf.common.get(`google/protobuf/${name}.proto`)!);
  for (const file of wellKnown) root.addJSON(file.nested!);
  const times = `syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
    message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }`;
  protobuf.parse(times, root, { keepCase: true });
  protobuf.parse(SCHEMA, root, { keepCase: true });
});

let engine: Engine;
let schemaId: number;

beforeEach(async () => {
  engine = await openEngine({});
  schemaId = await engine.registry!.register('orders-value', { type: 'PROTOBUF', schema: SCHEMA });
  await engine.execute(`
    CREATE STREAM raw (v BYTES) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='KAFKA', PARTITIONS=1);
    CREATE STREAM orders WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='PROTOBUF');`);
  return () => engine.close();
});

const bytesOf = (order: object): Uint8Array => message().encode(message().fromObject(order)).finish();

/** Puts a payload on the topic: the schema's id, the first message of the schema, and the message. */
async function produce(...messages: readonly Uint8Array[]): Promise<void> {
  for (const bytes of messages) {
    const head = Buffer.alloc(6);
    head.writeInt32BE(schemaId, 1);
    const hex = Buffer.concat([head, bytes]).toString('hex');
    await engine.execute(`INSERT INTO raw VALUES (TO_BYTES('${hex}', 'hex'));`);
  }
}

async function printed(count = 1): Promise<readonly string[]> {
  const answer = await engine.ask(`PRINT 'orders' FROM BEGINNING LIMIT ${count};`);
  if (answer.kind !== 'print') throw new TypeError('PRINT gives lines');
  const lines: string[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next()) {
    for (const event of next) {
      if (event.kind === 'formats') lines.push(event.lines[1]!);
      else lines.push(/ value: (.*), partition: 0$/s.exec(event.text)![1]!);
    }
  }
  await answer.close();
  return lines;
}

async function rows(columns: string, count = 1): Promise<readonly unknown[]> {
  const properties = { 'auto.offset.reset': 'earliest' };
  const answer = await engine.ask(`SELECT ${columns} FROM orders EMIT CHANGES LIMIT ${count};`, { properties });
  if (answer.kind !== 'push') throw new TypeError('SELECT … EMIT CHANGES gives rows');
  const found: unknown[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next())
    found.push(...next.map(({ values }) => values));
  await answer.close();
  return found;
}

describe('PRINT writes a message as Protobuf for Java does', () => {
  test('wrappers are messages, and what is not on the wire is not written', async () => {
    await produce(bytesOf({}), bytesOf({ units: {}, note: { value: 'é"' }, maybe: 0, hint: '', part: {}, day: {} }));
    expect(await printed(2)).toEqual([
      'Value format: PROTOBUF',
      '',
      'units { } note { value: "\\303\\251\\"" } maybe: 0 hint: "" part { } day { }',
    ]);
  });

  test('scalars, in the order of their numbers', async () => {
    const y = Buffer.from([0, 0xff, 0x41, 0x27]);
    const order = { n: -1, price: 0.1, weight: 1e20, s: 'a\n', b: true, y, big: 2, colour: 1, below: -5 };
    await produce(bytesOf(order), bytesOf({ colour: 9, price: -0 }));
    expect(await printed(2)).toEqual([
      'Value format: PROTOBUF',
      'n: -1 price: 0.1 weight: 1.0E20 s: "a\\n" b: true y: "\\000\\377A\\\'" big: 2 colour: GREEN below: -5',
      'price: -0.0 colour: UNKNOWN_ENUM_VALUE_Color_9',
    ]);
  });

  test('messages within, repeated ones, maps in the reverse of their order, the one field that is set', async () => {
    const order = {
      part: { a: 1, w: { value: 3 }, o: 0 },
      numbers: [1, 0, 3],
      parts: [{ a: 1 }, {}],
      counts: { k: 1, j: 0 },
      names: { 5: 'five' },
      by_name: '',
      moment: { seconds: -1, nanos: 999999999 },
      clock: { hours: 1, nanos: 4 },
      wrapped: [{}, { value: 1 }],
    };
    await produce(bytesOf(order));
    expect((await printed())[1]).toBe(
      'part { a: 1 w { value: 3 } o: 0.0 } numbers: 1 numbers: 0 numbers: 3 parts { a: 1 } parts { } ' +
        'counts { key: "j" value: 0 } counts { key: "k" value: 1 } names { key: 5 value: "five" } by_name: "" ' +
        'moment { seconds: -1 nanos: 999999999 } clock { hours: 1 nanos: 4 } wrapped { } wrapped { value: 1 }',
    );
  });

  test('a message that comes in parts is one, and of a choice the last counts', async () => {
    const parts = [
      { part: { a: 1 }, by_number: 4 },
      { part: { o: 2 }, by_name: 'x' },
    ];
    await produce(Buffer.concat(parts.map(bytesOf)));
    expect((await printed())[1]).toBe('part { a: 1 o: 2.0 } by_name: "x"');
  });

  test('what the schema does not have is told by number', async () => {
    const unknown = 'a00607 a50601000000 a1060102000000000000 a206020807 a20600 a20601ff 980603 0805';
    await produce(Buffer.concat([bytesOf({ n: 10 }), Buffer.from(unknown.replaceAll(' ', ''), 'hex')]));
    expect((await printed())[1]).toBe(
      'n: 10 1: 5 99: 3 100: 7 100: 0x00000001 100: 0x0000000000000201 100: { 1: 7 } 100: { } 100: "\\377"',
    );
  });
});

test('a payload that is cut off is in another format, and ends nothing', async () => {
  await produce(bytesOf({ n: 1 }), Buffer.from([0x42, 0x7f, 0xff]));
  expect(await printed(2)).toEqual([
    expect.stringMatching(/^Value format: {2}does not match any supported format/),
    `\\x00\\x00\\x00\\x00\\x0${schemaId}\\x00(\\x01`,
    `\\x00\\x00\\x00\\x00\\x0${schemaId}\\x00B\\x7F\\xFF`,
  ]);
});

describe('rows of messages', () => {
  test('what is not on the wire is NULL where it can be told from its default', async () => {
    await produce(bytesOf({ part: {} }));
    expect(await rows('units, note, maybe, hint, n, s, colour, choice_0, part, numbers, counts, wrapped')).toEqual([
      [null, null, null, null, 0, '', 'RED', null, [0, null, null], [], new Map(), []],
    ]);
  });

  test('an empty wrapper is the default, not NULL', async () => {
    await produce(
      bytesOf({ units: {}, note: {}, maybe: 0, hint: '', wrapped: [{}, { value: 1 }], moment: {}, clock: {} }),
    );
    expect(await rows('units, note, maybe, hint, wrapped, moment, clock')).toEqual([[0, '', 0, '', [0, 1], 0, 0]]);
  });

  test('keys of maps are text, and numbers of enums that there are not have the name of the enum', async () => {
    const emptyKey = Buffer.from('8a01031201' + '78', 'hex');
    await produce(Buffer.concat([bytesOf({ names: { 5: 'five' }, colour: 9 }), emptyKey]));
    const names = new Map([
      ['5', 'five'],
      ['0', 'x'],
    ]);
    expect(await rows('names, colour')).toEqual([[names, 'UNKNOWN_ENUM_VALUE_Color_9']]);
  });

  test('dates and times that there are not make no row; a field laid out as another type is not read', async () => {
    const bad = [{ day: {} }, { day: { year: 2023, month: 2, day: 29 } }, { clock: { hours: 24 } }];
    await produce(...bad.map(bytesOf), Buffer.concat([bytesOf({ n: 1 }), Buffer.from([0x08, 5])]));
    expect(await rows('units, n, day, clock')).toEqual([[null, 1, null, null]]);
  });
});
