import { COLLECTING_AGGREGATES } from './aggregate-collect.ts';
import { BASIC_AGGREGATES } from './aggregate-basic.ts';
import { CONDITIONAL_FUNCTIONS } from './conditional.ts';
import type { FunctionDefinition } from './function.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { TABLE_FUNCTIONS } from './table.ts';

const GROUPS: readonly (readonly FunctionDefinition[])[] = [
  BASIC_AGGREGATES,
  COLLECTING_AGGREGATES,
  TABLE_FUNCTIONS,
  CONDITIONAL_FUNCTIONS,
  MATH_FUNCTIONS,
];

/** The catalogue: every built-in function by its upper-case name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  GROUPS.flat().map((definition) => [definition.name, definition]),
);
