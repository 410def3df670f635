import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { declaredFunction, type FunctionCall, type FunctionDeclaration } from '../../language/functions/declared.ts';
import type { FunctionDefinition } from '../../language/functions/function.ts';
import { FUNCTIONS } from '../../language/functions/index.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { Channel, createMemory } from './channel.ts';
import { fromWire, toWire, type WireValue } from './wire-value.ts';
import type { FunctionProblem, Greeting, WorkerData } from './worker.ts';

/** How long a call may take, in milliseconds. */
const CALL_TIMEOUT_MS = 1_000;
/** How long the files of a folder may take to load, in milliseconds. */
const LOAD_TIMEOUT_MS = 10_000;
const MEMORY_MB = 128;

export interface UserFunctionLimits {
  readonly callTimeoutMs?: number;
  readonly memoryMb?: number;
}

/**
 * The functions of a folder of JavaScript and TypeScript files, run apart from the engine: in a thread with a memory limit, in a
 * world without a file system, a network, or any object of Node. A call is synchronous, as operators are. One that takes too long,
 * or too much memory, ends that thread; another takes its place, and the function is not called again.
 *
 * A thread of one's own and not only `node:vm`: within one thread nothing can end an endless loop but a watchdog, whose
 * set-up for every call costs more than the way to another thread and back.
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
  #worker: Worker | undefined;
  #channel: Channel | undefined;

  /** @throws Error when there is no such folder, or its files take too long to load */
  constructor(folder: string, limits: UserFunctionLimits = {}) {
    this.folder = path.resolve(folder);
    this.#limits = { callTimeoutMs: CALL_TIMEOUT_MS, memoryMb: MEMORY_MB, ...limits };
    if (!existsSync(this.folder) || !statSync(this.folder).isDirectory())
      throw new Error(`There is no folder ${this.folder} to take functions from.`);
    const { declarations, problems } = this.#start();
    const accepted: FunctionDeclaration[] = [];
    const refused: FunctionProblem[] = [...problems];
    const definitions = new Map<string, FunctionDefinition>();
    for (const declaration of declarations) {
      const { name, file } = declaration;
      try {
        if (FUNCTIONS.has(name)) throw new Error(`${name} is a built-in function: choose another name.`);
        definitions.set(
          name,
          declaredFunction(declaration, (call) => this.#call(call)),
        );
        accepted.push(declaration);
      } catch (error) {
        refused.push({ file, message: `${name}: ${(error as Error).message}` });
      }
    }
    this.declarations = accepted;
    this.problems = refused;
    this.definitions = definitions;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
    this.#channel = undefined;
  }

  #start(): Greeting {
    const memory = createMemory();
    const worker = new Worker(workerFile(), {
      workerData: { folder: this.folder, memory } satisfies WorkerData,
      execArgv: ['--experimental-vm-modules', '--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.memoryMb, stackSizeMb: 4 },
      env: {},
    });
    // What ends it shows in the calls that get no answer.
    worker.on('error', () => undefined);
    worker.unref();
    this.#worker = worker;
    this.#channel = new Channel(memory);
    const greeting = this.#channel.awaitGreeting(LOAD_TIMEOUT_MS);
    if (greeting === undefined) {
      void worker.terminate();
      throw new Error(`The functions in ${this.folder} could not be loaded within ${LOAD_TIMEOUT_MS / 1000} s.`);
    }
    return JSON.parse(greeting) as Greeting;
  }

  #call({ name, overload, method, args, argTypes, returns }: FunctionCall): SqlValue {
    const ended = this.#ended.get(name);
    if (ended !== undefined) throw new EvaluationError(ended);
    if (this.#channel === undefined) throw new EvaluationError(`${name} cannot be called: its functions are closed.`);
    const wired = args.map((arg, i) => toWire(arg, argTypes[i]!));
    const text = JSON.stringify({ name, overload, method, args: wired, argTypes, returns });
    const answer = this.#channel.ask(text, this.#limits.callTimeoutMs);
    if (answer === undefined) throw new EvaluationError(this.#end(name));
    const { value, error } = JSON.parse(answer) as { readonly value?: WireValue; readonly error?: string };
    if (error !== undefined) throw new EvaluationError(`${name}: ${error}`);
    return fromWire(value ?? null, returns);
  }

  /** A call that does not come back takes its thread with it. */
  #end(name: string): string {
    const { callTimeoutMs, memoryMb } = this.#limits;
    const message = `${name} took longer than ${callTimeoutMs} ms or more than ${memoryMb} MB. It is not called again until its file is loaded anew.`;
    this.#ended.set(name, message);
    void this.#worker?.terminate();
    this.#start();
    return message;
  }
}

/** A problem as compilers print them: `functions/a.ts:3: message`. */
export const problemText = (folder: string, { file, line, message }: FunctionProblem): string =>
  `${path.join(folder, file)}${line === undefined ? '' : `:${line}`}: ${message}`;

/** Beside this file as it is written; in a bundle, where chunks have a folder of their own, beside the bundle. */
function workerFile(): URL {
  const candidates = ['./worker.ts', './function-worker.mjs', '../function-worker.mjs'];
  const found = candidates.map((name) => new URL(name, import.meta.url)).find((url) => existsSync(fileURLToPath(url)));
  if (found === undefined) throw new Error('The program that runs functions is missing from this installation.');
  return found;
}
