/// <reference path="../../../engine/wasm/webassembly.d.ts" />
import { describe, expect, test } from 'vitest';
import { meter } from '../../../engine/functions/metered-program.ts';

const METERING = { onZero: { module: 'env', name: 'tick' }, countdown: 'left', maxPages: 4 };
const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const section = (id: number, ...body: number[]) => [id, body.length, ...body];
const text = (value: string) => [value.length, ...Buffer.from(value)];

/**
 * A program with a memory of a page, a global, and two functions, `run` and its helper, of these bodies (without
 * locals).
 */
function program(run: readonly number[], helper: readonly number[] = []): Uint8Array {
  const bodies = [run, helper].map((body) => [body.length + 2, 0, ...body, 0x0b]);
  return Uint8Array.from([
    ...HEADER,
    ...section(1, 2, 0x60, 0, 1, 0x7f, 0x60, 0, 0),
    ...section(2, 1, ...text('env'), ...text('tick'), 0, 0),
    ...section(3, 2, 1, 1),
    ...section(5, 1, 0, 1),
    ...section(6, 1, 0x7f, 1, 0x41, 0, 0x0b),
    ...section(7, 2, ...text('run'), 0, 1, ...text('memory'), 2, 0),
    ...section(10, 2, ...bodies.flat()),
  ]);
}

interface Exports {
  readonly left: { value: number };
  readonly memory: { grow(pages: number): number };
  run(): void;
}

/** Runs it until it has been stopped the third time, or is at its end. */
function start(bytes: Uint8Array): { readonly exports: Exports; readonly ticks: () => number } {
  let ticks = 0;
  const exports = new WebAssembly.Instance(new WebAssembly.Module(meter(bytes, METERING)), {
    env: {
      tick: () => {
        if (++ticks === 3) throw new Error('stopped');
        exports.left.value = 1000;
        return 0;
      },
    },
  }).exports as Exports;
  exports.left.value = 1000;
  return { exports, ticks: () => ticks };
}

describe('a metered program', () => {
  test('is stopped in a loop', () => {
    // loop br 0 end
    const { exports, ticks } = start(program([0x03, 0x40, 0x0c, 0, 0x0b]));
    expect(() => exports.run()).toThrow('stopped');
    expect(ticks()).toBe(3);
  });

  test('is stopped in a loop around calls, which count as well', () => {
    // loop call 2 br 0 end
    const { exports, ticks } = start(program([0x03, 0x40, 0x10, 2, 0x0c, 0, 0x0b]));
    expect(() => exports.run()).toThrow('stopped');
    expect(ticks()).toBe(3);
  });

  test('goes its way where it ends by itself, and the countdown tells how far it was', () => {
    // call 2, call 2; i32.const 1 br_if 0 within a block
    const { exports, ticks } = start(program([0x10, 2, 0x10, 2, 0x02, 0x40, 0x41, 1, 0x0d, 0, 0x0b]));
    exports.run();
    expect(ticks()).toBe(0);
    expect(exports.left.value).toBe(997);
  });

  test('has a memory that does not grow beyond its limit', () => {
    const { exports } = start(program([]));
    expect(exports.memory.grow(3)).toBe(1);
    expect(() => exports.memory.grow(1)).toThrow(RangeError);
  });
});

describe('what cannot be metered is refused', () => {
  test.each([
    ['an instruction of vectors', [0xfd, 0x0c]],
    ['an instruction of threads', [0xfe, 0x00]],
    ['catching an exception', [0x06, 0x40, 0x0b]],
    ['a tail call', [0x12, 2]],
    ['a table operation', [0xfc, 0x0f, 0]],
  ])('%s', (_title, body) => {
    expect(() => meter(program(body), METERING)).toThrow(/instruction that cannot be metered: 0x/);
  });

  test('a program that does not import what is to be called', () => {
    const other = { ...METERING, onZero: { module: 'env', name: 'tock' } };
    expect(() => meter(program([]), other)).toThrow(/does not import/);
  });

  test('one that needs more memory than it may have', () => {
    expect(() => meter(program([]), { ...METERING, maxPages: 0 })).toThrow(/needs 1 pages/);
  });
});
