import { parseScript } from '../../language/index.ts';
import { MemoryBroker } from '../broker/embedded/memory-broker.ts';
import { Engine } from '../index.ts';
import { KSQL_V1_JSON, KSQL_V1_PROTOBUF } from '../rest/http/media-type.ts';
import { type RestServer, startServer } from '../rest/server.ts';
import { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import { asList, asNumber, asText, type ExactJson, isObject, parseExactJson, printExactJson } from './case-json.ts';
import { checkOutputs } from './check-outputs.ts';
import { findSubsetDifference } from './compare-responses.ts';
import { prepareTopics } from './prepare-topics.ts';
import { messagePrinter } from './proto-text.ts';
import type { TestCase } from './test-case.ts';
import { writeInput } from './test-topics.ts';
import { ExpectationError, failed, type Outcome, passed } from './verdict.ts';

const SETTLE_MS = 10_000;

/**
 * ksqlDB's runner makes topics of as many partitions; it shows in ROWPARTITION, and in which rows a LIMIT lets through.
 */
const USUAL_PARTITIONS = 4;

/** Runs a case of ksqlDB's rest-query-validation form (qtt-format §3) against a server of its own on this machine. */
export async function runRestCase(testCase: TestCase): Promise<Outcome> {
  const broker = new MemoryBroker();
  const registry = new MemoryRegistry('NONE');
  const engine = await Engine.open({
    broker,
    registry,
    properties: new Map([
      ['auto.offset.reset', 'earliest'],
      ['cache.max.bytes.buffering', '0'],
      ['ksql.query.push.v2.enabled', 'true'],
    ]),
  });
  const server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  try {
    await prepareTopics(testCase, broker, registry, USUAL_PARTITIONS);
    return await new RestRunner(testCase, engine, registry, server).run();
  } catch (error) {
    if (error instanceof ExpectationError) return failed(error.message, undefined, error.difference);
    throw error;
  } finally {
    await server.close();
    await engine.close();
  }
}

interface Answer {
  readonly status: number;
  readonly body: ExactJson;
}

class RestRunner {
  readonly #case: TestCase;
  readonly #engine: Engine;
  readonly #registry: MemoryRegistry;
  readonly #server: RestServer;

  constructor(testCase: TestCase, engine: Engine, registry: MemoryRegistry, server: RestServer) {
    this.#case = testCase;
    this.#engine = engine;
    this.#registry = registry;
    this.#server = server;
  }

  async run(): Promise<Outcome> {
    const { statements } = this.#case;
    const firstSelect = statements.findIndex((statement) => statement.startsWith('SELECT '));
    const admin = firstSelect < 0 ? statements : statements.slice(0, firstSelect);
    const queries = firstSelect < 0 ? [] : statements.slice(firstSelect);
    const responses: ExactJson[] = [];
    if (admin.length > 0) {
      const answer = await this.#post('/ksql', admin.join('\n'));
      if (answer.status !== 200) return this.#judge(answer);
      for (const entity of asList(answer.body)) responses.push({ admin: entity });
    }
    if (this.#case.waitForActivePushQuery) {
      const waiting = queries.map((query) => this.#post('/query', query));
      await this.#until(() => this.#engine.queries.pushCount > 0);
      await this.#writeInputs();
      for (const answer of await Promise.all(waiting)) {
        if (answer.status !== 200) return this.#judge(answer);
        responses.push({ query: answer.body });
      }
    } else {
      await this.#writeInputs();
      for (const query of queries) {
        const answer = await this.#post('/query', query);
        if (answer.status !== 200) return this.#judge(answer);
        responses.push({ query: answer.body });
      }
      if (this.#case.testPullWithProtoFormat)
        for (const query of queries) responses.push({ queryProto: await this.#protoQuery(query) });
    }
    if (this.#case.expectedError !== undefined)
      return { verdict: 'failed', error: 'accepted', message: 'Accepted, but an error was expected.' };
    this.#compare(responses);
    await checkOutputs(this.#case, this.#engine, this.#registry);
    return passed;
  }

  /** The answer in its Protobuf form, the rows as texts. */
  async #protoQuery(query: string): Promise<ExactJson> {
    const { body } = await this.#post('/query', query, KSQL_V1_PROTOBUF);
    let print: ((bytes: Uint8Array) => string) | undefined;
    return asList(body).map((element) => {
      if (!isObject(element)) return element;
      const { header, row } = element;
      if (isObject(header ?? null)) {
        const protoSchema = asText((header as Readonly<Record<string, ExactJson>>)['protoSchema']) ?? '';
        print = messagePrinter(protoSchema);
        return { header: { protoSchema } };
      }
      if (!isObject(row ?? null)) return element;
      const bytes = asText((row as Readonly<Record<string, ExactJson>>)['protobufBytes']) ?? '';
      return { row: print!(Buffer.from(bytes, 'base64')) };
    });
  }

  async #post(path: string, ksql: string, accept = KSQL_V1_JSON): Promise<Answer> {
    const response = await fetch(`${this.#server.url}${path}`, {
      method: 'POST',
      headers: { accept },
      body: JSON.stringify({ ksql, streamsProperties: this.#case.properties }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : parseBody(text) };
  }

  async #writeInputs(): Promise<void> {
    for (const record of this.#case.inputs) {
      const partitions = (await this.#engine.broker.describeTopic(record.topic))?.partitions;
      await writeInput(record, this.#engine, this.#registry, partitions);
    }
    await this.#until(() =>
      this.#engine.queries
        .persistent()
        .every((query) => query.run.positions.every(({ offset, endOffset }) => offset >= endOffset)),
    );
    // Records that one query writes for the next arrive a moment later.
    await new Promise((resolve) => setTimeout(resolve, this.#engine.queries.persistent().length > 1 ? 30 : 5));
  }

  async #until(condition: () => boolean): Promise<void> {
    const end = performance.now() + SETTLE_MS;
    while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  #judge({ status, body }: Answer): Outcome {
    const { expectedError } = this.#case;
    const message = isObject(body) ? (asText(body['message']) ?? '') : printExactJson(body);
    if (expectedError === undefined) return failed(`HTTP ${status}: ${message}`);
    const wanted = asNumber(expectedError['status']);
    if (wanted !== undefined && wanted !== status)
      return { verdict: 'failed', error: 'other-error', message: `HTTP ${status} instead of ${wanted}: ${message}` };
    const text = asText(expectedError['message']);
    return {
      verdict: 'passed',
      error: text === undefined || message.includes(text) ? 'message-equal' : 'other-words',
      message,
    };
  }

  #compare(actual: readonly ExactJson[]): void {
    const expected = this.#case.responses ?? [];
    expected.forEach((wanted, i) => {
      const texts = parseScript(this.#case.statements.join('\n'), { dialect: 'latest' }).statements.map(
        ({ text }) => text,
      );
      const difference = findSubsetDifference(wanted, actual[i] ?? null, {
        statement: texts[i] ?? '',
        ordered: this.#case.verifyOrder,
      });
      if (difference !== undefined) {
        throw new ExpectationError(
          `Response ${i} differs at ${difference}.\nExpected: ${printExactJson(wanted).slice(0, 1500)}\nbut was:  ${printExactJson(actual[i] ?? null).slice(0, 1500)}`,
          { expected: printExactJson(wanted), actual: printExactJson(actual[i] ?? null) },
        );
      }
    });
  }
}

/** A body that is no JSON stands for itself, so that a difference shows it. */
function parseBody(text: string): ExactJson {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}
