import type { AggregateCall } from '../binding/expression.ts';
import { fingerprint, sameExpression } from '../binding/expression-tree.ts';

/** The aggregate calls of a query, each once however often it is written. */
export class AggregateCalls {
  readonly list: AggregateCall[] = [];
  /** Places in the list, by what the same calls have in common. */
  readonly #alike = new Map<string, number[]>();

  /** The place of the call in the list. */
  add(call: AggregateCall): number {
    const common = [call.definition.name, ...call.args.map(fingerprint)].join(' ');
    const alike = this.#alike.get(common) ?? [];
    const known = alike.find((place) => sameCall(this.list[place]!, call));
    if (known !== undefined) return known;
    const place = this.list.push(call) - 1;
    this.#alike.set(common, [...alike, place]);
    return place;
  }
}

function sameCall(a: AggregateCall, b: AggregateCall): boolean {
  return (
    a.definition === b.definition &&
    a.args.length === b.args.length &&
    a.args.every((argument, i) => sameExpression(argument, b.args[i]!)) &&
    a.initArgs.length === b.initArgs.length &&
    a.initArgs.every((value, i) => Object.is(value, b.initArgs[i]))
  );
}
