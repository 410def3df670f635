/**
 * The only place where code is made from text. The source comes from this folder's emitters alone: what users write
 * reaches it as values in `k` and `f`, never as source.
 *
 * @param source the body of a function with the parameters `k` (constants) and `f` (functions); it returns the result.
 */
export function generate<T>(source: string, constants: readonly unknown[], functions: readonly unknown[]): T {
  return new Function('k', 'f', `"use strict";\n${source}`)(constants, functions) as T;
}
