import { analyzeStatement, EMPTY_METASTORE, parseScript } from '../../language/index.ts';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { keyColumns, type Slot, valueColumns } from '../../language/types/schema.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { badRequest } from '../api/errors.ts';
import type { RecordCursor } from '../broker/record-batch.ts';
import { compilePredicate } from '../compile/expression.ts';
import type { Row } from '../operators/operator.ts';
import { type Decoder, SchemaNotLoadedError, type SerdeColumn } from '../serde/encoding/serde.ts';
import { FORMATS } from '../serde/formats.ts';
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
  readonly #layout: readonly Slot[];
  readonly #holds: (row: Row) => boolean;
  readonly #keys: Decoder;
  readonly #values: Decoder;
  readonly #place: Readonly<Record<Slot['role'], number>>;
  readonly #headers: readonly { readonly slot: number; readonly key: string | undefined }[];
  readonly #keyWidth: number;

  private constructor(source: DataSource, query: AnalyzedQuery, keys: Decoder, values: Decoder) {
    this.#source = source;
    this.#layout = query.relation.layout;
    this.#holds = compilePredicate(query.where!, () => undefined);
    this.#keys = keys;
    this.#values = values;
    const placeOf = (role: Slot['role']) => this.#layout.findIndex((slot) => slot.role === role);
    this.#place = {
      value: placeOf('value'),
      header: placeOf('header'),
      rowtime: placeOf('rowtime'),
      rowpartition: placeOf('rowpartition'),
      rowoffset: placeOf('rowoffset'),
      key: placeOf('key'),
      windowstart: placeOf('windowstart'),
      windowend: placeOf('windowend'),
    };
    this.#headers = this.#layout.flatMap(({ role, headerKey }, slot) =>
      role === 'header' ? [{ slot, key: headerKey }] : [],
    );
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
    const { layout } = query.relation;
    const context = { topic: source.topic, sourceName: source.name, ...(registry && { registry }) };
    const columns: SerdeColumn[] = valueColumns(source.schema).map(({ name, type }) => ({
      name,
      type,
      slot: layout.findIndex((slot) => slot.role === 'value' && slot.name === name),
      needed: true,
    }));
    const keys: SerdeColumn[] = keyColumns(source.schema).map(({ name, type }, slot) => ({
      name,
      type,
      slot,
      needed: true,
    }));
    const [keyDecoder, valueDecoder] = await Promise.all([
      FORMATS[source.keyFormat.name].createDecoder({
        ...context,
        isKey: true,
        format: source.keyFormat,
        columns: keys,
      }),
      FORMATS[source.valueFormat.name].createDecoder({
        ...context,
        isKey: false,
        format: source.valueFormat,
        columns,
      }),
    ]);
    return new TopicCondition(source, query, keyDecoder, valueDecoder);
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
    const { bytes, keyStart, valueStart } = cursor;
    const row = new Array<SqlValue>(this.#layout.length).fill(null);
    if (valueStart >= 0) this.#values.decode(bytes, valueStart, cursor.valueEnd, row);
    const { window } = this.#source;
    const layout = window && windowLayout(window.type);
    const keyEnd = cursor.keyEnd - (layout === undefined || keyStart < 0 ? 0 : windowBytes(layout));
    if (keyStart >= 0 && this.#keyWidth > 0) {
      const key: SqlValue[] = [];
      if (this.#keys.decode(bytes, keyStart, keyEnd, key))
        for (let i = 0; i < this.#keyWidth; i++) row[this.#place.key + i] = key[i] ?? null;
    }
    if (layout !== undefined && keyStart >= 0) {
      const { startMs, endMs } = readWindow(bytes, keyStart, cursor.keyEnd, layout, window?.sizeMs ?? 0);
      row[this.#place.windowstart] = startMs;
      row[this.#place.windowend] = endMs;
    }
    row[this.#place.rowtime] = cursor.timeMs;
    row[this.#place.rowpartition] = partition;
    row[this.#place.rowoffset] = cursor.offset;
    for (const { slot, key } of this.#headers) row[slot] = headerValue(key, cursor.headers);
    return row;
  }
}

/** All headers as structs, or the value of the last one of a name. */
const headerValue = (key: string | undefined, headers: RecordCursor['headers']): SqlValue =>
  key === undefined
    ? headers.map((header) => [header.key, header.value])
    : (headers.findLast((header) => header.key === key)?.value ?? null);

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
