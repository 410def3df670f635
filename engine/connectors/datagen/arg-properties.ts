import type { JsonValue } from '../configuration/converters.ts';
import type { SeededRandom } from './random.ts';

export type JsonObject = { readonly [name: string]: JsonValue };

/**
 * Annotations of one part of a schema, checked as they are read. Every method throws an Error that says what is wrong.
 */
export class ArgProperties {
  readonly #args: JsonObject;
  readonly #name: string;

  /** @param name of the annotation that they are part of */
  constructor(args: JsonObject, name = 'arg.properties') {
    this.#args = args;
    this.#name = name;
  }

  has(name: string): boolean {
    return this.#args[name] !== undefined;
  }

  object(name: string): JsonObject | undefined {
    const value = this.#args[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#wrong(name, 'an object');
    return value as JsonObject;
  }

  text(name: string): string | undefined {
    const value = this.#args[name];
    if (value !== undefined && typeof value !== 'string') throw this.#wrong(name, 'a string');
    return value;
  }

  number(name: string): number | undefined {
    const value = this.#args[name];
    if (value !== undefined && typeof value !== 'number') throw this.#wrong(name, 'a number');
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#args[name];
    if (value !== undefined && typeof value !== 'boolean') throw this.#wrong(name, 'true or false');
    return value;
  }

  /** A number of 0 or more; undefined also where an object stands in its place. */
  wholeNumber(name: string): number | undefined {
    if (typeof this.#args[name] === 'object') return undefined;
    const value = this.number(name);
    if (value !== undefined && (!Number.isInteger(value) || value < 0)) throw this.#wrong(name, 'a whole number');
    return value;
  }

  options(): readonly JsonValue[] | undefined {
    const options = this.#args['options'];
    if (options === undefined) return undefined;
    if (!Array.isArray(options)) throw new Error('The options of a file are not read: list them in the schema.');
    if (options.length === 0) throw new Error('options cannot be empty.');
    const other = ['length', 'regex', 'iteration', 'range'].find((name) => this.has(name));
    if (other !== undefined) throw new Error(`options and ${other} cannot be given together.`);
    return options as readonly JsonValue[];
  }

  /** The bounds of `range`, of which the upper is left out. */
  range(byDefault: {
    readonly min: number;
    readonly max: number;
    readonly isWhole?: boolean;
  }): readonly [number, number] {
    const bounds = new ArgProperties(this.object('range') ?? {}, 'range');
    const min = bounds.number('min') ?? byDefault.min;
    const max = bounds.number('max') ?? byDefault.max;
    if (byDefault.isWhole && !(Number.isInteger(min) && Number.isInteger(max)))
      throw new Error(`The bounds of range are whole numbers where the type is, and are ${min} and ${max}.`);
    if (min >= max)
      throw new Error(`The 'min' of range has to be less than its 'max', and they are ${min} and ${max}.`);
    return [min, max];
  }

  /** How likely true is. */
  odds(): number {
    const odds = this.number('odds') ?? 0.5;
    if (odds < 0 || odds > 1) throw new Error(`odds are from 0 to 1, and are ${odds}.`);
    return odds;
  }

  /** Which branch of a union to take: the one at `position`, or by the `distribution` of them, or any. */
  branch(count: number): (random: SeededRandom) => number {
    const position = this.wholeNumber('position');
    if (position !== undefined) {
      if (position >= count) throw new Error(`position is ${position}, and the union has ${count} branches.`);
      return () => position;
    }
    const distribution = this.object('distribution');
    if (distribution === undefined) return (random) => random.between(0, count - 1);
    const shares = Array.from({ length: count }, (_, i) => Number(distribution[i] ?? 0));
    const sum = shares.reduce((a, b) => a + b, 0);
    if (shares.some((share) => !(share >= 0)) || Math.abs(sum - 1) > 1e-9)
      throw new Error(`The shares of distribution add up to 1, and they add up to ${sum}.`);
    return (random) => {
      let left = random.next();
      const found = shares.findIndex((share) => {
        left -= share;
        return left < 0;
      });
      return found < 0 ? shares.findLastIndex((share) => share > 0) : found;
    };
  }

  #wrong(name: string, wanted: string): Error {
    return new Error(`${this.#name}: ${name} has to be ${wanted}, and is ${JSON.stringify(this.#args[name])}.`);
  }
}
