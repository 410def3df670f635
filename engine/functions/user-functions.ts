import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { FUNCTIONS } from '../../language/functions/catalogue.ts';
import { declaredFunction, type FunctionDeclaration, type FunctionMethod } from '../../language/functions/declared.ts';
import type { FunctionDefinition } from '../../language/functions/function.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { readDeclarations } from './declarations.ts';
import { readFunctionFile } from './function-file.ts';
import { type Cell, Guest, GuestError } from './guest.ts';
import { compileQuickJs, type Pointer } from './quickjs-program.ts';
import { fromCell, toCell } from './wire-value.ts';

/** How long a call, or loading a file, may take, in milliseconds. */
const CALL_TIMEOUT_MS = 1_000;
/** How long the files of a folder may take to load, in milliseconds. */
const LOAD_TIMEOUT_MS = 10_000;
const MEMORY_MB = 64;

export interface UserFunctionLimits {
  readonly callTimeoutMs?: number;
  /** Of each file. */
  readonly memoryMb?: number;
}

/** A file that cannot be used, and why. */
export interface FunctionProblem {
  readonly file: string;
  /** From 1; absent where nobody knows it. */
  readonly line?: number | undefined;
  readonly message: string;
}

/** A loaded file, and the guest that runs it. */
interface LoadedFile {
  readonly file: string;
  readonly code: string;
  /** Undefined when it did not load again after its guest was lost. */
  guest: Guest | undefined;
  /** Methods that statements call, by what they are. */
  readonly bound: Map<string, Bound>;
}

interface Bound {
  readonly method: FunctionMethod;
  /** Where the guest knows it; undefined until the first call of a guest. */
  pointer: Pointer | undefined;
}

/**
 * The functions of a folder of JavaScript and TypeScript files. Each file runs in a QuickJS of its own, compiled to
 * WebAssembly, so that it has no way to the engine, the machine or another file, and can be stopped wherever it is. A
 * call is synchronous, as operators are. A function that takes too long or too much memory is not called again; its
 * file gets a new QuickJS for the other functions in it.
 */
export class UserFunctions {
  readonly folder: string;
  readonly declarations: readonly FunctionDeclaration[];
  /** Files that could not be used, and functions that may not be declared. */
  readonly problems: readonly FunctionProblem[];
  /** The catalogue's entries, by upper-case name. */
  readonly definitions: ReadonlyMap<string, FunctionDefinition>;
  readonly #limits: Required<UserFunctionLimits>;
  /** Functions that were ended, and are not called again. */
  readonly #ended = new Map<string, string>();
  #program: WebAssembly.Module | undefined;
  #isClosed = false;

  /** @throws Error when there is no such folder */
  constructor(folder: string, limits: UserFunctionLimits = {}) {
    this.folder = path.resolve(folder);
    this.#limits = { callTimeoutMs: CALL_TIMEOUT_MS, memoryMb: MEMORY_MB, ...limits };
    if (!existsSync(this.folder) || !statSync(this.folder).isDirectory())
      throw new Error(`There is no folder ${this.folder} to take functions from.`);
    const declarations: FunctionDeclaration[] = [];
    const problems: FunctionProblem[] = [];
    const definitions = new Map<string, FunctionDefinition>();
    const untilMs = performance.now() + LOAD_TIMEOUT_MS;
    for (const file of functionFiles(this.folder)) {
      try {
        if (performance.now() > untilMs)
          throw new Error(`It was not loaded: the files before it took longer than ${LOAD_TIMEOUT_MS / 1000} s.`);
        const { loaded, declared } = this.#load(file);
        for (const declaration of declared) {
          try {
            definitions.set(declaration.name, this.#define(declaration, loaded, definitions));
            declarations.push(declaration);
          } catch (error) {
            problems.push({ file, message: `${declaration.name}: ${(error as Error).message}` });
          }
        }
      } catch (error) {
        problems.push(problemOf(file, error as Error));
      }
    }
    this.declarations = declarations;
    this.problems = problems;
    this.definitions = definitions;
  }

  /** Nothing is called any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** @throws Error, GuestError */
  #load(file: string): { readonly loaded: LoadedFile; readonly declared: readonly FunctionDeclaration[] } {
    const code = readFunctionFile(this.folder, file);
    const guest = this.#newGuest();
    const declared = readDeclarations(guest.load(code, file), file);
    return { loaded: { file, code, guest, bound: new Map() }, declared };
  }

