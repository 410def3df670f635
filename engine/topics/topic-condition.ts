import { analyzeStatement, EMPTY_METASTORE, parseScript } from '../../language/index.ts';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { keyColumns } from '../../language/types/schema.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { badRequest } from '../api/errors.ts';
import type { RecordCursor } from '../broker/record-batch.ts';
import { compilePredicate } from '../compile/expression.ts';
import type { Row } from '../operators/operator.ts';
import { recordDecoders } from '../runtime/records/record-decoders.ts';
import { RowSlots } from '../runtime/records/row-slots.ts';
import { type Decoder, SchemaNotLoadedError } from '../serde/encoding/serde.ts';
import type { SchemaRegistry } from '../serde/registry/schema-registry.ts';
import { readWindow, windowBytes, windowLayout } from '../serde/windowed-key.ts';

/**
 * A condition in KSQL over the records of a topic. A record that the columns cannot be read from matches nothing, and
 * is counted.
 */
export class TopicCondition {
  /** Records whose key or value could not be read. */
  unreadable = 0;
  readonly #source: DataSource;
  readonly #width: number;
  readonly #holds: (row: Row) => boolean;
  readonly #keys: Decoder;
  readonly #values: Decoder;
  readonly #slots: RowSlots;
  readonly #keyWidth: number;

  private constructor(source: DataSource, query: AnalyzedQuery, keys: Decoder, values: Decoder) {
    const { layout } = query.relation;
    this.#source = source;
    this.#width = layout.length;
    this.#holds = compilePredicate(query.where!, () => undefined);
    this.#keys = keys;
    this.#values = values;
    this.#slots = new RowSlots(layout);
    this.#keyWidth = keyColumns(source.schema).length;
  }

  /**
   * @param text what could stand behind WHERE
   * @throws EngineError that says what is wrong with it
   */
  static async create(
    text: string,
    source: DataSource,
    { metastore, registry }: { readonly metastore: Metastore; readonly registry?: SchemaRegistry | undefined },
  ): Promise<TopicCondition> {
    const query = analyzed(text, source, metastore);
    const { key, value } = await recordDecoders({ source, layout: query.relation.layout, registry });
    return new TopicCondition(source, query, key, value);
  }

  /** @throws SchemaNotLoadedError when the record can be read only after its schema was fetched */
  matches(cursor: RecordCursor, partition: number): boolean {
    try {
      return this.#holds(this.#row(cursor, partition));
    } catch (error) {
      if (error instanceof SchemaNotLoadedError) throw error;
      this.unreadable++;
      return false;
    }
  }

  #row(cursor: RecordCursor, partition: number): Row {
    const { bytes, keyStart, keyEnd, valueStart, headers } = cursor;
    const row = new Array<SqlValue>(this.#width).fill(null);
    if (valueStart >= 0) this.#values.decode(bytes, valueStart, cursor.valueEnd, row);
    const windowed = keyStart < 0 ? undefined : this.#source.window;
    const layout = windowed && windowLayout(windowed.type);
    const key = this.#key(cursor, layout === undefined ? keyEnd : keyEnd - windowBytes(layout));
    const window = layout && readWindow(bytes, keyStart, keyEnd, layout, windowed?.sizeMs ?? 0);
    this.#slots.fill(row, key, cursor.timeMs, partition, cursor.offset, window, headers);
    return row;
  }

  #key({ bytes, keyStart }: RecordCursor, end: number): Row | null {
    if (keyStart < 0 || this.#keyWidth === 0) return null;
    const key = new Array<SqlValue>(this.#keyWidth).fill(null);
    return this.#keys.decode(bytes, keyStart, end, key) ? key : null;
  }
}

/** The query whose WHERE the text is. @throws EngineError */
function analyzed(text: string, source: DataSource, { functions, types }: Metastore): AnalyzedQuery {
  const before = `SELECT * FROM ${identifierText(source.name)} WHERE (`;
  const [statement, ...more] = parseScript(`${before}${text}\n) EMIT CHANGES;`, { dialect: 'latest' }).statements;
  const metastore: Metastore = {
    ...EMPTY_METASTORE,
    types,
    sources: new Map([[source.name, source]]),
    ...(functions && { functions }),
  };
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: true } as const;
  const { analyzed: meaning, diagnostics } = analyzeStatement(statement!, metastore, settings);
  const problem = diagnostics.find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw badRequest(problem.message);
  const query = meaning?.kind === 'select' ? meaning.query : undefined;
  // A text may end the parentheses itself and go on with other clauses.
  if (query?.where === undefined || query.grouping !== undefined || query.partitionBy !== undefined || more.length > 0)
    throw badRequest("This is no condition. Write what could stand behind WHERE, such as ITEM = 'apple'.");
  return query;
}
