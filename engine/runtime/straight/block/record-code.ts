import { RECORD_ROW as ROW } from '../../../broker/record-batch.ts';
import { CHECK, type Template } from '../../../serde/json/template.ts';
import {
  above,
  add,
  and,
  atLeast,
  type Code,
  call,
  choose,
  either,
  equal,
  get,
  giveBack,
  i32,
  i64,
  isNegative,
  isZero,
  isZero64,
  load8,
  load16,
  load32,
  load64,
  or,
  or64,
  set,
  shiftLeft,
  shiftRight,
  store32,
  subtract,
  tee,
  unequal,
  type WasmFunction,
  when,
  xor,
  xor64,
} from '../../../wasm/assembler.ts';
import { isWord, PASS } from './token-code.ts';

/** Parameters: where the record is, where its row goes, what makes an address a place in the batch, where bytes end. */
const [START, ROW_AT, SHIFT, LIMIT] = [0, 1, 2, 3];
const [at, end, valueEnd, number, byte, behind] = [4, 5, 6, 7, 8, 9];
const LOCALS = 6;

const fail: Code = giveBack(i32(0));
const note = (field: number, value: Code): Code => store32(get(ROW_AT), 4 * field, value);
const place = (address: Code): Code => add(address, get(SHIFT));

/** A column whose token goes into the row. */
export interface StoredToken {
  readonly column: number;
  /** Where in the row. */
  readonly place: number;
  /** So long at most, with its sign, and not -0; 0 for any. */
  readonly mostBytes: number;
}

/**
 * The function that reads a record of Kafka's format, version 2, whose value is an object of a form. It gives the place
 * behind the record, 0 for one of another form, or that has headers, no value, or anything unusual.
 *
 * @param checks {@link CHECK} by column
 */
export function recordFunction(
  { segments, columns }: Template,
  checks: Uint8Array,
  stored: readonly StoredToken[],
): WasmFunction {
  const code: Code[] = [recordHead(), isSegment(segments[0]!), move(segments[0]!.length)];
  columns.forEach((column, i) => {
    const segment = segments[i + 1]!;
    const own = stored.find((token) => token.column === column);
    code.push(token(passOf(checks[column]), own), isSegment(segment), move(segment.length));
  });
  for (const { column, place } of stored) if (!columns.includes(column)) code.push(note(place, i32(-1)));
  code.push(when(unequal(get(at), get(valueEnd)), fail), get(end));
  return { parameters: 4, locals: LOCALS, code: code.flat() };
}

/** Passes what stands before the value, and looks at what stands behind it. */
function recordHead(): Code {
  const within = (length: Code): Code => isZero(above(length, subtract(get(end), get(at))));
  return [
    set(at, get(START)),
    varint(number),
    set(end, add(get(at), get(number))),
    when(or(isNegative(get(number)), above(get(end), get(LIMIT))), fail),
    move(1),
    varint(number),
    note(ROW.timeDelta, get(number)),
    varint(number),
    note(ROW.offsetDelta, get(number)),
    varint(number),
    choose(
      isNegative(get(number)),
      [note(ROW.keyStart, i32(-1)), note(ROW.keyEnd, i32(-1))].flat(),
      [
        when(isZero(within(get(number))), fail),
        note(ROW.keyStart, place(get(at))),
        set(at, add(get(at), get(number))),
        note(ROW.keyEnd, place(get(at))),
      ].flat(),
    ),
    varint(number),
    // Behind the value stands how many headers there are: none.
    when(isZero(within(get(number))), fail),
    set(valueEnd, add(get(at), get(number))),
    when(or(unequal(add(get(valueEnd), i32(1)), get(end)), load8(get(valueEnd))), fail),
    note(ROW.recordStart, place(get(START))),
    note(ROW.recordEnd, place(get(end))),
    note(ROW.valueStart, place(get(at))),
    note(ROW.valueEnd, place(get(valueEnd))),
  ].flat();
}

const move = (bytes: number): Code => set(at, add(get(at), i32(bytes)));

