import { GUEST_PRELUDE } from './guest-prelude.ts';
import { type Pointer, type QuickJsExports, startQuickJs } from './quickjs-program.ts';

/** What crosses to a guest and back: values without structure. What has structure crosses as a text. */
export type Cell = null | boolean | number | string;

/** What a guest may use up. */
export interface GuestLimits {
  /** How long a call, or loading, may take. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** A guest did not do what was asked. */
export class GuestError extends Error {
  /**
   * `thrown`: its code threw, and it can be called again. `broken`: its engine cannot be used any more, for no fault
   * that lasts, such as nesting too deep. `ended`: it used up what it may, and so can its engine not be used any more.
   */
  readonly kind: 'thrown' | 'broken' | 'ended';
  /** Where it was thrown, from 1. */
  readonly line: number | undefined;

  constructor(kind: GuestError['kind'], message: string, line?: number) {
    super(message);
    this.kind = kind;
    this.line = line;
  }
}

export const NO_IMPORT = 'A function cannot import anything: types only.';

/**
 * QuickJS counts its own stack; where this is enough for the stack of the thread to end first, which it may in parsers
 * and printers of deep nesting, the guest is broken.
 */
const STACK_BYTES = 192 * 1024;
/** Texts up to this size use a place that is there already. */
const SCRATCH_BYTES = 64 * 1024;
/** Longer results are refused, in bytes of UTF-8. */
const LONGEST_RESULT_BYTES = 4 * 1024 * 1024;
const LONGEST_MESSAGE = 1_000;
/** Rounds of loops and calls between two looks at the clock: few, because a copy of much memory counts as one. */
const COUNTDOWN = 10_000;
const MODULE = 1;
const PENDING = 0;
const REJECTED = 2;

/**
 * One file of functions in a QuickJS of its own: its own memory, its own globals, and of the outside nothing but the
 * time and random numbers. Only cells cross; no object of one side is ever known to the other.
 */
export class Guest {
  readonly #exports: QuickJsExports;
  readonly #limits: GuestLimits;
  readonly #undefined: Pointer;
  readonly #declare: Pointer;
  readonly #bind: Pointer;
  readonly #describe: Pointer;
  readonly #scratch: Pointer;
  readonly #lengthAt: Pointer;
  #args: Pointer;
  #argsRoom = 8;
  #memory: Buffer;
  #view: DataView;
  #deadlineMs = Number.POSITIVE_INFINITY;

  /** @param module from `compileQuickJs` */
  constructor(module: WebAssembly.Module, limits: GuestLimits) {
    this.#limits = limits;
    const exports = startQuickJs(module, ({ countdown }) => {
      if (performance.now() > this.#deadlineMs) throw this.#ended();
      countdown.value = COUNTDOWN;
    });
    this.#exports = exports;
    exports._initialize();
    if (exports.qjs_init() !== 0) throw new Error('QuickJS does not start.');
    exports.qjs_set_memory_limit(this.#memoryBytes);
    exports.qjs_set_max_stack_size(STACK_BYTES);
    this.#scratch = exports.wasm_malloc(SCRATCH_BYTES);
    this.#lengthAt = exports.wasm_malloc(4);
    this.#args = exports.wasm_malloc(this.#argsRoom * 4);
    this.#memory = Buffer.from(exports.memory.buffer);
    this.#view = new DataView(exports.memory.buffer);
    this.#undefined = exports.qjs_get_undefined();
    const prelude = this.#evaluate(GUEST_PRELUDE, 'prelude', 0);
    const part = (name: string) => this.#withText(name, (at) => exports.qjs_get_prop_string(prelude, at));
    this.#declare = part('declare');
    this.#bind = part('bind');
    this.#describe = part('describe');
  }

  /**
   * Runs a file, which happens once.
   *
   * @returns what it declares, in JSON that nobody vouches for
   * @throws GuestError
   */
  load(code: string, file: string): string {
    return this.#guarded(() => {
      const exports = this.#exports;
      const promise = this.#evaluate(code, file, MODULE);
      this.#runJobs();
      const state = exports.qjs_promise_state(promise);
      if (state === PENDING)
        throw new GuestError('thrown', 'It waits for something that never comes: nothing happens later here.');
      const result = exports.qjs_promise_result(promise);
      if (state === REJECTED) throw this.#thrown(result, file, code);
      return this.#textOf(this.#invoke(this.#declare, [result, this.#newText(file)]));
    });
  }

  /**
   * @param method the method and its types, in JSON
   * @returns what `call` takes
   * @throws GuestError
   */
  bind(method: string): Pointer {
    return this.#guarded(() => this.#invoke(this.#bind, [this.#newText(method)]));
  }

