import type { InsertValues } from '../../language/generated/ast.ts';
import type { DataSource } from '../../language/metastore/metastore.ts';
import type { AnalyzedInsertValues } from '../../language/query/analyzed.ts';
import { coerceJson, identifierName } from '../../language/types/coerce.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';
import { keyColumns, valueColumns } from '../../language/types/schema.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import { badRequest, badStatement, EngineError, ERROR_CODE } from '../api/errors.ts';
import type { JsonValue } from '../api/protocol.ts';
import type { TopicDescription } from '../broker/broker.ts';
import { RecordBatchBuilder } from '../broker/record-batch.ts';
import { compileExpression } from '../compile/expression.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import { Partitioner, RowEncoder } from '../runtime/records/row-encoder.ts';
import { isReadOnlyTopic } from './preparation/sink-topics.ts';
import type { StatementHandler } from './preparation/statement-handler.ts';

/** Writes single rows to the topic of a source. */
export class RowInserter {
  readonly #source: DataSource;
  readonly #encoder: RowEncoder;
  readonly #partitioner: Partitioner;
  readonly #isCompacted: boolean;
  readonly #services: EngineServices;

  private constructor(
    source: DataSource,
    encoder: RowEncoder,
    topic: TopicDescription | undefined,
    services: EngineServices,
  ) {
    this.#source = source;
    this.#encoder = encoder;
    this.#partitioner = new Partitioner(topic?.partitions ?? 1);
    this.#isCompacted = topic?.config['cleanup.policy']?.includes('compact') ?? false;
    this.#services = services;
  }

  static async open(source: DataSource, services: EngineServices): Promise<RowInserter> {
    const encoder = await RowEncoder.create(source, services.registry, services.queryProperties(new Map()));
    const topic = await services.broker.describeTopic(source.topic);
    return new RowInserter(source, encoder, topic, services);
  }

  /**
   * Writes a row given as JSON: names ignore case unless they are quoted; what is missing is NULL. @throws EngineError
   */
  async insert(row: Record<string, JsonValue>): Promise<void> {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw badRequest('Invalid JSON in inserts stream');
    const given = new Map(Object.entries(row).map(([name, value]) => [identifierName(name), value]));
    for (const { name } of keyColumns(this.#source.schema))
      if ((given.get(name) ?? null) === null) throw badRequest(`Key field must be specified: ${name}`);
    const values = new Map<string, SqlValue>();
    for (const { name, type } of this.#source.schema.columns) {
      try {
        values.set(name, coerceJson(given.get(name) ?? null, type));
      } catch (error) {
        throw badRequest((error as Error).message);
      }
    }
    await this.write(values, this.#services.clock.nowMs());
  }

  /**
   * Appends one record; columns without a value are NULL.
   * @throws EvaluationError where the topic is compacted, as that of a table is, and there is no key: Kafka refuses it.
   */
  async write(values: ReadonlyMap<string, SqlValue>, timeMs: number): Promise<void> {
    const { schema } = this.#source;
    const rowOf = (columns: readonly { readonly name: string }[]) =>
      columns.map(({ name }) => values.get(name) ?? null);
    const keys = rowOf(keyColumns(schema));
    // A key of several columns is never nothing: it holds a NULL for each.
    const key = keys.length === 0 || (keys.length === 1 && keys[0] === null) ? null : this.#encoder.encodeKey(keys);
    const partition = this.#partitioner.partition(key);
    if (key === null && this.#isCompacted) {
      const place = `${this.#source.topic}-${partition}`;
      throw new EvaluationError(`Compacted topic cannot accept message without key in topic partition ${place}`);
    }
    const value = this.#encoder.encodeValue(rowOf(valueColumns(schema)));
    const builder = new RecordBatchBuilder();
    builder.append(key, value, timeMs);
    await this.#services.broker.append(this.#source.topic, partition, [builder.build()]);
    this.#partitioner.nextBatch();
  }
}

/** The source that rows can be inserted into over REST. @throws EngineError */
export async function openInserter(target: string, services: EngineServices): Promise<RowInserter> {
  const name = identifierName(target);
  const source = services.metastore.sources.get(name);
  if (source === undefined)
    throw new EngineError(ERROR_CODE.badStatement, `Cannot insert values into an unknown stream/table: \`${name}\``);
  if (services.setting('ksql.insert.into.values.enabled') === 'false')
    throw badRequest('The server has disabled INSERT INTO ... VALUES functionality.');
  if (source.window !== undefined) throw badRequest('Cannot insert values into windowed stream/table!');
  if (source.readOnly) throw badRequest(`Cannot insert values into read-only ${source.kind.toLowerCase()}: ${name}`);
  if (isReadOnlyTopic(source.topic, services))
    throw badRequest(`Cannot insert values into read-only topic: ${source.topic}`);
  return RowInserter.open(source, services);
}

export const insertValues: StatementHandler<InsertValues> = {
  validate(statement, { services }) {
    const { topic } = (statement.analyzed as AnalyzedInsertValues).target;
    if (isReadOnlyTopic(topic, services)) throw badRequest(`Cannot insert values into read-only topic: ${topic}`);
  },
  async execute(statement, { services }) {
    const { target, values, statementText } = statement.analyzed as AnalyzedInsertValues;
    const source = services.metastore.sources.get(target.name) ?? target;
    const failed = (reason: string) =>
      badStatement(`Failed to insert values into '${target.name}'. ${reason}`, statementText);
    const row = new Map<string, SqlValue>();
    for (const { column, expression, coerce, mismatchOf } of values) {
      const value = compileExpression(expression, (cause) => {
        throw failed((cause as Error).message);
      })([]);
      try {
        row.set(column, value === null ? null : coerce(value));
      } catch {
        throw failed(mismatchOf(value));
      }
    }
    const rowtime = row.get('ROWTIME');
    const timeMs = rowtime === undefined ? services.clock.nowMs() : Number(rowtime);
    if (rowtime === null || timeMs < 0) {
      throw failed(`Invalid timestamp: ${rowtime}. Timestamp should always be non-negative`);
    }
    row.delete('ROWTIME');
    const inserter = await RowInserter.open(source, services);
    try {
      await inserter.write(row, timeMs);
    } catch (error) {
      throw error instanceof EvaluationError ? failed(error.message) : error;
    }
    return undefined;
  },
};
