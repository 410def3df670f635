import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SerdeColumn, SerdeContext } from '../../../engine/serde/encoding/serde.ts';
import { FORMATS } from '../../../engine/serde/formats.ts';
import { MemoryRegistry } from '../../../engine/serde/schemas/memory-registry.ts';
import { SchemaCatalog } from '../../../engine/serde/schemas/schema-catalog.ts';
import {
  asList,
  asNumber,
  type ExactJson,
  type ExactObject,
  isObject,
  parseExactJson,
  printExactJson,
} from '../../../engine/testing/case-json.ts';
import { findDifference } from '../../../engine/testing/compare-values.ts';
import { createTestCodec } from '../../../engine/testing/test-values.ts';
import { bindType } from '../../../language/binding/type-names.ts';
import type * as ast from '../../../language/generated/ast.ts';
import type { FormatInfo, FormatName } from '../../../language/metastore/metastore.ts';
import { parseScript } from '../../../language/parser/parse-script.ts';
import { inheritedFormat } from '../../../language/settings/formats.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';

const folder = path.join(import.meta.dirname, '../../../../shared/conformance');
const FILES =
  /^generated\/formats-.*\.json$|^query-validation-tests\/(avro|bytes|delimited|json|json_sr|kafka|protobuf|serdes)\.json$/;
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll(path.sep, '/'))
      .filter((file) => FILES.test(file))
  : [];
const COPY = /^CREATE STREAM \w+( WITH *\([^)]*\))? AS SELECT \* FROM \w+;$/i;

/** A TIMESTAMP is a number of milliseconds, exact up to the year 287396; the case goes beyond. */
const BEYOND = new Set(['odd values for TIMESTAMP']);

/** The cases that read a stream and write it as it is: what the formats alone have to get right. */
function copies(file: string): ExactObject[] {
  const document = parseExactJson(readFileSync(path.join(folder, file), 'utf8')) as ExactObject;
  return asList(document.tests)
    .filter(isObject)
    .filter((one) => {
      const [source, sink] = asList(one.statements) as readonly string[];
      const plain =
        asList(one.statements).length === 2 && /^CREATE STREAM(?!.* HEADER)/.test(source!) && COPY.test(sink!);
      return (
        plain &&
        !BEYOND.has(String(one.name)) &&
        one.outputs !== undefined &&
        one.expectedException === undefined &&
        one.properties === undefined
      );
    });
}

function statement(text: string): { name: string; properties: ReadonlyMap<string, string>; columns: SerdeColumn[] } {
  const node = parseScript(text, { dialect: 'latest' }).statements[0]!.node as ast.CreateSource | ast.CreateAs;
  const properties = new Map<string, string>();
  for (const { name, value } of node.properties?.entries ?? []) {
    properties.set(String(name).toUpperCase(), String((value as { value?: unknown }).value));
  }
  const elements =
    node.$type === 'CreateSource' ? node.elements.filter((element) => element.constraint === undefined) : [];
  const columns = elements.map(({ name, type }, slot) => ({ name, type: bindType(type, new Map()), slot }));
  return { name: node.name, properties, columns };
}

