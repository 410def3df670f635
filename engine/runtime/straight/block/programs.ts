import { assemble, type WasmFunction } from '../../../wasm/assembler.ts';
import { ScratchMemory } from './scratch-memory.ts';

/** Kept for the next query that does the same over the same topic. */
const MOST_PROGRAMS = 32;

const programs = new Map<string, WebAssembly.Module>();
let scratch: ScratchMemory | undefined;

/** A function in WebAssembly, and the memory that it works in. */
export interface Program {
  readonly memory: ScratchMemory;
  readonly run: (...given: readonly number[]) => number;
}

/** The last of some functions. Undefined where there is no WebAssembly with vectors. */
export function makeProgram(functions: readonly WasmFunction[]): Program | undefined {
  try {
    scratch ??= new ScratchMemory();
    const { exports } = new WebAssembly.Instance(moduleOf(assemble(functions)), { env: { memory: scratch.memory } });
    return { memory: scratch, run: (exports as Program).run };
  } catch {
    return undefined;
  }
}

function moduleOf(program: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const text = Buffer.from(program).toString('latin1');
  const module = programs.get(text) ?? new WebAssembly.Module(program);
  programs.delete(text);
  programs.set(text, module);
  if (programs.size > MOST_PROGRAMS) programs.delete(programs.keys().next().value!);
  return module;
}