/** Reads a zigzag varint of 32 bits. */
function varint(to: number): Code {
  const next: Code = [...set(byte, load8(get(at))), ...move(1)];
  const more = (shift: number): Code =>
    when(
      atLeast(get(byte), i32(0x80)),
      next,
      set(to, or(get(to), shiftLeft(and(get(byte), i32(0x7f)), i32(shift)))),
      shift < 21 ? more(shift + 7) : lastByte(to, next),
    );
  return [
    next,
    set(to, and(get(byte), i32(0x7f))),
    more(7),
    set(to, xor(shiftRight(get(to), i32(1)), subtract(i32(0), and(get(to), i32(1))))),
  ].flat();
}

/** A fifth byte has the last four bits. */
const lastByte = (to: number, next: Code): Code =>
  when(
    atLeast(get(byte), i32(0x80)),
    next,
    when(above(get(byte), i32(0x0f)), fail),
    set(to, or(get(to), shiftLeft(get(byte), i32(28)))),
  );

/** Fails unless the bytes of a segment stand here: eight at a time, of which the last may overlap those before. */
function isSegment(segment: Uint8Array): Code {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.length);
  const { length } = segment;
  if (length >= 8) {
    const starts = Array.from({ length: Math.ceil(length / 8) }, (_, i) => Math.min(8 * i, length - 8));
    const differences = starts.map((from) => xor64(load64(get(at), from), i64(view.getBigInt64(from, true))));
    return when(isZero(isZero64(differences.reduce((all, each) => or64(all, each)))), fail);
  }
  const tests: Code[] = [];
  let from = 0;
  for (; from + 4 <= length; from += 4) tests.push(unequal(load32(get(at), from), i32(view.getInt32(from, true))));
  for (; from + 2 <= length; from += 2) tests.push(unequal(load16(get(at), from), i32(view.getUint16(from, true))));
  if (from < length) tests.push(unequal(load8(get(at), from), i32(segment[from]!)));
  return when(
    tests.reduce((all, each) => or(all, each)),
    fail,
  );
}

/** Passes a token, or null. @param own absent for one that is not noted */
function token(pass: number, own: StoredToken | undefined): Code {
  const noteStart = (value: Code): Code => (own === undefined ? [] : note(own.place, value));
  const ofNull: Code = [
    when(isZero(isWord(get(at), 'null')), fail),
    set(behind, add(get(at), i32(4))),
    noteStart(i32(-1)),
  ].flat();
  const ofValue = [
    noteStart(place(get(at))),
    own === undefined || own.mostBytes === 0 ? [] : when(isOdd(own.mostBytes), fail),
  ].flat();
  return [
    choose(isZero(tee(behind, call(pass, get(at)))), ofNull, ofValue),
    own === undefined ? [] : note(own.place + 1, place(get(behind))),
    set(at, get(behind)),
  ].flat();
}

const MINUS_ZERO = 0x302d;

const isOdd = (mostBytes: number): Code =>
  or(above(subtract(get(behind), get(at)), i32(mostBytes)), equal(load16(get(at)), i32(MINUS_ZERO)));

function passOf(check: number | undefined): number {
  switch (check) {
    case CHECK.text:
      return PASS.text;
    case CHECK.integer:
      return PASS.integer;
    case CHECK.number:
      return PASS.number;
    case CHECK.boolean:
      return PASS.boolean;
    default:
      return PASS.any;
  }
}

/**
 * The function that reads records one after another until one fails. It gives their number.
 * @param record the index of the function for one of them
 */
export function recordsFunction(record: number, rowsAt: number, rowBytes: number): WasmFunction {
  const [start, limit, most, shift, count, next, row] = [0, 1, 2, 3, 4, 5, 6];
  const code = [
    set(row, i32(rowsAt)),
    set(next, get(start)),
    [0x03, 0x40],
    when(
      isZero(
        either(
          equal(get(count), get(most)),
          i32(1),
          isZero(tee(next, call(record, get(next), get(row), get(shift), get(limit)))),
        ),
      ),
      set(count, add(get(count), i32(1))),
      set(row, add(get(row), i32(rowBytes))),
      [0x0c, 1],
    ),
    [0x0b],
    get(count),
  ];
  return { parameters: 4, locals: 3, code: code.flat() };
}
