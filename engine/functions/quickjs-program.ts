import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { meter } from './metered-program.ts';

const PAGE_BYTES = 65_536;

/** Where a value, or anything else, stands in the memory of the program; 0 is nowhere. */
export type Pointer = number;

/**
 * What of the program's exports is used; `qjs_` functions give and take pointers to values, which whoever has one
 * frees.
 */
export interface QuickJsExports {
  readonly memory: WebAssembly.Memory;
  /** Counts down with every round of a loop and every call; at zero `host_interrupt` is called. */
  readonly countdown: { value: number };
  _initialize(): void;
  wasm_malloc(sizeBytes: number): Pointer;
  wasm_free(at: Pointer): void;
  qjs_init(): number;
  qjs_set_memory_limit(sizeBytes: number): void;
  qjs_set_max_stack_size(sizeBytes: number): void;
  qjs_eval(code: Pointer, sizeBytes: number, file: Pointer, flags: number): Pointer;
  qjs_call(target: Pointer, self: Pointer, count: number, args: Pointer): Pointer;
  qjs_get_prop_string(object: Pointer, name: Pointer): Pointer;
  qjs_new_string(at: Pointer, sizeBytes: number): Pointer;
  qjs_new_number(value: number): Pointer;
  qjs_get_undefined(): Pointer;
  qjs_get_null(): Pointer;
  qjs_get_true(): Pointer;
  qjs_get_false(): Pointer;
  qjs_get_float64(value: Pointer): number;
  qjs_get_bool(value: Pointer): number;
  qjs_get_string_len(value: Pointer, length: Pointer): Pointer;
  qjs_free_cstring(at: Pointer): void;
  qjs_free_value(value: Pointer): void;
  qjs_is_exception(value: Pointer): number;
  qjs_is_uncatchable_error(value: Pointer): number;
  qjs_is_null(value: Pointer): number;
  qjs_is_number(value: Pointer): number;
  qjs_is_string(value: Pointer): number;
  qjs_is_bool(value: Pointer): number;
  qjs_get_exception(): Pointer;
  qjs_promise_state(promise: Pointer): number;
  qjs_promise_result(promise: Pointer): Pointer;
  qjs_is_job_pending(): number;
  qjs_execute_pending_job(): number;
}

/**
 * QuickJS as WebAssembly that can be stopped at any time, and whose memory has a wall: QuickJS counts what it hands
 * out, but not what is lost between the pieces.
 *
 * @param memoryBytes what it may hand out; the wall stands at twice as much
 */
export function compileQuickJs(memoryBytes: number): WebAssembly.Module {
  const program = meter(readFileSync(programFile()), {
    onZero: { module: 'env', name: 'host_interrupt' },
    countdown: 'countdown',
    maxPages: Math.ceil((2 * memoryBytes) / PAGE_BYTES),
  });
  return new WebAssembly.Module(program);
}

/** In a bundle beside it, where chunks have a folder of their own; else where the package has it. */
function programFile(): string {
  const bundled = ['./quickjs.wasm', '../quickjs.wasm'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  return bundled.find((file) => existsSync(file)) ?? fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'));
}

/** WASI's EBADF: there are no files, not even the standard ones. */
const badDescriptor = () => 8;

/**
 * Starts a QuickJS. All that it can reach of the outside is what is given here: the time, its zone, and random numbers.
 *
 * @param onZero called when the countdown is at zero, which it sets anew; it may throw, and then the program is not to
 * be used any more
 */
export function startQuickJs(module: WebAssembly.Module, onZero: (exports: QuickJsExports) => void): QuickJsExports {
  const nothing = () => {
    throw new Error('QuickJS was given nothing to call.');
  };
  const instance = new WebAssembly.Instance(module, {
    env: {
      host_interrupt: () => {
        if (exports.countdown.value <= 0) onZero(exports);
        return 0;
      },
      host_get_timezone_offset: (high: number, low: number) =>
        new Date((high * 2 ** 32 + (low >>> 0)) * 1000).getTimezoneOffset() * -60,
      host_promise_rejection: nothing,
      host_module_normalize: nothing,
      host_module_load: nothing,
      host_call: nothing,
    },
    wasi_snapshot_preview1: {
      clock_time_get: (_clock: number, _precision: bigint, at: Pointer) => {
        new DataView(exports.memory.buffer).setBigUint64(at, BigInt(Date.now()) * 1_000_000n, true);
        return 0;
      },
      random_get: (at: Pointer, length: number) => {
        crypto.getRandomValues(new Uint8Array(exports.memory.buffer, at, length));
        return 0;
      },
      fd_write: badDescriptor,
      fd_close: badDescriptor,
      fd_seek: badDescriptor,
      fd_fdstat_get: badDescriptor,
    },
  });
  const exports = instance.exports as QuickJsExports;
  exports.countdown.value = 0x7fffffff;
  return exports;
}
