import { FORM, MOST_BYTES } from '../../../serde/json/canonical.ts';
import { CHECK, type Template } from '../../../serde/json/template.ts';
import { makeProgram } from './programs.ts';
import { recordFunction, recordsFunction, type StoredToken } from './record-code.ts';
import type { RowLayout } from './row-layout.ts';
import { ROWS, type ScratchMemory } from './scratch-memory.ts';
import { passFunctions } from './token-code.ts';

/** What reads blocks of records of one form. */
export interface BlockReader {
  readonly memory: ScratchMemory;
  /**
   * Makes rows of the records between two addresses of the memory.
   * @param shift what makes a place in the batch of an address
   * @returns how many; it ends before one that is not of the form
   */
  readonly run: (start: number, end: number, most: number, shift: number) => number;
}

/**
 * Undefined for forms that are not read so, and where there is no WebAssembly with vectors.
 * @param checks {@link CHECK} by column
 * @param forms by column how its tokens have to stand, {@link FORM}, if they are integers
 */
export function blockReader(
  template: Template,
  checks: Uint8Array,
  { tokens, integers }: RowLayout,
  forms: Uint8Array,
): BlockReader | undefined {
  if (template.columns.some((column) => checks[column] === CHECK.wholly)) return undefined;
  const stored: StoredToken[] = [];
  tokens.forEach((place, column) => {
    const form = forms[column]!;
    const mostBytes = form === FORM.integer ? MOST_BYTES.integer : form === FORM.long ? MOST_BYTES.long : 0;
    if (place >= 0) stored.push({ column, place, mostBytes });
  });
  const functions = [...passFunctions(), recordFunction(template, checks, stored)];
  return makeProgram([...functions, recordsFunction(functions.length - 1, ROWS.at, 4 * integers)]);
}
