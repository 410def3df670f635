import type { Arithmetic } from '../../language/functions/function.ts';
import type { AggregateStep } from '../operators/grouped-aggregate.ts';
import type { AddInPlace } from '../state/aggregate-store.ts';
import { ELSEWHERE, NOTHING } from '../state/state-cells.ts';
import { generate } from './generate.ts';

/**
 * Makes the function that adds to the states of aggregates where they stand, if all of them are numbers that stand side
 * by side. Of a COUNT and a SUM of INTEGER it is
 *
 *     return (n, at, v) => {
 *       let s0 = n[at + 0]; if (s0 === k[0] || s0 === k[1]) return false;
 *       if (v[0] !== null) { s0 += 1; }
 *       let s1 = n[at + 1]; if (s1 === k[0] || s1 === k[1]) return false;
 *       if (v[1] !== null) { s1 = (s1 + v[1]) | 0; }
 *       n[at + 0] = s0; n[at + 1] = s1;
 *       return true;
 *     };
 */
export function compileAddInPlace(steps: readonly AggregateStep[]): AddInPlace | undefined {
  const code: string[] = [];
  for (const [i, { aggregator, args }] of steps.entries()) {
    const { arithmetic } = aggregator;
    if (arithmetic === undefined || args.length !== 1) return undefined;
    code.push(
      `let s${i} = n[at + ${i}]; if (s${i} === k[0] || s${i} === k[1]) return false;`,
      `if (v[${i}] !== null) { ${addCode(arithmetic, `s${i}`, `v[${i}]`)} }`,
    );
  }
  const writes = steps.map((_, i) => `n[at + ${i}] = s${i};`);
  const source = `return (n, at, v) => { ${[...code, ...writes].join('\n')} return true; };`;
  return generate(source, [ELSEWHERE, NOTHING], []);
}

/** What is no number, or would not be one that stands for itself, is for others to add. */
function addCode(arithmetic: Arithmetic, state: string, value: string): string {
  const isNumber = `if (typeof ${value} !== 'number') return false;`;
  switch (arithmetic) {
    case 'count':
      return `${state} += 1;`;
    case 'sum of ints':
      return `${state} = (${state} + ${value}) | 0;`;
    case 'sum of longs':
      return `${isNumber} ${state} += ${value}; if (!Number.isSafeInteger(${state})) return false;`;
    case 'sum of doubles':
      return `${state} += ${value}; if (${state} === k[0] || ${state} === k[1]) return false;`;
    case 'greatest':
      return `${isNumber} if (${value} > ${state}) ${state} = ${value};`;
    case 'least':
      return `${isNumber} if (${value} < ${state}) ${state} = ${value};`;
    default:
      return arithmetic satisfies never;
  }
}