function formatOf(properties: ReadonlyMap<string, string>, inherited?: FormatInfo): FormatInfo {
  const name = (
    properties.get('VALUE_FORMAT') ??
    properties.get('FORMAT') ??
    inherited?.name
  )?.toUpperCase() as FormatName;
  const nullable = properties.get('VALUE_PROTOBUF_NULLABLE_REPRESENTATION') as 'OPTIONAL' | 'WRAPPER' | undefined;
  const delimiter = properties.get('VALUE_DELIMITER');
  const wrap = properties.get('WRAP_SINGLE_VALUE')?.toLowerCase();
  const fullName = properties.get('VALUE_SCHEMA_FULL_NAME');
  const schemaId = properties.get('VALUE_SCHEMA_ID');
  return {
    ...(inherited && inherited.name === name ? inheritedFormat(inherited) : {}),
    name,
    ...(nullable ? { nullableRepresentation: nullable } : {}),
    ...(delimiter === undefined ? {} : { delimiter: { TAB: '\t', SPACE: ' ' }[delimiter] ?? delimiter }),
    ...(wrap === undefined ? {} : { wrapping: wrap === 'true' ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES' }),
    ...(fullName === undefined ? {} : { schemaFullName: fullName }),
    ...(schemaId === undefined ? {} : { schemaId: Number(schemaId) }),
  };
}

function upperCased(type: SqlType): SqlType {
  switch (type.kind) {
    case 'ARRAY':
      return { ...type, element: upperCased(type.element) };
    case 'MAP':
      return { ...type, value: upperCased(type.value) };
    case 'STRUCT':
      return {
        ...type,
        fields: type.fields.map((field) => ({ name: field.name.toUpperCase(), type: upperCased(field.type) })),
      };
    default:
      return type;
  }
}

/** Columns from the registry, as CREATE without columns has them. */
async function inferred(registry: MemoryRegistry, topic: string, format: FormatInfo): Promise<SerdeColumn[]> {
  const catalog = new SchemaCatalog(registry);
  await catalog.load({ subjects: [`${topic}-value`] });
  const schema = catalog.lookUps.latest(`${topic}-value`, format.schemaFullName);
  const root = format.schemaId === undefined ? upperCased(schema!.root) : schema!.root;
  if (root.kind !== 'STRUCT' || format.wrapping === 'UNWRAP_SINGLES') return [{ name: 'ROWVAL', type: root, slot: 0 }];
  return root.fields.map((field, slot) => ({ ...field, slot }));
}

function registryWith(topics: readonly ExactJson[]): MemoryRegistry {
  const registry = new MemoryRegistry('NONE');
  let nextId = 1;
  for (const topic of topics.filter(isObject)) {
    const { valueSchema } = topic;
    if (valueSchema === undefined) continue;
    const references = asList(topic.valueSchemaReferences)
      .filter(isObject)
      .map(({ name, schema }) => {
        registry.import(String(name), { type: 'PROTOBUF', schema: String(schema) }, nextId++);
        return { name: String(name), subject: String(name), version: 1 };
      });
    const type = topic.valueFormat === 'PROTOBUF' ? 'PROTOBUF' : topic.valueFormat === 'JSON_SR' ? 'JSON' : 'AVRO';
    const schema = type === 'PROTOBUF' ? String(valueSchema) : printExactJson(valueSchema);
    const id = asNumber(topic.valueSchemaId) ?? nextId++;
    registry.import(`${topic.name}-value`, { type, schema, references }, id);
    nextId = Math.max(nextId, id + 1);
  }
  return registry;
}

/** What the values of the inputs come out as; records that cannot be read or written are lost. */
async function copyValues(one: ExactObject): Promise<ExactJson[]> {
  const [source, sink] = (asList(one.statements) as readonly string[]).map(statement);
  const registry = registryWith(asList(one.topics));
  const topic = source!.properties.get('KAFKA_TOPIC')!;
  const format = formatOf(source!.properties);
  const columns = source!.columns.length > 0 ? source!.columns : await inferred(registry, topic, format);
  const reading: SerdeContext = { topic, isKey: false, format, columns, registry, sourceName: source!.name };
  const writing: SerdeContext = {
    ...reading,
    topic: sink!.name,
    format: formatOf(sink!.properties, format),
    sourceName: sink!.name,
  };
  const decoder = await FORMATS[format.name].createDecoder(reading);
  const encoder = await FORMATS[writing.format.name].createEncoder(writing);
  const [inputs, outputs] = [createTestCodec(reading), createTestCodec(writing)];
  const results: ExactJson[] = [];
  for (const input of asList(one.inputs).filter(isObject)) {
    const bytes = await inputs.encode(input.value!);
    const row: SqlValue[] = columns.map(() => null);
    try {
      const isRow = bytes !== null && decoder.decode(bytes, 0, bytes.length, row);
      results.push(await outputs.decode(isRow ? encoder.encode(row) : null));
    } catch {
      // Lost, as in ksqlDB; the outputs tell whether it had to be.
    }
  }
  return results;
}

describe.skipIf(files.length === 0)('recorded cases (skipped without the conformance data)', () => {
  const withCopies = files.filter((file) => copies(file).length > 0);
  describe.each(withCopies)('%s', (file) => {
    const cases = copies(file).map((one) => [String(one.name), one] as const);
    test.for(cases)('%s', async ([, one]) => {
      const { name: sink } = statement(String(asList(one.statements)[1]));
      const results = await copyValues(one);
      const expected = asList(one.outputs)
        .filter(isObject)
        .filter((output) => output.topic === sink);
      expect(results.map(printExactJson)).toHaveLength(expected.length);
      expected.forEach((output, i) => {
        const difference = findDifference(output.value!, results[i]!, false);
        expect(
          difference && `${difference}: ${printExactJson(output.value!)} is ${printExactJson(results[i]!)}`,
        ).toBeUndefined();
      });
    });
  });
});
