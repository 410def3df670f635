import type { AvroNode } from '../../serde/avro/schema.ts';
import type { JsonValue } from '../configuration/converters.ts';
import { ArgProperties } from './arg-properties.ts';

const INT_MOST = 2 ** 31 - 1;

/**
 * Begins the values of `iteration`: from `initial`, or else `start`, by `step`, and at `restart` from the start again.
 * Booleans take turns; strings are the numbers as text.
 * @throws Error for what is wrong with it
 */
export function beginIteration(args: ArgProperties, kind: AvroNode['kind']): () => JsonValue {
  const other = ['length', 'regex', 'range'].find((name) => args.has(name));
  if (other !== undefined) throw new Error(`iteration and ${other} cannot be given together.`);
  const iteration = new ArgProperties(args.object('iteration')!, 'iteration');
  if (!iteration.has('start')) throw new Error("iteration needs a 'start'.");
  switch (kind) {
    case 'boolean':
      return beginTurns(iteration.flag('start')!);
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return beginCount(iteration, kind);
    case 'string': {
      const next = beginCount(iteration, 'int');
      const [prefix, suffix] = [args.text('prefix') ?? '', args.text('suffix') ?? ''];
      return () => `${prefix}${next()}${suffix}`;
    }
    case 'null':
    case 'bytes':
    case 'fixed':
    case 'enum':
    case 'array':
    case 'map':
    case 'record':
    case 'union':
      throw new Error(`iteration is for numbers, booleans and strings, and not for ${kind}.`);
    default:
      return kind satisfies never;
  }
}

function beginTurns(start: boolean): () => boolean {
  let next = !start;
  return () => {
    next = !next;
    return next;
  };
}

function beginCount(iteration: ArgProperties, kind: 'int' | 'long' | 'float' | 'double'): () => number {
  const start = iteration.number('start')!;
  const restart = iteration.number('restart');
  const step = iteration.number('step') ?? (restart !== undefined && restart < start ? -1 : 1);
  const initial = iteration.number('initial') ?? start;
  const isWhole = kind === 'int' || kind === 'long';
  const given = [start, restart ?? start, step, initial];
  if (isWhole && !given.every(Number.isInteger))
    throw new Error(`iteration has whole numbers where the type is ${kind}.`);
  if (step === 0) throw new Error("The 'step' of iteration cannot be zero.");
  if (restart === start) throw new Error("The 'start' and 'restart' of iteration cannot be equal.");
  if (restart !== undefined && restart > start !== step > 0)
    throw new Error(`The 'step' of iteration has to lead from ${start} to ${restart}, and is ${step}.`);

  const end = restart ?? (kind === 'int' ? Math.sign(step) * INT_MOST : Math.sign(step) * Number.POSITIVE_INFINITY);
  // Counted in the smallest unit that is written, because sums of fractions would drift.
  const unit = 10 ** Math.max(...given.map(decimals));
  const size = Math.abs(Math.round((end - start) * unit));
  const stepUnits = Math.round(Math.abs(step) * unit);
  let current = Math.abs(Math.round((initial - start) * unit));
  return () => {
    const value = start + (Math.sign(step) * current) / unit;
    current = (current + stepUnits) % size;
    return isWhole ? value : Number(value.toPrecision(15));
  };
}

/** How many digits a number has behind the point. */
function decimals(value: number): number {
  const [, digits = ''] = /\.(\d+)$/.exec(String(value)) ?? [];
  return digits.length;
}
