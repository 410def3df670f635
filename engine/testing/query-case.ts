import { FUNCTIONS } from '../../language/functions/catalogue.ts';
import { parseScript } from '../../language/index.ts';
import { functionCalls } from '../../language/script/deprecations.ts';
import { hashOrder } from '../../language/types/java-hash.ts';
import { STRING } from '../../language/types/sql-type.ts';
import { asEngineError, type EngineError } from '../api/errors.ts';
import { Engine } from '../index.ts';
import { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import { checkOutputs } from './check-outputs.ts';
import { checkPost } from './check-post.ts';
import { checkTopics } from './check-topics.ts';
import { hasWords } from './expected-words.ts';
import { OnePartitionBroker } from './one-partition-broker.ts';
import { prepareTopics } from './prepare-topics.ts';
import type { TestCase } from './test-case.ts';
import { type WrittenInput, writeInput } from './test-topics.ts';
import { ExpectationError, failed, needsJava, type Outcome, passed } from './verdict.ts';

/** Settings that ksqlDB's own runner gives every case. */
const RUNNER_PROPERTIES = { 'auto.offset.reset': 'earliest' };

/**
 * Runs a case of ksqlDB's query-validation form (qtt-format §1.7): the statements, then each query in the order of its
 * creation over all its input, one record at a time.
 */
export async function runQueryCase(testCase: TestCase): Promise<Outcome> {
  const java = missingFunction(testCase);
  if (java !== undefined) return needsJava(`It calls ${java}.`);
  const broker = new OnePartitionBroker();
  const registry = new MemoryRegistry('NONE');
  const properties = new Map(Object.entries({ ...RUNNER_PROPERTIES, ...testCase.properties }));
  const engine = await Engine.open({ broker, registry, properties, drive: 'manual', takesSinkTopics: true });
  try {
    await prepareTopics(testCase, broker, registry);
    const failure = await executeStatements(testCase, engine).then(
      () => processInputs(testCase, engine, registry),
      (error: unknown) => asEngineError(error),
    );
    if (testCase.expectedException !== undefined) return judgeFailure(testCase, failure);
    if (failure !== undefined) return failed(failure.message);
    await checkOutputs(testCase, engine, registry);
    checkPost(testCase, engine);
    await checkTopics(testCase, engine);
    return passed;
  } catch (error) {
    if (error instanceof ExpectationError) return failed(error.message, undefined, error.difference);
    throw error;
  } finally {
    await engine.close();
  }
}

/** They look like calls where they are written wrongly. */
const CONSTRUCTORS: ReadonlySet<string> = new Set(['ARRAY', 'MAP', 'STRUCT']);

/**
 * A function that a case calls and ksqlDB does not have, though the case is not about functions that do not exist: it
 * is one of ksqlDB's own test classes.
 */
export function missingFunction({ statements, expectedException }: TestCase): string | undefined {
  if (/Can't find any functions|Unknown function/i.test(expectedException?.message ?? '')) return undefined;
  return parseScript(statements.join('\n'), { dialect: 'latest' })
    .statements.flatMap(({ node }) => (node === undefined ? [] : functionCalls(node)))
    .find(({ name }) => !FUNCTIONS.has(name.toUpperCase()) && !CONSTRUCTORS.has(name.toUpperCase()))?.name;
}

/** Executes the statements one by one. Only the last may fail where a failure is expected. */
async function executeStatements({ statements, expectedException }: TestCase, engine: Engine): Promise<void> {
  const parsed = parseScript(statements.join('\n'), { dialect: 'latest' });
  if (parsed.diagnostics.length > 0) return void (await engine.execute(statements.join('\n')));
  for (const [i, statement] of parsed.statements.entries()) {
    try {
      await engine.execute(statement.text);
    } catch (error) {
      if (expectedException !== undefined && i < parsed.statements.length - 1) {
        throw new ExpectationError(`Statement ${i + 1} is not the last and fails: ${asEngineError(error).message}`);
      }
      throw error;
    }
  }
}

/** Feeds the queries; gives what stopped one of them. */
async function processInputs(
  testCase: TestCase,
  engine: Engine,
  registry: MemoryRegistry,
): Promise<EngineError | undefined> {
  if (testCase.expectedException !== undefined && !testCase.hasInputs) return undefined;
  const written: WrittenInput[] = [];
  for (const record of testCase.inputs) written.push(await writeInput(record, engine, registry));
  const fed = new Set(testCase.inputs.map(({ topic }) => topic));
  try {
    for (const query of engine.queries.all()) {
      const topics = new Set(query.inputTopics);
      for (const { topic, partition, batch } of written)
        if (topics.has(topic)) await query.run.process(topic, partition, [batch]);
      for (const topic of asJavaSet(topics)) if (!fed.has(topic)) await feedDerived(topic, query.run, engine);
    }
  } catch (error) {
    return asEngineError(error);
  }
  return undefined;
}

/** ksqlDB's runner keeps a query's topics in a HashSet, and reads those that other queries wrote in its order. */
const asJavaSet = (names: ReadonlySet<string>): readonly string[] =>
  hashOrder(new Map([...names].map((name) => [name, null])), STRING, 16).map(([name]) => name);

async function feedDerived(
  topic: string,
  task: { process(topic: string, partition: number, batches: readonly never[]): Promise<void> },
  engine: Engine,
): Promise<void> {
  for (const { partition, earliest } of await engine.broker.offsets(topic)) {
    const { batches } = await engine.broker.read({ topic, partition, offset: earliest }, Number.MAX_SAFE_INTEGER);
    // Each batch holds what one record gave; together, a sink of several partitions would get their results partition
    // by partition.
    for (const batch of batches) await task.process(topic, partition, [batch as never]);
  }
}

function judgeFailure({ expectedException, name }: TestCase, failure: EngineError | undefined): Outcome {
  if (failure === undefined)
    return {
      verdict: 'failed',
      error: 'accepted',
      message: `${name}: accepted, but ksqlDB says: ${expectedException!.message ?? expectedException!.type}`,
    };
  const equal =
    expectedException!.message === undefined ||
    hasWords(`${failure.message}\n${failure.statementText ?? ''}`, expectedException!.message);
  return { verdict: 'passed', error: equal ? 'message-equal' : 'other-words', message: failure.message };
}
