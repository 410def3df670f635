import type { CreateSource, Query } from '../../../language/generated/ast.ts';
import { hasRole, type ParsedStatement, parseScript } from '../../../language/index.ts';
import type { DataSource, Metastore } from '../../../language/metastore/metastore.ts';
import { identifierText } from '../../../language/text/identifier-text.ts';
import { type Column, rowLayout } from '../../../language/types/schema.ts';
import type { SqlValue } from '../../../language/types/sql-type.ts';
import { asEngineError } from '../../api/errors.ts';
import { RecordBatchBuilder } from '../../broker/record-batch.ts';
import type { FixtureRecord } from '../../fixtures/fixture-line.ts';
import { type Fixture, withRegistered } from '../../fixtures/replay-fixture.ts';
import type { Engine } from '../../index.ts';
import type { Change } from '../../operators/operator.ts';
import { QueryProcessingLog } from '../../runtime/monitoring/processing-log.ts';
import { RecordReader } from '../../runtime/records/record-reader.ts';
import { QueryProperties } from '../../runtime/session/session-properties.ts';
import type { MemoryRegistry } from '../../serde/schemas/memory-registry.ts';
import { SqlTestRunner } from '../sql-tests.ts';
import { TestEngines } from '../test-engines.ts';
import { valueLiteral } from './value-literal.ts';

export interface RecordingOptions {
  /** What the test is called. */
  readonly name: string;
  /** Where the script stands, whose connectors may read what lies beside it. */
  readonly file: string;
  readonly functions?: Metastore['functions'];
}

/** How a query of the script that writes nowhere is called in the test. */
const RESULT = 'RESULT';

/**
 * The text of a test: the script's definitions, an INSERT for each record of its sources, and an ASSERT for each row
 * that its queries give for them. A SELECT becomes a stream or table of its own.
 * @throws EngineError when the script cannot be run
 */
