import type { Expression } from '../../../language/binding/expression.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import { compilePredicate } from '../../compile/expression.ts';
import type { Row } from '../../operators/operator.ts';
import { markColumns } from '../../plan/column-usage.ts';
import type { SerdeContext } from '../../serde/encoding/serde.ts';
import { isUnwrapped } from '../../serde/encoding/single-column.ts';
import { JsonTokens } from '../../serde/json/tokens.ts';
import {
  decoderContexts,
  decodersOf,
  type RecordDecoders,
  type RecordDecodersOptions,
} from '../records/record-decoders.ts';
import { type InputSlot, RowSlots } from '../records/row-slots.ts';
import type { RecordKey } from './key-passage.ts';
import { DecodedValues, JsonValues, type Values, type Wanted } from './values.ts';

/** What the rows of a source's records are made with, and where they stand. */
export interface SourceParts {
  /** What every expression reads: the row of the source, or one that begins with it. */
  readonly row: SqlValue[];
  readonly layout: readonly InputSlot[];
  readonly values: Values;
  readonly decoders: RecordDecoders;
  /** Whether an expression has failed; they set it, by `onError`. */
  readonly failures: { any: boolean };
  readonly onError: () => void;
}

/** @param width how many slots the row has @throws SerdeError when a format cannot carry the source's schema */
export async function sourceParts(options: RecordDecodersOptions, width: number): Promise<SourceParts> {
  const { source, layout } = options;
  const contexts = decoderContexts(options);
  const decoders = await decodersOf(source, contexts);
  const row = new Array<SqlValue>(width).fill(null);
  const values = isJsonObject(contexts.value)
    ? jsonValues(contexts.value, row)
    : new DecodedValues(decoders.value, row);
  const failures = { any: false };
  const onError = () => {
    failures.any = true;
  };
  return { row, layout, values, decoders, failures, onError };
}

/** Whether a context is of objects in plain JSON. */
export const isJsonObject = (context: SerdeContext): boolean =>
  context.format.name === 'JSON' && context.columns.length > 0 && !isUnwrapped(context);

/** Values by their tokens. */
function jsonValues(context: SerdeContext, row: SqlValue[]): JsonValues {
  const columns = context.columns.map(({ needed, ...column }) => ({ ...column, build: needed !== false }));
  return new JsonValues(new JsonTokens(columns), row, new Map(columns.map(({ slot }, column) => [slot, column])));
}

/** The slots of the row that expressions read. */
export function slotsOf(expressions: readonly Expression[]): Set<number> {
  const slots = new Set<number>();
  for (const expression of expressions) markColumns(expression, slots);
  return slots;
}

/** What expressions read of a row, and when. */
export interface ReadSlots {
  /** By the predicates, and what else is read at once. */
  readonly first: ReadonlySet<number>;
  /** Of a row that goes on. */
  readonly then: ReadonlySet<number>;
}

/** Whether any expression reads a key's values. */
export const readsKey = ({ layout }: SourceParts, { first, then }: ReadSlots): boolean =>
  [...first, ...then].some((slot) => layout[slot]?.role === 'key');

/**
 * The row of a record, as far as expressions read it: what is looked at first decides whether the rest is made. A
 * record that there is something to say of is given up.
 */
export class SourceRow {
  readonly row: SqlValue[];
  readonly values: Values;
  readonly failures: { any: boolean };
  readonly #key: RecordKey;
  /** What every row has besides its values; absent where no expression reads more of it than the time. */
  readonly #slots: RowSlots | undefined;
  /** Where its time stands; -1 where nothing reads it. */
  readonly #timeSlot: number;
  readonly #predicates: readonly ((row: Row) => boolean)[];
  readonly #first: Wanted;
  readonly #then: Wanted;

  /** @param predicates what a row has to fulfil, in the order in which it is looked at */
  constructor(parts: SourceParts, key: RecordKey, predicates: readonly Expression[], { first, then }: ReadSlots) {
    const { row, layout, values, failures, onError } = parts;
    this.row = row;
    this.values = values;
    this.failures = failures;
    this.#key = key;
    const read = [...first, ...then];
    const besides = read.filter((slot) => layout[slot] !== undefined && layout[slot].role !== 'value');
    this.#slots = besides.some((slot) => layout[slot]!.role !== 'rowtime') ? new RowSlots(layout) : undefined;
    this.#timeSlot = besides.find((slot) => layout[slot]!.role === 'rowtime') ?? -1;
    this.#predicates = predicates.map((predicate) => compilePredicate(predicate, onError));
    this.#first = values.wanted(first);
    this.#then = values.wanted([...then].filter((slot) => !first.has(slot)));
  }

  /** Whether the record at the cursor fulfils the predicates; undefined: it is given up, as by an error. */
  open(cursor: RecordCursor, partition: number): boolean | undefined {
    const { row, values, failures } = this;
    if (cursor.timeMs < 0 || cursor.valueStart < 0) return undefined;
    failures.any = false;
    if (this.#slots !== undefined) row.fill(null);
    if (!values.open(cursor) || !this.#key.open(cursor) || !values.read(this.#first)) return undefined;
    if (this.#timeSlot >= 0) row[this.#timeSlot] = cursor.timeMs;
    this.#slots?.fill(row, this.#key.key, cursor.timeMs, partition, cursor.offset, undefined, cursor.headers);
    for (let i = 0; i < this.#predicates.length; i++)
      if (!this.#predicates[i]!(row)) return failures.any ? undefined : false;
    return failures.any ? undefined : true;
  }

  /** Puts what is read of a row that goes on into it. False: the record is given up. */
  readRest(): boolean {
    return this.values.read(this.#then);
  }
}
