import { analyzeScript, EMPTY_METASTORE, parseScript } from '../../language/index.ts';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { keyColumns, valueColumns } from '../../language/types/schema.ts';
import type { Broker } from '../broker/broker.ts';
import { isTopicName, MAX_PARTITIONS } from '../broker/embedded/memory-broker.ts';
import { SerdeError } from '../serde/encoding/serde.ts';
import type { SchemaType } from '../serde/registry/schema-registry.ts';
import type { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import { schemaForColumns } from '../serde/schemas/schema-translation.ts';
import { asList, asNumber, isObject, printExactJson } from './case-json.ts';
import type { TestCase, TestTopic } from './test-case.ts';

/**
 * Makes the topics that a case names, or that its CREATE statements declare columns for, and registers their schemas:
 * those that follow from columns first, as ksqlDB's own runner does, because cases refer to the ids.
 * @param usual the partitions of topics whose number the case does not tell
 */
export async function prepareTopics(
  testCase: TestCase,
  broker: Broker,
  registry: MemoryRegistry,
  usual = usualPartitions(testCase),
): Promise<void> {
  const topics = new Map<string, TopicSize>();
  for (const { topic } of [...testCase.inputs, ...testCase.outputs])
    topics.set(topic, { partitions: usual, replicas: 1 });
  for (const { name, partitions, replicas } of testCase.topics) topics.set(name, { partitions, replicas });
  for (const { topic, partitions, replicas, declared } of namedTopics(testCase.statements)) {
    const known = topics.get(topic);
    if (known === undefined && !declared) continue;
    // ksqlDB's runner does not compare the numbers of a statement with those of its topic.
    topics.set(topic, {
      partitions: partitions ?? known?.partitions ?? usual,
      replicas: replicas ?? known?.replicas ?? 1,
    });
  }
  // A topic with an impossible name is not made; the statement that wants it reports it.
  for (const [name, size] of topics) if (isTopicName(name)) await broker.createTopic({ name, ...size });
  const named = new Set(testCase.topics.map(({ name }) => name));
  for (const source of declaredSources(testCase)) if (!named.has(source.topic)) await registerColumns(source, registry);
  for (const topic of testCase.topics) await registerSchemas(topic, registry);
}

interface TopicSize {
  readonly partitions: number;
  readonly replicas: number;
}

/**
 * ksqlDB's runner makes topics of four partitions. What a case computes does not depend on it, so one is enough, unless
 * the case sets a topic of four beside the others, because joins want equal numbers, or looks at the numbers
 * afterwards.
 */
function usualPartitions({ topics, post }: TestCase): number {
  const after = post?.['topics'];
  const expected = isObject(after) ? asList(after['topics']).filter(isObject) : [];
  const numbers = [
    ...topics.map(({ partitions }) => partitions),
    ...expected.map((topic) => asNumber(topic['partitions'])),
  ];
  return numbers.includes(4) ? 4 : 1;
}

/** The topics of CREATE STREAM and CREATE TABLE, whether or not the statements are right otherwise. */
function namedTopics(statements: readonly string[]) {
  return parseScript(statements.join('\n'), { dialect: 'latest' }).statements.flatMap(({ node }) => {
    if (node?.$type !== 'CreateSource') return [];
    const textOfProperty = (name: string) => {
      const literal = node.properties?.entries.find((entry) => entry.name.toUpperCase() === name)?.value;
      return literal !== undefined && 'value' in literal ? String(literal.value) : undefined;
    };
    const topic = textOfProperty('KAFKA_TOPIC');
    if (topic === undefined) return [];
    const stated = Number(textOfProperty('PARTITIONS'));
    const partitions = stated >= 1 && stated <= MAX_PARTITIONS ? stated : undefined;
    const replicas = Number(textOfProperty('REPLICAS'));
    return [{ topic, partitions, replicas: replicas >= 1 ? replicas : undefined, declared: node.elements.length > 0 }];
  });
}

/** The sources of statements that declare columns. */
function declaredSources({ statements, properties }: TestCase): readonly DataSource[] {
  const parsed = parseScript(statements.join('\n'), { dialect: 'latest' });
  const settings = {
    dialect: 'latest',
    properties: new Map(Object.entries(properties)),
    variables: new Map(),
    offline: true,
  } as const;
  return analyzeScript(parsed, EMPTY_METASTORE, settings).statements.flatMap((analyzed, i) => {
    const node = parsed.statements[i]!.node;
    const declares = node?.$type === 'CreateSource' && node.elements.length > 0;
    return declares && analyzed?.kind === 'create-source' ? [analyzed.source] : [];
  });
}

/** Registers the schemas that follow from the columns of a source. */
async function registerColumns(source: DataSource, registry: MemoryRegistry): Promise<void> {
  for (const isKey of [true, false]) {
    const columns = (isKey ? keyColumns : valueColumns)(source.schema).map(({ name, type }, slot) => ({
      name,
      type,
      slot,
    }));
    const format = isKey ? source.keyFormat : source.valueFormat;
    const context = { topic: source.topic, isKey, format, columns, registry, sourceName: source.name };
    try {
      const schema = schemaForColumns(context);
      if (schema !== undefined) await registry.register(`${source.topic}-${isKey ? 'key' : 'value'}`, schema);
    } catch (error) {
      // Columns that the format cannot carry are what the case is about; the statement itself reports them.
      if (!(error instanceof SerdeError)) throw error;
    }
  }
}

const SCHEMA_TYPES: Readonly<Record<string, SchemaType>> = {
  AVRO: 'AVRO',
  JSON_SR: 'JSON',
  JSON: 'JSON',
  PROTOBUF: 'PROTOBUF',
};

async function registerSchemas(topic: TestTopic, registry: MemoryRegistry): Promise<void> {
  const sides = [
    {
      side: 'key',
      schema: topic.keySchema,
      format: topic.keyFormat,
      id: topic.keySchemaId,
      references: topic.keySchemaReferences,
    },
    {
      side: 'value',
      schema: topic.valueSchema,
      format: topic.valueFormat,
      id: topic.valueSchemaId,
      references: topic.valueSchemaReferences,
    },
  ] as const;
  for (const { side, schema, format, id, references } of sides) {
    if (schema === undefined) continue;
    const type = SCHEMA_TYPES[format ?? 'AVRO'];
    if (type === undefined) continue;
    const named = references.map(({ name }) => ({ name, subject: name, version: 1 }));
    const registered = { type, schema: textOf(schema), references: named };
    const subject = `${topic.name}-${side}`;
    if (id === undefined) await registry.register(subject, registered);
    else registry.import(subject, registered, id);
    // Cases count on the schema having the lower id.
    for (const reference of references) {
      const referenceType = SCHEMA_TYPES[reference.format] ?? 'AVRO';
      const text = textOf(reference.schema);
      await registry.register(reference.name, { type: referenceType, schema: text, references: [] });
    }
  }
}

const textOf = (schema: Parameters<typeof printExactJson>[0]): string =>
  typeof schema === 'string' && !schema.startsWith('"') && /[{;]/.test(schema) ? schema : printExactJson(schema);
