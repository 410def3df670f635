import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Result } from '../../../client/results/result.ts';
import { showAnswer } from '../../../client/results/show-answer.ts';
import { presentAnswer } from '../../../engine/api/present-answer.ts';
import type { Entity } from '../../../engine/api/protocol.ts';
import { printEntity } from '../../../engine/cli/printing/print-entity.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

const PREPARED = `CREATE TYPE address AS STRUCT<street STRING, \`SELECT\` DECIMAL(6, 2)>;
CREATE STREAM orders (id INT KEY, home address) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'AVRO', PARTITIONS = 2);
CREATE TABLE counts AS SELECT id, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY id;
CREATE STREAM copy (id INT KEY, home address) WITH (KAFKA_TOPIC = 'copy', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE SOURCE CONNECTOR idle WITH ('connector.class' = 'DatagenConnector', 'kafka.topic' = 'made', 'quickstart' = 'users', 'iterations' = '1');
DEFINE place = 'here';`;

/** One statement for each kind of answer: a new kind does not compile until it stands here, too. */
const STATEMENTS: Readonly<Record<Exclude<Entity['@type'], 'terminate_query'>, string>> = {
  properties: 'SHOW PROPERTIES;',
  queries: 'SHOW QUERIES;',
  query_descriptions: 'SHOW QUERIES EXTENDED;',
  queryDescription: 'EXPLAIN SELECT id FROM orders EMIT CHANGES;',
  sourceDescription: 'DESCRIBE counts EXTENDED;',
  source_descriptions: 'DESCRIBE STREAMS;',
  streams: 'SHOW STREAMS;',
  tables: 'SHOW TABLES;',
  kafka_topics: 'SHOW TOPICS;',
  kafka_topics_extended: 'SHOW TOPICS EXTENDED;',
  function_names: 'SHOW FUNCTIONS;',
  describe_function: 'DESCRIBE FUNCTION concat_ws;',
  type_list: 'SHOW TYPES;',
  variables: 'SHOW VARIABLES;',
  connector_list: 'SHOW CONNECTORS;',
  connector_plugins_list: 'SHOW CONNECTOR PLUGINS;',
  connector_description: 'DESCRIBE CONNECTOR idle;',
  assert_topic: "ASSERT NOT EXISTS TOPIC 'nowhere' TIMEOUT 1 SECONDS;",
  assert_schema: "ASSERT SCHEMA SUBJECT 'orders-value' TIMEOUT 1 SECONDS;",
  warning_entity: 'UNDEFINE nothing;',
  connector_info:
    "CREATE SOURCE CONNECTOR other WITH ('connector.class' = 'DatagenConnector', 'kafka.topic' = 'made', 'quickstart' = 'users', 'iterations' = '1');",
  drop_connector: 'DROP CONNECTOR other;',
  currentStatus: 'DROP STREAM copy;',
};

let engine: Engine;
const answers = new Map<string, Entity>();
beforeAll(async () => {
  engine = await openEngine({});
  await engine.execute(PREPARED.replace(/DEFINE.*/, ''));
  for (const [kind, statement] of Object.entries(STATEMENTS)) {
    const entities = await engine.execute(`DEFINE place = 'here';${statement}`);
    answers.set(kind, entities.at(-1)!);
  }
  // TERMINATE of a client's own query, which there is only while that runs.
  const terminated = { queryId: 'transient_ORDERS_1', wasTerminated: true };
  answers.set('terminate_query', { '@type': 'terminate_query', statementText: '', warnings: [], ...terminated });
});
afterAll(() => engine.close());

/** What the terminal prints of an answer. */
function printed(entity: Entity): string {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += part;
    return true;
  });
  try {
    printEntity(entity);
  } finally {
    write.mockRestore();
  }
  return text;
}

/** What a card of the panel holds of an answer. */
function carded(entity: Entity): { readonly message: string | undefined; readonly cells: readonly (string | null)[] } {
  const result = new Result(1, { statement: '', engine: '' }, { maxRows: 1000, maxBytes: 1_000_000 });
  showAnswer(presentAnswer(entity), result);
  const all = { result: 1, view: 'changes', start: 0, count: 1000, filter: '', wait: false } as const;
  return { message: result.message, cells: result.page(all).rows.flatMap(({ cells }) => cells) };
}

test('every kind of answer is put into words, which terminal and panel share', () => {
  for (const [kind, entity] of answers) {
    expect(entity['@type']).toBe(kind);
    const [terminal, card] = [printed(entity), carded(entity)];
    expect(terminal + card.message, kind).not.toMatch(/"?@type"?|statementText|^\{/m);
    for (const cell of card.cells) if (cell !== null) expect(terminal, kind).toContain(cell.split(/[\n…]/)[0]);
  }
});

test.each<[kind: Entity['@type'], text: string]>([
  ['terminate_query', 'Query transient_ORDERS_1 terminated\n'],
  ['assert_topic', 'Topic nowhere does not exist\n'],
  ['assert_schema', 'Schema orders-value exists\n'],
  ['connector_info', 'Created connector OTHER\n'],
])('%s is a sentence on the terminal', (kind, text) => {
  expect(printed(answers.get(kind)!)).toBe(text);
});

test('a source is told with its facts, columns and roles; names in types are quoted where they have to be', () => {
  expect(printed(answers.get('sourceDescription')!)).toMatch(
    /^TABLE COUNTS · AVRO, key KAFKA · topic COUNTS · 2 partitions · tumbling windows/,
  );
  expect(printed(answers.get('type_list')!)).toContain('STRUCT<STREET STRING, `SELECT` DECIMAL(6, 2)>');
});

test('beside the statement, a card leaves out what the statement says', () => {
  const created = { commandId: '', commandSequenceNumber: 1, statementText: '', warnings: [] };
  const commandStatus = { status: 'SUCCESS', message: 'Created query with ID CSAS_B_1', queryId: 'CSAS_B_1' } as const;
  const entity: Entity = { '@type': 'currentStatus', ...created, commandStatus };
  expect(printed(entity)).toBe('Created query with ID CSAS_B_1\n');
  expect(carded(entity).message).toBe('created · CSAS_B_1');
});

test('a warning of the server is told in the panel as well', () => {
  const warned = { ...answers.get('connector_list')!, warnings: [{ message: 'Connect is away.' }] };
  expect(carded(warned).message).toBe('Connect is away.');
});

test('an answer that a newer server gives is shown as it came', () => {
  const unknown = { '@type': 'constructor', statementText: 'X;', depth: 3n } as unknown as Entity;
  expect(printed(unknown)).toContain('"depth": "3"');
});
