import { statSync } from 'node:fs';
import path from 'node:path';
import type { AssertNullValues, AssertValues, Statement } from '../../language/generated/ast.ts';
import { hasRole, type ParsedStatement, parseScript } from '../../language/index.ts';
import type { DataSource, Metastore } from '../../language/metastore/metastore.ts';
import { AnalysisError } from '../../language/text/analysis-error.ts';
import { equalsFor } from '../../language/types/compare.ts';
import { rowLayout } from '../../language/types/schema.ts';
import { BIGINT, type SqlType, type SqlValue } from '../../language/types/sql-type.ts';
import { asEngineError } from '../api/errors.ts';
import type { RowsDifference } from '../api/rows-difference.ts';
import type { RecordBatch } from '../broker/record-batch.ts';
import type { Engine } from '../index.ts';
import type { Change } from '../operators/operator.ts';
import { QueryProcessingLog } from '../runtime/monitoring/processing-log.ts';
import { RecordReader } from '../runtime/records/record-reader.ts';
import { QueryProperties } from '../runtime/session/session-properties.ts';
import { LineIndex } from '../script/line-index.ts';
import { readScript } from '../script/script-files.ts';
import { ScriptSession } from '../script/script-session.ts';
import type { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import { assertSource } from './assert-source.ts';
import { assertedColumns, assertedRows, comparedNames, constantOf } from './asserted-rows.ts';
import { hasWords } from './expected-words.ts';
import { readSqlTests, type SqlTest } from './sql-test-file.ts';
import { TestEngines } from './test-engines.ts';
import { type Difference, ExpectationError, failed, type Outcome, passed } from './verdict.ts';

export interface SqlTestOptions {
  /** User-defined functions, by upper-case name. */
  readonly functions?: Metastore['functions'];
  /**
   * The engine is stopped after each statement and opened again on what it has kept: what a test expects must not
   * change.
   */
  readonly restarts?: boolean;
}

/**
 * The tests of a file in the test dialect; connectors and RUN SCRIPT may read what lies in its folder. Statements
 * before the first test fail as a test of their own.
 */
export function runSqlTests(file: string, text: string, options: SqlTestOptions = {}) {
  const lines = new LineIndex(text);
  const { tests, stray } = readSqlTests(text);
  const named = (name: string, run: () => Promise<Outcome>) => ({
    file,
    name,
    fullName: `${file} - ${name}`,
    format: null,
    kind: 'test' as const,
    run,
  });
  // A script without any test is none of ours.
  const strays =
    stray === undefined || tests.length === 0
      ? []
      : [
          named('before the first test', async () =>
            failed('Expected test to start with --@test.', lines.position(stray.range.start).line),
          ),
        ];
  return [...strays, ...tests.map((test) => named(test.name, () => runTest(test, file, options, lines)))];
}

async function runTest(test: SqlTest, file: string, options: SqlTestOptions, lines: LineIndex): Promise<Outcome> {
  if (test.statements.length === 0) return failed('The test has no statements.');
  const engines = new TestEngines(path.resolve(file), options);
  const runner = new SqlTestRunner(await engines.open(), engines.registry, path.resolve(file));
  let current = 0;
  try {
    for (const [i, statement] of test.statements.entries()) {
      current = i;
      await runner.execute(statement);
      if (options.restarts) await runner.goOn(await engines.reopen());
    }
  } catch (error) {
    const outcome = judge(test, error, lines.position(test.statements[current]!.range.start).line);
    if (outcome.verdict !== 'failed' || differenceOf(error) === undefined) return outcome;
    return { ...outcome, rows: await runner.rowsBehind(test.statements, current) };
  } finally {
    await engines.close();
  }
  if (test.expectedError === undefined && test.expectedMessage === undefined) return passed;
  const { expectedError = '<any>', expectedMessage = '<any>' } = test;
  return failed(`Did not get expected exception of type ${expectedError} with message ${expectedMessage}`);
}

const wordsOf = (error: unknown): string =>
  error instanceof ExpectationError ? error.message : asEngineError(error).message;

const differenceOf = (error: unknown): Difference | undefined =>
  error instanceof ExpectationError ? error.difference : undefined;

/**
 * Whether the words of a failure are those that the test expects. Java's classes have no equals here, and are not
 * compared.
 */
function judge({ expectedError, expectedMessage }: SqlTest, error: unknown, line: number): Outcome {
  const message = wordsOf(error);
  if (expectedError === undefined && expectedMessage === undefined) return failed(message, line, differenceOf(error));
  if (expectedMessage === undefined || hasWords(message, expectedMessage)) return passed;
  return failed(`Expected exception with message "${expectedMessage}" but got: ${message}`, line, {
    expected: expectedMessage,
    actual: message,
  });
}

/** A column of a record with what was expected of it. */
interface Compared {
  readonly name: string;
  readonly type: SqlType;
  readonly expected: SqlValue;
  readonly actual: SqlValue;
}

/** @throws ExpectationError that names the first column that differs, with both rows side by side */
function requireEqual(compared: readonly Compared[]): void {
  const different = compared.filter(({ type, expected, actual }) => !equalsFor(type)(expected, actual));
  const [first] = different;
  if (first === undefined) return;
  const { name, expected, actual } = first;
  // What differs comes first, since an editor has room for a few words behind the statement. By the rest the row is
  // known.
  const inOrder = [...different, ...compared.filter((column) => !different.includes(column))];
  const lines = (side: 'expected' | 'actual') =>
    inOrder.map((column) => `${column.name}: ${String(column[side])}`).join('\n');
  throw new ExpectationError(
    `Expected record does not match actual.\n\t${name}: expected ${String(expected)}, but was ${String(actual)}`,
    { expected: lines('expected'), actual: lines('actual') },
  );
}

/** A record of a source, and what it changes. */
interface ReadRecord {
  readonly offset: number;
  readonly change: Change | undefined;
}

function* readRecords(reader: RecordReader, batches: readonly RecordBatch[], from: number): Generator<ReadRecord> {
  for (const batch of batches) {
    const cursor = batch.records();
    while (cursor.next()) if (cursor.offset >= from) yield { offset: cursor.offset, change: reader.read(cursor, 0) };
  }
}

/** Executes the statements of a test, and gives queries what they have not seen after each. */
export class SqlTestRunner {
  #engine: Engine;
  readonly #registry: MemoryRegistry;
  /** How far each topic has been read by assertions, and how far queries were fed with it. */
  readonly #asserted = new Map<string, number>();
  readonly #fed = new Map<string, number>();
  readonly #session = new ScriptSession({});
  /** The test's file, and the scripts that are being run, the innermost last. */
  readonly #files: string[];

  constructor(engine: Engine, registry: MemoryRegistry, file: string) {
    this.#registry = registry;
    this.#engine = engine;
    this.#files = [file];
  }

  /** Another engine has taken over what the one before has kept. */
  async goOn(engine: Engine): Promise<void> {
    this.#engine = engine;
    await this.#feedAll();
  }

  async execute(statement: ParsedStatement): Promise<void> {
    const { node } = statement;
    const usesVariables = statement.text.includes('${');
    const problem = usesVariables ? undefined : statement.diagnostics[0];
    if (problem !== undefined) throw new ExpectationError(problem.message);
    if (!hasRole(node, 'test')) return this.#run(statement);
    switch (node.$type) {
      case 'AssertValues':
        return this.#assertValues(node);
      case 'AssertNullValues':
        return this.#assertTombstone(node);
      case 'AssertSource':
        return assertSource(node, this.#source(node.name), this.#session.properties);
      case 'RunScript':
        return this.#runScript(node.file);
      default:
        return node satisfies never;
    }
  }

  async #run(statement: ParsedStatement): Promise<void> {
    if (statement.node !== undefined) await this.#createTopic(statement.node);
    // The engine refuses settings that there are not; it is the client that keeps the others.
    await this.#engine.execute(statement.text, this.#session.options());
    if (this.#session.take(statement)) return;
    await this.#feedAll();
  }

  async #feedAll(): Promise<void> {
    for (let moved = true; moved; ) moved = await this.#feed();
  }

  /** The statements of a script, as if they stood here. */
  async #runScript(name: string): Promise<void> {
    const file = findScript(name, path.dirname(this.#files.at(-1)!));
    if (file === undefined) throw new ExpectationError(`Failed to read file: ${name}. There is no such file.`);
    if (this.#files.includes(file)) throw new ExpectationError(`The script ${name} runs itself.`);
    this.#files.push(file);
    const text = readScript(file);
    const lines = new LineIndex(text);
    for (const statement of parseScript(text, { dialect: 'latest', testStatements: true }).statements) {
      try {
        await this.execute(statement);
      } catch (error) {
        throw new ExpectationError(
          `${name}:${lines.position(statement.range.start).line}: ${wordsOf(error)}`,
          differenceOf(error),
        );
      }
    }
    this.#files.pop();
  }

  #source(name: string): DataSource {
    const source = this.#engine.metastore.sources.get(name);
    if (source === undefined) throw new ExpectationError(`${name} does not exist.`);
    return source;
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
      for (const topic of new Set(query.inputTopics)) {
        for (const { partition, latest } of await this.#engine.broker.offsets(topic)) {
          const key = `${query.id}/${topic}/${partition}`;
          const from = this.#fed.get(key) ?? 0;
          if (from >= latest) continue;
          const { batches } = await this.#engine.broker.read(
            { topic, partition, offset: from },
            Number.MAX_SAFE_INTEGER,
          );
          this.#fed.set(key, latest);
          await query.run.process(topic, partition, batches, from);
          moved = true;
        }
      }
    }
    return moved;
  }

  /** The next record of a source that was not asserted; undefined behind the last. @throws ExpectationError */
  async next(name: string): Promise<{ readonly source: DataSource; readonly change: Change } | undefined> {
    const source = this.#source(name);
    for (const { offset, change } of await this.#records(source, this.#asserted.get(source.topic) ?? 0)) {
      this.#asserted.set(source.topic, offset + 1);
      if (change !== undefined) return { source, change };
    }
    return undefined;
  }

  /** The records of a source from an offset on; one that cannot be read has no change. */
  async #records(source: DataSource, from: number): Promise<Iterable<ReadRecord>> {
    const reader = await RecordReader.create({
      source: { ...source, kind: 'STREAM' },
      layout: rowLayout(source.schema, source.window !== undefined),
      step: 'assert',
      registry: this.#registry,
      properties: new QueryProperties(new Map(), new Map()),
      log: new QueryProcessingLog(this.#engine.processingLog, 'assert'),
    });
    const { batches } = await this.#engine.broker.read(
      { topic: source.topic, partition: 0, offset: from },
      Number.MAX_SAFE_INTEGER,
    );
    return readRecords(reader, batches, from);
  }

  /**
   * What ASSERT VALUES that failed was to find in its source, and what is there; undefined for other statements, and
   * where assertions that follow are wrong themselves.
   */
  async rowsBehind(statements: readonly ParsedStatement[], failed: number): Promise<RowsDifference | undefined> {
    const { node } = statements[failed]!;
    if (node?.$type !== 'AssertValues' && node?.$type !== 'AssertNullValues') return undefined;
    const source = this.#source(node.source);
    const changes = [...(await this.#records(source, 0))].flatMap(({ change }) => change ?? []);
    try {
      return assertedRows(statements, failed, source, changes);
    } catch (error) {
      if (error instanceof ExpectationError || error instanceof AnalysisError) return undefined;
      throw error;
    }
  }

  /** @throws ExpectationError */
  async #nextRecord(
    node: AssertValues | AssertNullValues,
  ): Promise<{ readonly source: DataSource; readonly change: Change }> {
    const next = await this.next(node.source);
    if (next !== undefined) return next;
    const expected = node.$cstNode?.text ?? node.source;
    throw new ExpectationError(`Expected another record, but all records have already been read:\n\t${expected}`, {
      expected,
      actual: `no further record in ${this.#source(node.source).topic}`,
    });
  }

  async #assertValues(node: AssertValues): Promise<void> {
    const { source, change } = await this.#nextRecord(node);
    const layout = rowLayout(source.schema, source.window !== undefined);
    if (change.after === null) throw new ExpectationError('Expected record does not match actual: it is a tombstone.');
    const compared = comparedNames(node, assertedColumns(node, source)).map((name, i): Compared => {
      const slot = layout.findIndex((candidate) => candidate.name === name);
      if (slot < 0) throw new ExpectationError(`Column ${name} does not exist in ${source.name}.`);
      const type = name === 'ROWTIME' ? BIGINT : layout[slot]!.type;
      const actual = name === 'ROWTIME' ? change.timeMs : change.after![slot]!;
      return { name, type, actual, expected: constantOf(node.values[i]!, type) };
    });
    requireEqual(compared);
  }

  async #assertTombstone(node: AssertNullValues): Promise<void> {
    const { source, change } = await this.#nextRecord(node);
    const keys = assertedColumns(node, source);
    const unexpected = node.columns.find((name) => !keys.some((key) => key.name === name));
    if (unexpected !== undefined)
      throw new ExpectationError('Unexpected value columns specified in ASSERT NULL VALUES.');
    if (change.after !== null) throw new ExpectationError('Expected record does not match actual: it is no tombstone.');
    const compared = comparedNames(node, keys).map((name, i): Compared => {
      const index = keys.findIndex((key) => key.name === name);
      const { type } = keys[index]!;
      return { name, type, actual: change.key?.[index] ?? null, expected: constantOf(node.values[i]!, type) };
    });
    requireEqual(compared);
  }
}

/**
 * A script that RUN SCRIPT names: a path from the folder of the script that runs it; or, as ksqlDB finds resources,
 * with a slash before it, from that folder or one above.
 */
function findScript(name: string, folder: string): string | undefined {
  const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  const named = path.resolve(folder, name);
  if (isFile(named)) return named;
  if (!name.startsWith('/')) return undefined;
  for (let at = folder; ; at = path.dirname(at)) {
    const resource = path.join(at, name);
    if (isFile(resource)) return resource;
    if (at === path.dirname(at)) return undefined;
  }
}
