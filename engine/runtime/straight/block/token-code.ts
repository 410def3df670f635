import {
  above,
  add,
  and,
  atLeast,
  type Code,
  call,
  choose,
  doWhile,
  eachBelow,
  eachEqual,
  eachLess,
  eachSubtract,
  eitherBits,
  equal,
  get,
  giveBack,
  highBits,
  i32,
  isZero,
  load8,
  load32,
  load128,
  or,
  set,
  splat,
  subtract,
  trailingZeros,
  unequal,
  type WasmFunction,
  when,
  xor,
} from '../../../wasm/assembler.ts';

/**
 * Functions that pass the token at a place: they give the place behind it, 0 for all that is not usual, right or wrong,
 * as those of `serde/json/pass.ts` do. They read beyond what they pass; who calls them looks at where that has led.
 */
export const PASS = { text: 0, integer: 1, number: 2, boolean: 3, any: 4 } as const;

const char = (one: string): number => one.charCodeAt(0);
const word = (text: string): Code => i32(Buffer.from(text, 'latin1').readInt32LE());
const START = 0;

/** Whether the four bytes at a place are those of a text. */
export const isWord = (place: Code, text: string): Code => equal(load32(place), word(text));

/** Sixteen bytes a step, up to one that is no ASCII, or that a text cannot have as it is. */
function passText(): WasmFunction {
  const [at, stops, bytes] = [1, 2, 3];
  const isStop = [
    eachLess(get(bytes), splat(0x20)),
    eachEqual(get(bytes), splat(char('"'))),
    eachEqual(get(bytes), splat(char('\\'))),
  ] as const;
  const code = [
    when(unequal(load8(get(START)), i32(char('"'))), giveBack(i32(0))),
    set(at, subtract(get(START), i32(15))),
    doWhile(
      [
        set(at, add(get(at), i32(16))),
        set(bytes, load128(get(at))),
        set(stops, highBits(eitherBits(eitherBits(isStop[0], isStop[1]), isStop[2]))),
      ],
      isZero(get(stops)),
    ),
    set(at, add(get(at), trailingZeros(get(stops)))),
    when(unequal(load8(get(at)), i32(char('"'))), giveBack(i32(0))),
    add(get(at), i32(1)),
  ];
  return { parameters: 1, locals: 2, vectors: 1, code: code.flat() };
}

/** How many digits stand at a place; sixteen where there are more. */
const digitsAt = (place: Code): Code =>
  trailingZeros(xor(highBits(eachBelow(eachSubtract(load128(place), splat(char('0'))), splat(10))), i32(0x1ffff)));

/** From one to fifteen, which a double holds. */
const isUsualCount = (count: Code): Code => isZero(atLeast(subtract(count, i32(1)), i32(15)));

const isExponent = (place: Code): Code => equal(or(load8(place), i32(0x20)), i32(char('e')));
const isPoint = (place: Code): Code => equal(load8(place), i32(char('.')));

/** Passes a sign and digits; `at` is then behind them. */
function passDigits(at: number, digits: number): Code {
  return [
    set(at, add(get(START), equal(load8(get(START)), i32(char('-'))))),
    set(digits, digitsAt(get(at))),
    when(isZero(isUsualCount(get(digits))), giveBack(i32(0))),
    when(and(above(get(digits), i32(1)), equal(load8(get(at)), i32(char('0')))), giveBack(i32(0))),
    set(at, add(get(at), get(digits))),
  ].flat();
}

function passInteger(): WasmFunction {
  const [at, digits] = [1, 2];
  const code = [passDigits(at, digits), when(or(isPoint(get(at)), isExponent(get(at))), giveBack(i32(0))), get(at)];
  return { parameters: 1, locals: 2, code: code.flat() };
}

/** A number without exponent. */
function passNumber(): WasmFunction {
  const [at, digits] = [1, 2];
  const decimals = [
    set(digits, digitsAt(add(get(at), i32(1)))),
    when(isZero(isUsualCount(get(digits))), giveBack(i32(0))),
    set(at, add(add(get(at), get(digits)), i32(1))),
  ];
  const code = [
    passDigits(at, digits),
    when(isPoint(get(at)), ...decimals),
    when(isExponent(get(at)), giveBack(i32(0))),
    get(at),
  ];
  return { parameters: 1, locals: 2, code: code.flat() };
}

function passBoolean(): WasmFunction {
  const isFalse = and(isWord(get(START), 'fals'), equal(load8(get(START), 4), i32(char('e'))));
  const code = [
    when(isWord(get(START), 'true'), giveBack(add(get(START), i32(4)))),
    when(isFalse, giveBack(add(get(START), i32(5)))),
    i32(0),
  ];
  return { parameters: 1, locals: 0, code: code.flat() };
}

/** Whatever is no array, no object and not null. */
function passAny(): WasmFunction {
  const first = 1;
  const is = (one: string): Code => equal(get(first), i32(char(one)));
  const to = (pass: number): Code => giveBack(call(pass, get(START)));
  const code = [
    set(first, load8(get(START))),
    when(is('"'), to(PASS.text)),
    choose(or(is('t'), is('f')), to(PASS.boolean), to(PASS.number)),
    i32(0),
  ];
  return { parameters: 1, locals: 1, code: code.flat() };
}

/** In the order of {@link PASS}. */
export const passFunctions = (): readonly WasmFunction[] => [
  passText(),
  passInteger(),
  passNumber(),
  passBoolean(),
  passAny(),
];
