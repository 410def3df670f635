import { RECORD_ROW as ROW } from '../../../broker/record-batch.ts';
import {
  above,
  add,
  type Code,
  call,
  choose,
  doWhile,
  either,
  equal,
  get,
  giveBack,
  i32,
  i64,
  isNegative,
  isPositive,
  isZero,
  leadingZeros,
  load32,
  load128,
  multiply,
  or,
  set,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  store8,
  store16,
  store32,
  store64,
  store128,
  subtract,
  tee,
  type WasmFunction,
  when,
  xor,
} from '../../../wasm/assembler.ts';
import { CHOSEN, OUTPUT, RESULT_AT } from './scratch-memory.ts';

/** A field of an object that is written. */
export interface Piece {
  /** What stands before its value. */
  readonly prefix: Uint8Array;
  /** Where in the row the place of its value stands. */
  readonly place: number;
}

const CALL = { varint: 0, copy: 1, record: 2 } as const;
const NULL_WORD = Buffer.from('null').readInt32LE();
const CLOSE = 0x7d;
/** As many as a varint of 32 bits takes. */
const VARINT_BYTES = 5;

/** Writes a varint. It gives the place behind it. */
function putVarint(): WasmFunction {
  const [at, value] = [0, 1];
  const byte = [
    store8(get(at), 0, or(get(value), i32(0x80))),
    set(value, shiftRight(get(value), i32(7))),
    set(at, add(get(at), i32(1))),
  ];
  const isLong = (): Code => above(get(value), i32(0x7f));
  const code = [when(isLong(), doWhile(byte, isLong())), store8(get(at), 0, get(value)), add(get(at), i32(1))];
  return { parameters: 2, locals: 0, code: code.flat() };
}

/** Copies bytes, sixteen a step, and so some behind them. It gives the place behind them. */
function copy(): WasmFunction {
  const [to, from, length, end] = [0, 1, 2, 3];
  const step = [
    store128(get(to), 0, load128(get(from))),
    set(to, add(get(to), i32(16))),
    set(from, add(get(from), i32(16))),
    set(length, subtract(get(length), i32(16))),
  ];
  const code = [set(end, add(get(to), get(length))), doWhile(step, isPositive(get(length))), get(end)];
  return { parameters: 3, locals: 1, code: code.flat() };
}

/** How many bytes a varint takes: one for every seven bits. */
const sizeOf = (value: Code): Code =>
  shiftRight(subtract(i32(352), multiply(leadingZeros(or(value, i32(1))), i32(9))), i32(6));
const zigzag = (value: Code, again: Code): Code => xor(shiftLeft(value, i32(1)), shiftRightSigned(again, i32(31)));

/** Parameters: the row, where the record goes, its offset in the batch, what makes a place of an address. */
const [row, at, offset, shift] = [0, 1, 2, 3];
const [keyLength, valueLength, size, time, start, length] = [4, 5, 6, 7, 8, 9];
const field = (place: number): Code => load32(get(row), 4 * place);
const copied = (): Code => set(at, call(CALL.copy, get(at), subtract(get(start), get(shift)), get(length)));
const varint = (value: Code): Code => set(at, call(CALL.varint, get(at), value));

/** Writes a record whose value is an object. It gives the place behind it, 0 where there is no room. */
function putRecord(pieces: readonly Piece[]): WasmFunction {
  const code = [
    lengths(pieces),
    set(time, zigzag(field(ROW.timeDelta), field(ROW.timeDelta))),
    // Attributes, and the number of headers.
    set(size, add(add(i32(2), sizeOf(get(time))), sizeOf(shiftLeft(get(offset), i32(1))))),
    set(size, add(get(size), sizeOf(zigzag(get(keyLength), get(keyLength))))),
    set(size, add(get(size), either(isNegative(get(keyLength)), i32(0), get(keyLength)))),
    set(size, add(get(size), add(sizeOf(shiftLeft(get(valueLength), i32(1))), get(valueLength)))),
    when(above(add(add(get(at), get(size)), i32(VARINT_BYTES)), i32(OUTPUT.at + OUTPUT.bytes)), giveBack(i32(0))),
    varint(shiftLeft(get(size), i32(1))),
    store8(get(at), 0, i32(0)),
    set(at, add(get(at), i32(1))),
    varint(get(time)),
    varint(shiftLeft(get(offset), i32(1))),
    varint(zigzag(get(keyLength), get(keyLength))),
    when(isPositive(get(keyLength)), set(start, field(ROW.keyStart)), set(length, get(keyLength)), copied()),
    varint(shiftLeft(get(valueLength), i32(1))),
    ...pieces.map(putPiece),
    store16(get(at), 0, i32(CLOSE)),
    add(get(at), i32(2)),
  ];
  return { parameters: 4, locals: 6, code: code.flat() };
}

function lengths(pieces: readonly Piece[]): Code {
  const constant = pieces.reduce((sum, { prefix }) => sum + prefix.length, 1);
  const ofValue = ({ place }: Piece): Code =>
    either(equal(tee(start, field(place)), i32(-1)), i32(4), subtract(field(place + 1), get(start)));
  return [
    set(
      keyLength,
      either(equal(tee(start, field(ROW.keyStart)), i32(-1)), i32(-1), subtract(field(ROW.keyEnd), get(start))),
    ),
    set(
      valueLength,
      pieces.reduce((sum, piece) => add(sum, ofValue(piece)), i32(constant)),
    ),
  ].flat();
}

/** Writes a prefix, eight bytes at a time and so some behind it, and a value. */
function putPiece({ prefix, place }: Piece): Code {
  const padded = new DataView(new ArrayBuffer(prefix.length + 8));
  for (const [i, byte] of prefix.entries()) padded.setUint8(i, byte);
  const stores: Code[] = [];
  for (let from = 0; from < prefix.length; from += 8)
    stores.push(store64(get(at), from, i64(padded.getBigInt64(from, true))));
  const ofNull = [store32(get(at), 0, i32(NULL_WORD)), set(at, add(get(at), i32(4)))].flat();
  const ofValue = [set(length, subtract(field(place + 1), get(start))), copied()].flat();
  return [
    ...stores,
    set(at, add(get(at), i32(prefix.length))),
    choose(equal(tee(start, field(place)), i32(-1)), ofNull, ofValue),
  ].flat();
}

/**
 * Functions of which the last writes records of chosen rows, as many as there is room for, and gives their number; it
 * leaves the place behind them. Parameters: how many there are, which of them is the first, its offset in the batch,
 * what makes a place of an address.
 */
export function resultFunctions(pieces: readonly Piece[]): readonly WasmFunction[] {
  const [count, first, offset, shift, done, to, next] = [0, 1, 2, 3, 4, 5, 6];
  const rowAt = load32(add(i32(CHOSEN.at), shiftLeft(add(get(first), get(done)), i32(2))));
  const isDone = either(
    equal(get(done), get(count)),
    i32(1),
    isZero(tee(next, call(CALL.record, rowAt, get(to), add(get(offset), get(done)), get(shift)))),
  );
  const code = [
    set(to, i32(OUTPUT.at)),
    [0x03, 0x40],
    when(isZero(isDone), set(done, add(get(done), i32(1))), set(to, get(next)), [0x0c, 1]),
    [0x0b],
    store32(i32(RESULT_AT), 0, get(to)),
    get(done),
  ];
  return [putVarint(), copy(), putRecord(pieces), { parameters: 4, locals: 3, code: code.flat() }];
}
