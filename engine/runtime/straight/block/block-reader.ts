import { RECORD_ROW } from '../../../broker/record-batch.ts';
import { CHECK, type Template } from '../../../serde/json/template.ts';
import type { JsonTokens } from '../../../serde/json/tokens.ts';
import { assemble } from '../../../wasm/assembler.ts';
import { recordFunction, recordsFunction } from './record-code.ts';
import { ROWS_AT, ScratchMemory } from './scratch-memory.ts';
import { passFunctions } from './token-code.ts';

/** More would not be processed in one slice of time. */
const MOST_ROWS = 256;
/** Programs of forms, kept for the next query over the same topic. */
const MOST_PROGRAMS = 32;

/** What reads blocks of records of one form. */
export interface BlockReader {
  readonly memory: ScratchMemory;
  /** The most rows at once. */
  readonly capacity: number;
  /** How many integers a row has. */
  readonly rowIntegers: number;
  /** By column: where in a row its token stands; -1 for one that the form does not have. */
  readonly places: Int32Array;
  /**
   * Makes rows of the records between two addresses of the memory.
   * @param shift what makes a place in the batch of an address
   * @returns how many; it ends before one that is not of the form
   */
  readonly run: (start: number, end: number, most: number, shift: number) => number;
}

const programs = new Map<string, WebAssembly.Module>();
let scratch: ScratchMemory | undefined;

/** Undefined for forms that are not read so, and where there is no WebAssembly with vectors. */
export function blockReader(template: Template, tokens: JsonTokens): BlockReader | undefined {
  const { checks } = tokens;
  if (template.columns.some((column) => checks[column] === CHECK.wholly)) return undefined;
  const stored = template.columns.filter((column) => column >= 0 && tokens.isBuilt(column));
  const rowIntegers = RECORD_ROW.length + 2 * stored.length;
  const functions = passFunctions();
  const record = functions.length;
  const program = assemble([
    ...functions,
    recordFunction(template, checks, stored),
    recordsFunction(record, ROWS_AT, 4 * rowIntegers),
  ]);
  try {
    scratch ??= new ScratchMemory();
    const { exports } = new WebAssembly.Instance(moduleOf(program), { env: { memory: scratch.memory } });
    const places = Int32Array.from(checks, (_, column) => {
      const index = stored.indexOf(column);
      return index < 0 ? -1 : RECORD_ROW.length + 2 * index;
    });
    const capacity = Math.min(MOST_ROWS, ScratchMemory.capacity(4 * rowIntegers));
    return { memory: scratch, capacity, rowIntegers, places, run: (exports as { run: BlockReader['run'] }).run };
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
