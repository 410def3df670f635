import path from 'node:path';
import { AnalysisError } from '../../../language/analysis/analysis-error.ts';
import { bindType } from '../../../language/analysis/bind-type.ts';
import { bindExpression } from '../../../language/analysis/binder.ts';
import type { DataSource, Metastore } from '../../../language/analysis/metastore.ts';
import type { Scope } from '../../../language/analysis/scope.ts';
import { FUNCTIONS } from '../../../language/functions/index.ts';
import type { AssertNullValues, AssertSource, AssertValues, Statement } from '../../../language/generated/ast.ts';
import { type ParsedStatement, parseScript } from '../../../language/index.ts';
import { coercerFor } from '../../../language/types/coerce.ts';
import { equalsFor } from '../../../language/types/compare.ts';
import { rowLayout } from '../../../language/types/schema.ts';
import { BIGINT, type SqlType, type SqlValue, sameType, typeToString } from '../../../language/types/sql-type.ts';
import { MemoryBroker } from '../../broker/memory-broker.ts';
import { compileExpression } from '../../compile/expression.ts';
import { asEngineError } from '../../errors.ts';
import { Engine } from '../../index.ts';
import type { Change } from '../../operators/operator.ts';
import { QueryProcessingLog } from '../../runtime/processing-log.ts';
import { RecordReader } from '../../runtime/record-reader.ts';
import { QueryProperties } from '../../runtime/session-properties.ts';
import { MemoryRegistry } from '../../serde/memory-registry.ts';
import { LineIndex } from '../line-index.ts';
import { ExpectationError, failed, type Outcome, passed } from './verdict.ts';

/** A test of a file: what comes between two `--@test` lines. */
interface SqlTest {
  readonly name: string;
  readonly statements: readonly ParsedStatement[];
  readonly expectedError: string | undefined;
  readonly expectedMessage: string | undefined;
}

/** The tests of a file in the test dialect; connectors may read what lies in its folder. */
export function runSqlTests(file: string, text: string, functions?: Metastore['functions']) {
  const lines = new LineIndex(text);
  return testsOf(text).map((test) => ({
    file,
    name: test.name,
    fullName: `${file} - ${test.name}`,
    format: null,
    kind: 'test' as const,
    run: () => runTest(test, file, functions, lines),
  }));
}

function testsOf(text: string): SqlTest[] {
  const parsed = parseScript(text, { dialect: 'latest', testStatements: true });
  const tests: {
    name: string;
    statements: ParsedStatement[];
    expectedError: string | undefined;
    expectedMessage: string | undefined;
  }[] = [];
  for (const statement of parsed.statements) {
    for (const { name, text: content } of statement.directives) {
      if (name === 'test')
        tests.push({ name: content, statements: [], expectedError: undefined, expectedMessage: undefined });
      else if (name === 'expected.error') tests.at(-1)!.expectedError = content;
      else if (name === 'expected.message') tests.at(-1)!.expectedMessage = content;
    }
    tests.at(-1)?.statements.push(statement);
  }
  return tests;
}

async function runTest(
  test: SqlTest,
  file: string,
  functions: Metastore['functions'],
  lines: LineIndex,
): Promise<Outcome> {
  const registry = new MemoryRegistry('NONE');
  const engine = await Engine.open({
    broker: new MemoryBroker(),
    registry,
    properties: new Map([['auto.offset.reset', 'earliest']]),
    drive: 'manual',
    folders: () => [path.dirname(path.resolve(file))],
    ...(functions === undefined ? {} : { functions }),
  });
  const runner = new SqlTestRunner(engine, registry);
  const expectsError = test.expectedError !== undefined || test.expectedMessage !== undefined;
  let current = test.statements[0];
  try {
    for (const statement of test.statements) {
      current = statement;
      await runner.execute(statement);
    }
  } catch (error) {
    const message = error instanceof ExpectationError ? error.message : asEngineError(error).message;
    if (expectsError && (test.expectedMessage === undefined || message.includes(test.expectedMessage))) return passed;
    const difference = error instanceof ExpectationError ? error.difference : undefined;
    return failed(message, current && lines.position(current.range.start).line, difference);
  } finally {
    await engine.close();
  }
  return expectsError
    ? failed(`Did not get expected exception of type ${test.expectedError} with message ${test.expectedMessage}`)
    : passed;
}

/** A column of a record with what was expected of it. */
interface Compared {
  readonly name: string;
  readonly type: SqlType;
  readonly expected: SqlValue;
  readonly actual: SqlValue;
}