export async function recordTest(script: string, fixture: Fixture, options: RecordingOptions): Promise<string> {
  const engines = new TestEngines(
    options.file,
    options.functions === undefined ? {} : { functions: options.functions },
  );
  try {
    const engine = await engines.open();
    const records = await withRegistered(fixture, ({ subject, type, schema }) =>
      engines.registry.register(subject, { type, schema }),
    );
    const runner = new SqlTestRunner(engine, engines.registry, options.file);
    const recorder = new TestRecorder(engine, engines.registry, runner);
    for (const statement of parseScript(script, { dialect: 'latest' }).statements) await recorder.define(statement);
    const inserts = await recorder.inserts(records);
    const asserts = await recorder.asserts();
    const parts = [recorder.definitions, inserts, asserts].filter((lines) => lines.length > 0);
    return `--@test: ${options.name}\n${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
  } finally {
    await engines.close();
  }
}

class TestRecorder {
  readonly definitions: string[] = [];
  readonly #engine: Engine;
  readonly #registry: MemoryRegistry;
  readonly #runner: SqlTestRunner;
  /** Sources that records go into, by their topics, and those that queries write. */
  readonly #inputs = new Map<string, DataSource>();
  readonly #sinks = new Set<string>();
  /** What stands for queries that write nowhere: what comes before them is then not asserted. */
  readonly #results = new Set<string>();

  constructor(engine: Engine, registry: MemoryRegistry, runner: SqlTestRunner) {
    this.#engine = engine;
    this.#registry = registry;
    this.#runner = runner;
  }

  /** Takes over what makes something; a query becomes a source. What only looks, or inserts, is left out. */
  async define(statement: ParsedStatement): Promise<void> {
    const { node } = statement;
    if (node?.$type === 'Query') return this.#defineQuery(statement, node);
    if (
      node === undefined || hasRole(node, 'insert')
        ? node?.$type !== 'InsertSelect'
        : !hasRole(node, 'definition', 'session')
    )
      return;
    await this.#execute(statement.text);
    const { sources } = this.#engine.metastore;
    if (node?.$type === 'CreateSource') {
      const source = sources.get(node.name);
      if (source !== undefined) this.#inputs.set(source.topic, source);
      // Columns that only a registry knows are written out.
      if (source !== undefined && isWithoutColumns(node, source))
        this.definitions[this.definitions.length - 1] = `${source.statementText}`;
    } else if (node?.$type === 'CreateAs') this.#sinks.add(node.name);
    else if (node?.$type === 'InsertSelect') this.#sinks.add(node.target);
  }

  async #defineQuery(statement: ParsedStatement, { emit }: Query): Promise<void> {
    // A pull query looks into what others have made.
    if (emit === undefined) return;
    const count = this.#results.size;
    const name = count === 0 ? RESULT : `${RESULT}_${count + 1}`;
    const select = statement.text
      .replace(/;\s*$/, '')
      .replace(/\bLIMIT\s+\d+\s*$/i, '')
      .trim();
    for (const kind of ['STREAM', 'TABLE']) {
      try {
        await this.#execute(`CREATE ${kind} ${name} AS ${select};`);
        this.#results.add(name);
        return;
      } catch (error) {
        const { message } = asEngineError(error);
        // No query may write what a table with windows gives: what writes the table is tested in its place.
        if (/windowed tables/.test(message) && this.#sinks.size > 0) return;
        if (kind === 'TABLE' || !/TABLE/.test(message)) throw error;
      }
    }
  }

  async #execute(text: string): Promise<void> {
    const [statement] = parseScript(text, { dialect: 'latest', testStatements: true }).statements;
    await this.#runner.execute(statement!);
    this.definitions.push(text.trim());
  }

  /** The INSERT of each record, executed. */
  async inserts(records: readonly FixtureRecord[]): Promise<readonly string[]> {
    const lines: string[] = [];
    const readers = new Map<string, RecordReader>();
    for (const record of records) {
      const source = this.#inputs.get(record.topic);
      if (source === undefined) continue;
      const reader = readers.get(record.topic) ?? (await this.#readerOf(source));
      readers.set(record.topic, reader);
      const change = read(reader, record);
      if (change === undefined || change.after === null) {
        lines.push(
          `-- Left out, ${change === undefined ? 'as it cannot be read' : 'as INSERT writes no tombstone'}: offset ${record.offset ?? '?'} of ${record.topic}.`,
        );
        continue;
      }
      const text = `INSERT INTO ${identifierText(source.name)} ${valuesText(source, change, true)};`;
      await this.#runner.execute(parseScript(text, { dialect: 'latest', testStatements: true }).statements[0]!);
      lines.push(text);
    }
    return lines;
  }

  #readerOf(source: DataSource): Promise<RecordReader> {
    return RecordReader.create({
      source: { ...source, kind: 'STREAM' },
      layout: rowLayout(source.schema, source.window !== undefined),
      step: 'recording',
      registry: this.#registry,
      properties: new QueryProperties(new Map(), new Map()),
      log: new QueryProcessingLog(this.#engine.processingLog, 'recording'),
    });
  }

  /** The ASSERT of each record that the queries have written. */
  async asserts(): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const name of this.#results.size > 0 ? this.#results : this.#sinks) {
      for (let next = await this.#runner.next(name); next !== undefined; next = await this.#runner.next(name)) {
        const { source, change } = next;
        lines.push(
          change.after === null
            ? `ASSERT NULL VALUES ${identifierText(name)} ${keyText(source, change)};`
            : `ASSERT VALUES ${identifierText(name)} ${valuesText(source, change, false)};`,
        );
      }
    }
    return lines;
  }
}

const isWithoutColumns = ({ elements }: CreateSource, { schema }: DataSource): boolean =>
  elements.length < schema.columns.length;

/** The record as a change of its source; undefined where it cannot be read. */
function read(reader: RecordReader, { key, value, timestampMs = 0, headers }: FixtureRecord): Change | undefined {
  const builder = new RecordBatchBuilder();
  builder.append(key, value, timestampMs, headers);
  const cursor = builder.build().records();
  cursor.next();
  return reader.read(cursor, 0);
}

/** The columns that statements may name, with their values. */
function valuesText(source: DataSource, change: Change, withTime: boolean): string {
  const layout = rowLayout(source.schema, source.window !== undefined);
  const named = source.schema.columns.filter(({ namespace }) => namespace === 'key' || namespace === 'value');
  const columns = named.map(({ name, type }) => {
    const slot = layout.findIndex((each) => each.name === name && (each.role === 'key' || each.role === 'value'));
    return { name: identifierText(name), literal: valueLiteral(change.after![slot]!, type) };
  });
  if (change.window !== undefined) {
    columns.push({ name: 'WINDOWSTART', literal: String(change.window.startMs) });
    columns.push({ name: 'WINDOWEND', literal: String(change.window.endMs) });
  }
  if (withTime) columns.push({ name: 'ROWTIME', literal: String(change.timeMs) });
  return `(${columns.map(({ name }) => name).join(', ')}) VALUES (${columns.map(({ literal }) => literal).join(', ')})`;
}

function keyText({ schema }: DataSource, { key }: Change): string {
  const keys: readonly Column[] = schema.columns.filter(({ namespace }) => namespace === 'key');
  const values = keys.map(({ type }, i) => valueLiteral((key?.[i] ?? null) as SqlValue, type));
  return `(${keys.map(({ name }) => identifierText(name)).join(', ')}) KEY (${values.join(', ')})`;
}
