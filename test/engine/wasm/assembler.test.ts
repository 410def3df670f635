/// <reference path="../../../engine/wasm/webassembly.d.ts" />
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  add,
  assemble,
  call,
  choose,
  doWhile,
  get,
  i32,
  i64,
  isNegative,
  isZero64,
  load32,
  load64,
  set,
  store32,
  subtract,
  type WasmFunction,
  when,
  xor64,
} from '../../../engine/wasm/assembler.ts';

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });

function run(...functions: readonly WasmFunction[]): (...given: readonly number[]) => number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(functions)), { env: { memory } });
  return (exports as { run: (...given: readonly number[]) => number }).run;
}

test('constants of any size are what they were', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer(), fc.integer({ min: -200, max: 200 })),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      (int, long) => {
        expect(run({ parameters: 0, locals: 0, code: i32(int) })()).toBe(int);
        new DataView(memory.buffer).setBigUint64(8, BigInt.asUintN(64, long), true);
        expect(run({ parameters: 0, locals: 0, code: isZero64(xor64(load64(i32(0), 8), i64(long))) })()).toBe(1);
      },
    ),
  );
});

test('functions call those before them, and have locals, branches and loops', () => {
  const double: WasmFunction = { parameters: 1, locals: 0, code: add(get(0), get(0)) };
  const sum: WasmFunction = {
    parameters: 1,
    locals: 1,
    code: [
      when(isNegative(get(0)), set(0, i32(0))),
      doWhile([set(1, add(get(1), call(0, get(0)))), set(0, subtract(get(0), i32(1)))], get(0)),
      choose(isNegative(get(1)), store32(i32(0), 300, i32(-1)), store32(i32(0), 300, get(1))),
      load32(i32(300)),
    ].flat(),
  };
  expect([1, 2, 100].map((most) => run(double, sum)(most))).toEqual([2, 6, 10_100]);
});