/** @throws ExpectationError that names the first column that differs, with all that were compared side by side */
function requireEqual(compared: readonly Compared[]): void {
  const different = compared.find(({ type, expected, actual }) => !equalsFor(type)(expected, actual));
  if (different === undefined) return;
  const { name, expected, actual } = different;
  const lines = (side: 'expected' | 'actual') =>
    compared.map((column) => `${column.name}: ${String(column[side])}`).join('\n');
  throw new ExpectationError(
    `Expected record does not match actual.\n\t${name}: expected ${String(expected)}, but was ${String(actual)}`,
    { expected: lines('expected'), actual: lines('actual') },
  );
}

class SqlTestRunner {
  readonly #engine: Engine;
  readonly #registry: MemoryRegistry;
  /** How far each topic has been read by assertions, and how far queries were fed with it. */
  readonly #asserted = new Map<string, number>();
  readonly #fed = new Map<string, number>();

  constructor(engine: Engine, registry: MemoryRegistry) {
    this.#registry = registry;
    this.#engine = engine;
  }

  async execute(statement: ParsedStatement): Promise<void> {
    const problem = statement.diagnostics[0];
    if (problem !== undefined) throw new ExpectationError(problem.message);
    const node = statement.node!;
    switch (node.$type) {
      case 'AssertValues':
        return this.#assertValues(node);
      case 'AssertNullValues':
        return this.#assertTombstone(node);
      case 'AssertSource':
        return this.#assertSource(node);
      default:
        await this.#run(node, statement.text);
    }
  }