  /** Calls what was bound. @throws GuestError */
  call(bound: Pointer, args: readonly Cell[]): Cell {
    try {
      this.#begin();
      const exports = this.#exports;
      const count = args.length;
      if (count > this.#argsRoom) this.#makeRoom(count);
      for (let i = 0; i < count; i++) {
        const arg = this.#newValue(args[i]!);
        this.#refresh();
        this.#view.setUint32(this.#args + i * 4, arg, true);
      }
      const result = exports.qjs_call(bound, this.#undefined, count, this.#args);
      this.#refresh();
      for (let i = 0; i < count; i++) exports.qjs_free_value(this.#view.getUint32(this.#args + i * 4, true));
      if (exports.qjs_is_exception(result)) throw this.#thrownBy(result);
      if (exports.qjs_is_job_pending()) this.#runJobs();
      const cell = this.#cellOf(result);
      exports.qjs_free_value(result);
      return cell;
    } catch (error) {
      throw asGuestError(error);
    }
  }

  #guarded<T>(run: () => T): T {
    try {
      this.#begin();
      return run();
    } catch (error) {
      throw asGuestError(error);
    }
  }

  get #memoryBytes(): number {
    return this.#limits.memoryMb * 1024 * 1024;
  }

  #begin(): void {
    this.#deadlineMs = performance.now() + this.#limits.timeoutMs;
    this.#exports.countdown.value = COUNTDOWN;
  }

  #evaluate(code: string, file: string, flags: number): Pointer {
    const exports = this.#exports;
    const name = exports.wasm_malloc(Buffer.byteLength(file) + 1);
    if (name === 0) throw this.#ended();
    this.#refresh();
    this.#memory[name + this.#memory.write(file, name, 'utf8')] = 0;
    const result = this.#withText(code, (at, sizeBytes) => exports.qjs_eval(at, sizeBytes, name, flags));
    exports.wasm_free(name);
    if (exports.qjs_is_exception(result)) throw this.#thrownBy(result, file, code);
    return result;
  }

  /** Runs what promises left to do. What they throw nobody hears. */
  #runJobs(): void {
    const exports = this.#exports;
    while (exports.qjs_is_job_pending()) {
      if (performance.now() > this.#deadlineMs) throw this.#ended();
      if (exports.qjs_execute_pending_job() >= 0) continue;
      const error = exports.qjs_get_exception();
      if (exports.qjs_is_uncatchable_error(error)) throw this.#ended();
      exports.qjs_free_value(error);
    }
  }

