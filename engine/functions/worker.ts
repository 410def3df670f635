import { readdirSync, readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { workerData } from 'node:worker_threads';
import type { FunctionDeclaration } from '../../language/functions/declared.ts';
import { Channel, type ChannelMemory } from './channel.ts';
import { SANDBOX_PRELUDE } from './sandbox-prelude.ts';

/** What the worker is started with. */
export interface WorkerData {
  readonly folder: string;
  readonly memory: ChannelMemory;
}

/** A file that cannot be used, and why. */
export interface FunctionProblem {
  readonly file: string;
  /** From 1; absent where nobody knows it. */
  readonly line?: number;
  readonly message: string;
}

/** The first thing that the worker says. */
export interface Greeting {
  readonly declarations: readonly FunctionDeclaration[];
  readonly problems: readonly FunctionProblem[];
}

/** The entries of the prelude, which take and give nothing but texts (and the exports of a module of its own world). */
interface Prelude {
  declare(exports: object, file: string): string;
  call(text: string): string;
}

/** An error that knows its line. */
class ProblemAt extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const { folder, memory } = workerData as WorkerData;
// An ordinary global object, and no code from texts: nothing in there leads to an object of this thread's own world.
const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: 'afterEvaluate',
});
vm.runInContext(SANDBOX_PRELUDE, context, { filename: 'functions' });
const prelude = vm.runInContext(
  '(() => { const own = __ksql; delete globalThis.__ksql; return own; })()',
  context,
) as Prelude;

const declarations: FunctionDeclaration[] = [];
const problems: FunctionProblem[] = [];
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!/\.(js|mjs|ts|mts)$/.test(file) || file.endsWith('.d.ts') || file.includes('node_modules')) continue;
  try {
    declarations.push(...(await load(file)));
  } catch (error) {
    problems.push({ file, ...lineOf(error, file), message: error instanceof Error ? error.message : String(error) });
  }
}

async function load(file: string): Promise<readonly FunctionDeclaration[]> {
  const code = javaScriptOf(file, readFileSync(path.join(folder, file), 'utf8'));
  const imports = code.split('\n').findIndex((line) => /\bimport\b/.test(line));
  if (imports >= 0)
    throw new ProblemAt(
      'A function cannot import anything (nor may the word stand in its code): types only.',
      imports + 1,
    );
  const module = new vm.SourceTextModule(code, { context, identifier: file });
  await module.link(() => {
    throw new Error('A function cannot import anything.');
  });
  await module.evaluate();
  const answer = JSON.parse(prelude.declare(module.namespace, file)) as {
    readonly value?: readonly FunctionDeclaration[];
    readonly error?: string;
  };
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.value ?? [];
}

/** Types are blanked out, so that lines and columns stay. */
function javaScriptOf(file: string, text: string): string {
  if (!/\.m?ts$/.test(file)) return text;
  if (typeof nodeModule.stripTypeScriptTypes !== 'function')
    throw new Error(`TypeScript needs Node 22.13 or newer; this is ${process.version}. Write it in JavaScript.`);
  return nodeModule.stripTypeScriptTypes(text, { mode: 'strip' });
}

/** V8 writes the place of a syntax error, or of what was thrown, on the first lines of the stack. */
function lineOf(error: unknown, file: string): { readonly line?: number } {
  if (error instanceof ProblemAt) return { line: error.line };
  const stack = String((error as Error | undefined)?.stack ?? '');
  const at = stack.indexOf(`${file}:`);
  const line = at < 0 ? Number.NaN : Number.parseInt(stack.slice(at + file.length + 1), 10);
  return Number.isNaN(line) ? {} : { line };
}

const channel = new Channel(memory);
channel.greet(JSON.stringify({ declarations, problems } satisfies Greeting));
channel.serve((text) => prelude.call(text));
