/**
 * WebAssembly as functions that give its bytes: what is written here is what the specification's binary format says.
 * Only what this engine's modules use is there. Values are on the stack when the code before has left them there.
 */
export type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;

/** An unsigned integer in LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** A signed integer in LEB128. */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -0x40n || rest >= 0x40n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest & 0x7fn)];
}

const operation =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), opcode];
const simd =
  (opcode: number) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];
/** Loads may stand at any address. */
const load =
  (...opcode: readonly number[]) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];
const store =
  (...opcode: readonly number[]) =>
  (address: Code, offset: number, value: Code): Code => [...address, ...value, ...opcode, 0, ...unsigned(offset)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const tee = (local: number, value: Code): Code => [...value, 0x22, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(BigInt(value | 0))];
export const i64 = (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))];

export const add = operation(0x6a);
export const subtract = operation(0x6b);
export const and = operation(0x71);
export const or = operation(0x72);
export const xor = operation(0x73);
export const shiftLeft = operation(0x74);
export const shiftRight = operation(0x76);
export const shiftRightSigned = operation(0x75);
export const multiply = operation(0x6c);
export const leadingZeros = operation(0x67);
export const trailingZeros = operation(0x68);
export const isZero = operation(0x45);
export const equal = operation(0x46);
export const unequal = operation(0x47);
/** Comparisons of integers without a sign. */
export const above = operation(0x4b);
export const atLeast = operation(0x4f);
export const isNegative = (value: Code): Code => [...value, ...i32(0), 0x48];
export const isPositive = (value: Code): Code => [...value, ...i32(0), 0x4a];
export const or64 = operation(0x84);
export const xor64 = operation(0x85);
export const isZero64 = operation(0x50);

export const load8 = load(0x2d);
export const load16 = load(0x2f);
export const load32 = load(0x28);
export const load64 = load(0x29);
export const load128 = load(0xfd, 0);
export const store8 = store(0x3a);
export const store16 = store(0x3b);
export const store32 = store(0x36);
export const store64 = store(0x37);
export const store128 = store(0xfd, 0x0b);

/** The same byte sixteen times. */
export const splat = (byte: number): Code => [...i32(byte), 0xfd, 0x0f];
export const eachEqual = simd(0x23);
/** Comparisons of bytes with and without a sign. */
export const eachLess = simd(0x25);
export const eachBelow = simd(0x26);
export const eachSubtract = simd(0x71);
export const eitherBits = simd(0x50);
/** One bit for each of sixteen bytes: whether its highest bit is set. */
export const highBits = simd(0x64);

export const when = (condition: Code, ...then: readonly Code[]): Code => [
  ...condition,
  0x04,
  0x40,
  ...then.flat(),
  0x0b,
];
export const choose = (condition: Code, then: Code, otherwise: Code): Code => [
  ...[...condition, 0x04, 0x40],
  ...[...then, 0x05, ...otherwise, 0x0b],
];
/** One value or the other. */
export const either = (condition: Code, then: Code, otherwise: Code): Code => [
  ...[...condition, 0x04, I32],
  ...[...then, 0x05, ...otherwise, 0x0b],
];
export const giveBack = (value: Code): Code => [...value, 0x0f];
/** Does steps until a condition no longer holds, which is looked at behind them. */
export const doWhile = (steps: readonly Code[], condition: Code): Code => [
  ...[0x03, 0x40, ...steps.flat()],
  ...[...condition, 0x0d, 0, 0x0b],
];
export const call = (index: number, ...operands: readonly Code[]): Code => [
  ...operands.flat(),
  0x10,
  ...unsigned(index),
];

/** Integers of 32 bits in, one out. */
export interface WasmFunction {
  readonly parameters: number;
  /** Integers that it has besides its parameters, numbered behind them, and then vectors of sixteen bytes. */
  readonly locals: number;
  readonly vectors?: number;
  /** What is left at its end is what it gives. */
  readonly code: Code;
}

const FUNCTION_TYPE = 0x60;
const text = (value: string): number[] => [...unsigned(value.length), ...Buffer.from(value, 'latin1')];
const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];

/** A module over the memory `env.memory` whose last function is exported as `run`. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    ...[FUNCTION_TYPE, ...vector(new Array<number[]>(parameters).fill([I32]))],
    ...vector([[I32]]),
  ]);
  const bodies = functions.map(({ locals, vectors = 0, code }) => {
    const body = [
      ...vector([
        [...unsigned(locals), I32],
        [...unsigned(vectors), V128],
      ]),
      ...code,
      0x0b,
    ];
    return [...unsigned(body.length), ...body];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...text('env'), ...text('memory'), 0x02, 0x00, 1]])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector([[...text('run'), 0x00, ...unsigned(functions.length - 1)]])),
    ...section(10, vector(bodies)),
  ]);
}