  #newValue(cell: Cell): Pointer {
    const exports = this.#exports;
    if (typeof cell === 'number') return exports.qjs_new_number(cell);
    if (typeof cell === 'string') return this.#newText(cell);
    if (cell === null) return exports.qjs_get_null();
    return cell ? exports.qjs_get_true() : exports.qjs_get_false();
  }

  #cellOf(value: Pointer): Cell {
    const exports = this.#exports;
    if (exports.qjs_is_number(value)) return exports.qjs_get_float64(value);
    if (exports.qjs_is_string(value)) return this.#textOf(value);
    // The prelude gives nothing else; a file that meddled with it gives nothing.
    return exports.qjs_is_bool(value) ? exports.qjs_get_bool(value) !== 0 : null;
  }

  #newText(text: string): Pointer {
    const exports = this.#exports;
    const value = this.#withText(text, (at, sizeBytes) => exports.qjs_new_string(at, sizeBytes));
    if (exports.qjs_is_exception(value)) throw this.#thrownBy(value);
    return value;
  }

  /** Has a text in the guest's memory, with a zero behind it, as long as `use` runs. */
  #withText<T>(text: string, use: (at: Pointer, sizeBytes: number) => T): T {
    const exports = this.#exports;
    // A character takes three bytes at most.
    const isShort = text.length * 3 < SCRATCH_BYTES;
    const sizeBytes = isShort ? SCRATCH_BYTES : Buffer.byteLength(text) + 1;
    const at = isShort ? this.#scratch : exports.wasm_malloc(sizeBytes);
    if (at === 0) throw this.#ended();
    this.#refresh();
    const length = this.#memory.write(text, at, sizeBytes - 1, 'utf8');
    this.#memory[at + length] = 0;
    const result = use(at, length);
    if (!isShort) exports.wasm_free(at);
    return result;
  }

  #textOf(text: Pointer): string {
    const exports = this.#exports;
    const at = exports.qjs_get_string_len(text, this.#lengthAt);
    if (at === 0) throw this.#thrown(exports.qjs_get_exception());
    this.#refresh();
    const sizeBytes = this.#view.getUint32(this.#lengthAt, true);
    const isTooLong = sizeBytes > LONGEST_RESULT_BYTES;
    const result = isTooLong ? '' : this.#memory.toString('utf8', at, at + sizeBytes);
    exports.qjs_free_cstring(at);
    if (isTooLong)
      throw new GuestError('thrown', `its result is larger than ${LONGEST_RESULT_BYTES / 1024 / 1024} MB.`);
    return result;
  }

  /** Calls one of the prelude's functions; the arguments are freed. @returns what may be an exception */
  #run(target: Pointer, args: readonly Pointer[]): Pointer {
    const exports = this.#exports;
    this.#refresh();
    args.forEach((arg, i) => {
      this.#view.setUint32(this.#args + i * 4, arg, true);
    });
    const result = exports.qjs_call(target, this.#undefined, args.length, this.#args);
    for (const arg of args) exports.qjs_free_value(arg);
    return result;
  }

  #invoke(target: Pointer, args: readonly Pointer[]): Pointer {
    const result = this.#run(target, args);
    if (this.#exports.qjs_is_exception(result)) throw this.#thrownBy(result);
    return result;
  }

  #thrownBy(result: Pointer, file?: string, code?: string): GuestError {
    this.#exports.qjs_free_value(result);
    return this.#thrown(this.#exports.qjs_get_exception(), file, code);
  }

  /** What the guest threw, as an error of this side: of the guest's own object it makes texts itself. */
  #thrown(error: Pointer, file?: string, code = ''): GuestError {
    const exports = this.#exports;
    // At the memory's wall there may be none left for an error either, and then null is thrown.
    const isAtWall = exports.qjs_is_null(error) !== 0 && exports.memory.buffer.byteLength > this.#memoryBytes;
    if (isAtWall || exports.qjs_is_uncatchable_error(error)) return this.#ended();
    const { message = 'it threw something that is no error.', stack } = this.#described(error);
    const text = String(message).slice(0, LONGEST_MESSAGE);
    if (file === undefined) return new GuestError('thrown', text);
    const specifier = /^could not load module '(.*)'$/s.exec(text)?.[1];
    if (specifier !== undefined) return new GuestError('thrown', NO_IMPORT, lineOfImport(code, specifier));
    return new GuestError('thrown', text, lineIn(String(stack), file));
  }

  /** A file that meddled with texts and JSON may keep what it threw from being described. */
  #described(error: Pointer): { readonly message?: unknown; readonly stack?: unknown } {
    const exports = this.#exports;
    const described = this.#run(this.#describe, [error]);
    if (exports.qjs_is_exception(described)) {
      exports.qjs_free_value(described);
      if (exports.qjs_is_uncatchable_error(exports.qjs_get_exception())) throw this.#ended();
      return {};
    }
    const text = this.#textOf(described);
    exports.qjs_free_value(described);
    try {
      return Object(JSON.parse(text));
    } catch {
      return {};
    }
  }

  /** There are two things to use up. */
  #ended(): GuestError {
    const { timeoutMs, memoryMb } = this.#limits;
    const isLate = performance.now() > this.#deadlineMs;
    return new GuestError('ended', isLate ? `took longer than ${timeoutMs} ms` : `needs more than ${memoryMb} MB`);
  }

  #makeRoom(count: number): void {
    this.#exports.wasm_free(this.#args);
    this.#args = this.#exports.wasm_malloc(count * 4);
    this.#argsRoom = count;
    if (this.#args === 0) throw this.#ended();
  }

  /** Memory that has grown is another buffer. */
  #refresh(): void {
    const { buffer } = this.#exports.memory;
    if (this.#view.buffer === buffer) return;
    this.#memory = Buffer.from(buffer);
    this.#view = new DataView(buffer);
  }
}

/** What is thrown through the guest's engine, such as the overflow of this side's stack, leaves it in no order. */
function asGuestError(error: unknown): GuestError {
  return error instanceof GuestError ? error : new GuestError('broken', 'it went deeper than its engine can follow.');
}

/** The place in a file that stands first in a stack. */
function lineIn(stack: string, file: string): number | undefined {
  const at = stack.indexOf(`${file}:`);
  const line = at < 0 ? Number.NaN : Number.parseInt(stack.slice(at + file.length + 1), 10);
  return line >= 1 ? line : undefined;
}

/** QuickJS leaves out the `./` of a name. */
function lineOfImport(code: string, name: string): number | undefined {
  const line = code.split('\n').findIndex((each) => each.includes(`${name}'`) || each.includes(`${name}"`));
  return line < 0 ? undefined : line + 1;
}