  #newGuest(): Guest {
    const { callTimeoutMs: timeoutMs, memoryMb } = this.#limits;
    this.#program ??= compileQuickJs(memoryMb * 1024 * 1024);
    return new Guest(this.#program, { timeoutMs, memoryMb });
  }

  /** @throws Error when it may not be declared, or a type of it is none */
  #define(
    declaration: FunctionDeclaration,
    loaded: LoadedFile,
    others: ReadonlyMap<string, unknown>,
  ): FunctionDefinition {
    const { name } = declaration;
    if (FUNCTIONS.has(name)) throw new Error(`${name} is a built-in function: choose another name.`);
    if (others.has(name)) throw new Error('another file declares it, too.');
    return declaredFunction(declaration, (method) => {
      const bound = bind(loaded, method);
      return (...args) => this.#call(loaded, bound, args);
    });
  }

  #call(loaded: LoadedFile, bound: Bound, args: readonly SqlValue[]): SqlValue {
    const { method } = bound;
    const { name, argTypes, returns } = method;
    const ended = this.#ended.get(name);
    if (ended !== undefined) throw new EvaluationError(ended);
    if (this.#isClosed) throw new EvaluationError(`${name} cannot be called: its functions are closed.`);
    const { guest } = loaded;
    if (guest === undefined)
      throw new EvaluationError(`${name} is not called again: its file did not load a second time.`);
    try {
      bound.pointer ??= guest.bind(JSON.stringify(method));
      const cells: Cell[] = [];
      for (let i = 0; i < args.length; i++) cells.push(toCell(args[i]!, argTypes[i]!));
      return fromCell(guest.call(bound.pointer, cells), returns);
    } catch (error) {
      if (error instanceof GuestError && error.kind !== 'thrown') {
        if (error.kind === 'ended')
          this.#ended.set(name, `${name} ${error.message}. It is not called again until its file is loaded anew.`);
        this.#replaceGuest(loaded);
      }
      throw new EvaluationError(this.#ended.get(name) ?? `${name}: ${(error as Error).message}`);
    }
  }

  /** The functions of a file go on in a new guest, which knows nothing of what the old one kept. */
  #replaceGuest(loaded: LoadedFile): void {
    for (const bound of loaded.bound.values()) bound.pointer = undefined;
    loaded.guest = undefined;
    try {
      const guest = this.#newGuest();
      guest.load(loaded.code, loaded.file);
      loaded.guest = guest;
    } catch {
      // Calls say so.
    }
  }
}

/**
 * Statements that call the same share a place in the guest, so that it keeps no more places than there are different
 * ones.
 */
function bind({ bound }: LoadedFile, method: FunctionMethod): Bound {
  const key = JSON.stringify(method);
  const known = bound.get(key) ?? { method, pointer: undefined };
  bound.set(key, known);
  return known;
}

function problemOf(file: string, error: Error): FunctionProblem {
  if (!(error instanceof GuestError)) return { file, message: error.message };
  if (error.kind === 'ended') return { file, message: `Loading it ${error.message}.` };
  return { file, message: error.message, line: error.line };
}

/** Files that may declare functions, as paths from the folder. */
const functionFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(js|mjs|ts|mts)$/.test(file) && !file.endsWith('.d.ts') && !file.includes('node_modules'))
    .sort();

/** A problem as compilers print them: `functions/a.ts:3: message`. */
export const problemText = (folder: string, { file, line, message }: FunctionProblem): string =>
  `${path.join(folder, file)}${line === undefined ? '' : `:${line}`}: ${message}`;