  async #run(node: Statement, text: string): Promise<void> {
    await this.#createTopic(node);
    await this.#engine.execute(text);
    for (let moved = true; moved; ) moved = await this.#feed();
  }

  /** Topics of CREATE statements are made as needed, with one partition unless they say otherwise. */
  async #createTopic(node: Statement): Promise<void> {
    if (node.$type !== 'CreateSource') return;
    const literal = node.properties?.entries.find((entry) => entry.name.toUpperCase() === 'KAFKA_TOPIC')?.value;
    const name = literal !== undefined && 'value' in literal ? String(literal.value) : undefined;
    const partitions = node.properties?.entries.some((entry) => entry.name.toUpperCase() === 'PARTITIONS');
    if (name === undefined || partitions || (await this.#engine.broker.describeTopic(name)) !== undefined) return;
    await this.#engine.broker.createTopic({ name, partitions: 1, replicas: 1 });
  }

  /** Gives every query the records it has not seen. @returns whether there were any */
  async #feed(): Promise<boolean> {
    let moved = false;
    for (const query of this.#engine.queries.all()) {
      for (const topic of new Set(query.pipeline.inputs.map(({ source }) => source.topic))) {
        for (const { partition, latest } of await this.#engine.broker.offsets(topic)) {
          const key = `${query.id}/${topic}/${partition}`;
          const from = this.#fed.get(key) ?? 0;
          if (from >= latest) continue;
          const { batches } = await this.#engine.broker.read(
            { topic, partition, offset: from },
            Number.MAX_SAFE_INTEGER,
          );
          this.#fed.set(key, latest);
          await query.task.process(topic, partition, batches, from);
          moved = true;
        }
      }
    }
    return moved;
  }

  async #nextRecord(name: string): Promise<{ readonly source: DataSource; readonly change: Change }> {
    const source = this.#engine.metastore.sources.get(name);
    if (source === undefined) throw new ExpectationError(`${name} does not exist.`);
    const log = new QueryProcessingLog(this.#engine.processingLog, 'assert');
    const layout = rowLayout(source.schema, source.window !== undefined);
    const reader = await RecordReader.create({
      source: { ...source, kind: 'STREAM' },
      layout,
      step: 'assert',
      registry: this.#registry,
      properties: new QueryProperties(new Map(), new Map()),
      log,
    });
    const at = this.#asserted.get(source.topic) ?? 0;
    const { batches } = await this.#engine.broker.read(
      { topic: source.topic, partition: 0, offset: at },
      Number.MAX_SAFE_INTEGER,
    );
    for (const batch of batches) {
      const cursor = batch.records();
      while (cursor.next()) {
        if (cursor.offset < at) continue;
        this.#asserted.set(source.topic, cursor.offset + 1);
        const change = reader.read(cursor, 0);
        if (change !== undefined) return { source, change };
      }
    }
    throw new ExpectationError('Expected another record, but all records have already been read.');
  }

  async #assertValues(node: AssertValues): Promise<void> {
    const { source, change } = await this.#nextRecord(node.source);
    const layout = rowLayout(source.schema, source.window !== undefined);
    if (change.after === null) throw new ExpectationError('Expected record does not match actual: it is a tombstone.');
    const compared = node.columns.map((name, i): Compared => {
      const slot = layout.findIndex((candidate) => candidate.name === name);
      if (slot < 0) throw new ExpectationError(`Column ${name} does not exist in ${source.name}.`);
      const type = name === 'ROWTIME' ? BIGINT : layout[slot]!.type;
      const actual = name === 'ROWTIME' ? change.timeMs : change.after![slot]!;
      return { name, type, actual, expected: constantOf(node.values[i]!, type) };
    });
    requireEqual(compared);
  }

  async #assertTombstone(node: AssertNullValues): Promise<void> {
    const { source, change } = await this.#nextRecord(node.source);
    const keys = source.schema.columns.filter(({ namespace }) => namespace === 'key');
    const unexpected = node.columns.find((name) => !keys.some((key) => key.name === name));
    if (unexpected !== undefined)
      throw new ExpectationError('Unexpected value columns specified in ASSERT NULL VALUES.');
    if (change.after !== null) throw new ExpectationError('Expected record does not match actual: it is no tombstone.');
    const compared = node.columns.map((name, i): Compared => {
      const index = keys.findIndex((key) => key.name === name);
      const { type } = keys[index]!;
      return { name, type, actual: change.key?.[index] ?? null, expected: constantOf(node.values[i]!, type) };
    });
    requireEqual(compared);
  }

  #assertSource(node: AssertSource): void {
    const source = this.#engine.metastore.sources.get(node.name);
    if (source === undefined) throw new ExpectationError(`${node.name} does not exist`);
    const mismatch = (what: string, expected: string, actual: string) =>
      new ExpectationError(
        `Expected ${what} does not match actual for source ${source.name}.\n\tExpected: ${expected}\n\tActual: ${actual}`,
        { expected, actual },
      );
    if (node.kind !== source.kind) throw mismatch('type', node.kind, source.kind);
    const columns = node.elements.map(({ name, type, constraint }) => ({
      name,
      type: bindType(type, new Map()),
      key: constraint?.$type === 'KeyConstraint',
    }));
    const same =
      columns.length === source.schema.columns.length &&
      columns.every((column, i) => {
        const actual = source.schema.columns[i]!;
        return (
          column.name === actual.name &&
          sameType(column.type, actual.type) &&
          column.key === (actual.namespace === 'key')
        );
      });
    if (!same) {
      const print = (list: readonly { readonly name: string; readonly type: SqlType }[]) =>
        list.map(({ name, type }) => `${name} ${typeToString(type)}`).join(', ');
      throw mismatch('schema', print(columns), print(source.schema.columns));
    }
    for (const { name, value } of node.properties?.entries ?? []) {
      const expected = 'value' in value ? String(value.value) : 'NULL';
      const actual = {
        KAFKA_TOPIC: source.topic,
        KEY_FORMAT: source.keyFormat.name,
        VALUE_FORMAT: source.valueFormat.name,
        TIMESTAMP: source.timestamp?.column,
        TIMESTAMP_FORMAT: source.timestamp?.format,
      }[name.toUpperCase()];
      const known = ['KAFKA_TOPIC', 'KEY_FORMAT', 'VALUE_FORMAT', 'TIMESTAMP', 'TIMESTAMP_FORMAT'].includes(
        name.toUpperCase(),
      );
      if (known && expected.toUpperCase() !== String(actual).toUpperCase())
        throw mismatch(name.toLowerCase(), expected, String(actual));
    }
  }
}

const NO_COLUMNS: Scope = {
  resolve(name) {
    throw new AnalysisError('column-in-values', `Unsupported column reference in assert value: ${name}`);
  },
  hasColumn: () => false,
  rowtime() {
    throw new AnalysisError('column-in-values', 'Unsupported column reference in assert value: ROWTIME');
  },
};

function constantOf(node: Parameters<typeof bindExpression>[0], type: SqlType): SqlValue {
  const functions = { get: (name: string) => FUNCTIONS.get(name), names: () => FUNCTIONS.keys() };
  const expression = bindExpression(node, NO_COLUMNS, { functions, types: new Map() });
  const value = compileExpression(expression, (cause) => {
    throw cause;
  })([]);
  if (value === null) return null;
  const coerce = coercerFor(expression.type, type, 'STRICT');
  if (coerce === undefined)
    throw new ExpectationError(`Expected type ${typeToString(type)} but got ${typeToString(expression.type)}`);
  return coerce(value);
}
