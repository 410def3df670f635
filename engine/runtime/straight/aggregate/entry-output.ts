import type { Expression } from '../../../../language/binding/expression.ts';
import { keyColumns } from '../../../../language/types/schema.ts';
import type { SqlValue } from '../../../../language/types/sql-type.ts';
import type { RecordBatchBuilder } from '../../../broker/record-batch.ts';
import { ByteWriter } from '../../../bytes/byte-writer.ts';
import type { AggregateResults, EntryWriter } from '../../../operators/aggregate-results.ts';
import type { Header } from '../../../operators/operator.ts';
import type { AggregateNode } from '../../../plan/logical-plan.ts';
import { type JsonFields, jsonFields } from '../../../serde/json/writer.ts';
import { writeStart } from '../../../serde/windowed-key.ts';
import type { RecordWriter } from '../../records/record-writer.ts';
import type { RowEncoder } from '../../records/row-encoder.ts';
import { isJsonObject } from '../source-row.ts';

/** A value of a row of the table, of an entry. */
type EntryValue = (results: AggregateResults, slot: number) => SqlValue;

export interface EntryOutputOptions {
  readonly node: AggregateNode;
  /** Over the row of the aggregate: columns and literals, or AS_VALUE of them. */
  readonly columns: readonly Expression[];
  readonly encoder: RowEncoder;
  readonly writer: RecordWriter;
  /** Whether results go nowhere now. */
  readonly isSilent: () => boolean;
  readonly onWritten: (count: number) => void;
}

/**
 * Writes entries of an aggregate's table as records of a topic, without rows and changes in between. One that cannot be
 * written it leaves to the {@link RecordWriter}, which meets the same again, and says so.
 */
export class EntryOutput implements EntryWriter {
  readonly #options: EntryOutputOptions;
  readonly #values: readonly EntryValue[];
  /** Of values that are objects in plain JSON. */
  readonly #fields: JsonFields | undefined;
  readonly #row: SqlValue[];
  readonly #key = new ByteWriter();
  readonly #isWindowed: boolean;
  #written = 0;

  private constructor(options: EntryOutputOptions) {
    const { node, columns, encoder } = options;
    this.#options = options;
    this.#values = columns.map((column) => entryValue(column, node));
    this.#row = new Array<SqlValue>(columns.length).fill(null);
    this.#isWindowed = node.window !== undefined;
    const { valueContext } = encoder;
    this.#fields = isJsonObject(valueContext) ? jsonFields(valueContext.columns) : undefined;
  }

  /** Undefined for a sink without a key, or whose records have their times from a column. */
  static of(options: EntryOutputOptions): EntryOutput | undefined {
    const { schema, timestamp } = options.encoder.source;
    return timestamp === undefined && keyColumns(schema).length > 0 ? new EntryOutput(options) : undefined;
  }

  write(results: AggregateResults, slot: number, headers: readonly Header[]): boolean {
    const { encoder, writer, isSilent } = this.#options;
    if (isSilent()) return true;
    const { table } = results;
    const key = this.#key;
    key.begin();
    try {
      if (!encoder.writeKey(table.keyOf(slot), key)) return false;
    } catch {
      return false;
    }
    const batch = writer.batchFor(key.bytes, 0, key.position);
    if (this.#isWindowed) writeStart(key, table.startOf(slot));
    batch.begin(table.timeOf(slot), key.bytes, 0, key.position);
    let isWritten = false;
    try {
      isWritten = this.#writeValue(results, slot, batch);
    } catch {
      // Who writes the change meets it again.
    }
    if (isWritten) batch.end(true, headers);
    else batch.drop();
    if (isWritten) this.#written++;
    return isWritten;
  }

  done(): void {
    if (this.#written > 0) this.#options.onWritten(this.#written);
    this.#written = 0;
  }

  #writeValue(results: AggregateResults, slot: number, { writer }: RecordBatchBuilder): boolean {
    const values = this.#values;
    const fields = this.#fields;
    if (fields === undefined) {
      for (let i = 0; i < values.length; i++) this.#row[i] = values[i]!(results, slot);
      return this.#options.encoder.writeValue(this.#row, null, writer);
    }
    for (let i = 0; i < values.length; i++) {
      writer.raw(fields.prefixes[i]!);
      fields.writers[i]!(writer, values[i]!(results, slot) ?? null);
    }
    writer.byte(0x7d);
    return true;
  }
}

/** Keys, results, ROWTIME, and the window's bounds: the row after an aggregate. */
function entryValue(expression: Expression, node: AggregateNode): EntryValue {
  if (expression.kind === 'literal') {
    const { value } = expression;
    return () => value;
  }
  if (expression.kind === 'call') {
    const [argument] = expression.args;
    if (argument?.kind === 'value') return entryValue(argument.expression, node);
  }
  if (expression.kind !== 'column') throw new TypeError(`${expression.text} is not passed on as it is`);
  const { index } = expression;
  const keys = node.grouping.keys.length;
  if (index < keys) return ({ table }, slot) => table.keyOf(slot)[index]!;
  const result = index - keys;
  const count = node.aggregates.length;
  if (result < count) return (results, slot) => results.resultOf(slot, result);
  if (result === count) return ({ table }, slot) => table.timeOf(slot);
  return result === count + 1 ? ({ table }, slot) => table.startOf(slot) : (results, slot) => results.endOf(slot)!;
}
