import { BASIC_AGGREGATES } from './aggregate-basic.ts';
import { COLLECTING_AGGREGATES } from './aggregate-collect.ts';
import { ARRAY_FUNCTIONS } from './array.ts';
import { BYTES_FUNCTIONS } from './bytes.ts';
import { CONDITIONAL_FUNCTIONS } from './conditional.ts';
import type { FunctionDefinition } from './function.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { LAMBDA_FUNCTIONS } from './lambda.ts';
import { MAP_FUNCTIONS } from './map.ts';
import { MASK_FUNCTIONS } from './mask.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { OTHER_FUNCTIONS } from './other.ts';
import { REGEXP_FUNCTIONS } from './regexp.ts';
import { STRING_FUNCTIONS } from './string.ts';
import { TABLE_FUNCTIONS } from './table.ts';
import { TIME_FUNCTIONS } from './time.ts';
import { URL_FUNCTIONS } from './url.ts';

const GROUPS: readonly (readonly FunctionDefinition[])[] = [
  BASIC_AGGREGATES,
  COLLECTING_AGGREGATES,
  TABLE_FUNCTIONS,
  CONDITIONAL_FUNCTIONS,
  MATH_FUNCTIONS,
  STRING_FUNCTIONS,
  MASK_FUNCTIONS,
  BYTES_FUNCTIONS,
  REGEXP_FUNCTIONS,
  JSON_FUNCTIONS,
  TIME_FUNCTIONS,
  ARRAY_FUNCTIONS,
  MAP_FUNCTIONS,
  LAMBDA_FUNCTIONS,
  URL_FUNCTIONS,
  OTHER_FUNCTIONS,
];

/** The catalogue: every built-in function by its upper-case name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  GROUPS.flat().map((definition) => [definition.name, definition]),
);
