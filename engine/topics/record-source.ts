import { analyzeStatement, EMPTY_METASTORE, parseScript } from '../../language/index.ts';
import type { DataSource, FormatName, Metastore } from '../../language/metastore/metastore.ts';
import { jsonColumns } from '../../language/text/json-columns.ts';
import type { Column } from '../../language/types/schema.ts';
import { BYTES, type SqlType, STRING } from '../../language/types/sql-type.ts';
import { resolveSchema, type SchemaRegistry } from '../serde/registry/schema-registry.ts';
import { registeredSchema } from '../serde/schemas/schema-translation.ts';
import type { RecordTexts } from './record-texts.ts';

/** How records without a source of their own are called in a condition, as `RECORDS.ITEM`. */
const RECORDS = 'RECORDS';
const HEADERS: Column = {
  name: 'ROWHEADERS',
  namespace: 'headers',
  type: {
    kind: 'ARRAY',
    element: {
      kind: 'STRUCT',
      fields: [
        { name: 'KEY', type: STRING },
        { name: 'VALUE', type: BYTES },
      ],
    },
  },
};
/** Formats of keys that a column has a type for; of any other the text is looked at. */
const KEY_TYPES: Readonly<Record<string, SqlType['kind']>> = {
  KAFKA_INT: 'INTEGER',
  KAFKA_BIGINT: 'BIGINT',
  KAFKA_DOUBLE: 'DOUBLE',
};

/**
 * The columns by which conditions speak of a topic's records: those of a source that reads the topic, where there is
 * one; else ROWKEY, and the fields of the values as the registry or the first of them tell; ROWVALUE where they have
 * none. Each has ROWHEADERS, too.
 */
export async function recordSource(
  topic: string,
  texts: RecordTexts,
  { metastore, registry }: { readonly metastore: Metastore; readonly registry?: SchemaRegistry | undefined },
): Promise<DataSource> {
  const source = [...metastore.sources.values()].find((each) => each.topic === topic && !each.incomplete);
  if (source !== undefined) return withHeaders(source);
  const { format, columns } = await valueColumns(topic, texts, registry);
  const key: Column = {
    name: 'ROWKEY',
    namespace: 'key',
    type: { kind: KEY_TYPES[texts.keyFormat] ?? 'STRING' } as SqlType,
  };
  return {
    name: RECORDS,
    kind: 'STREAM',
    schema: { columns: [key, ...columns, HEADERS] },
    topic,
    keyFormat: { name: 'KAFKA' },
    valueFormat: { name: format },
    readOnly: true,
    createdAs: false,
    statementText: '',
  };
}

/** Headers that the source has columns for can be spoken of by these. */
function withHeaders(source: DataSource): DataSource {
  const { columns } = source.schema;
  const isThere = columns.some(({ namespace, name }) => namespace === 'headers' || name === HEADERS.name);
  return isThere ? source : { ...source, schema: { columns: [...columns, HEADERS] } };
}

interface Values {
  readonly format: FormatName;
  readonly columns: readonly Column[];
}

async function valueColumns(topic: string, texts: RecordTexts, registry: SchemaRegistry | undefined): Promise<Values> {
  const format = texts.valueFormat;
  if (format === 'AVRO' || format === 'PROTOBUF' || format === 'JSON_SR') {
    const columns = registry && (await registeredColumns(topic, registry));
    if (columns !== undefined) return { format, columns };
  }
  if (format === 'JSON') {
    const columns = sampledColumns(texts.sample);
    if (columns !== undefined) return { format, columns };
  }
  return { format: 'KAFKA', columns: [{ name: 'ROWVALUE', namespace: 'value', type: STRING }] };
}

async function registeredColumns(topic: string, registry: SchemaRegistry): Promise<readonly Column[] | undefined> {
  const latest = await registry.latest(`${topic}-value`).catch(() => undefined);
  if (latest === undefined) return undefined;
  const { root, problem } = registeredSchema(latest.subject, latest.id, await resolveSchema(registry, latest));
  if (problem !== undefined || root.kind !== 'STRUCT') return undefined;
  return root.fields.map(({ name, type }) => ({ name: name.toUpperCase(), type, namespace: 'value' }));
}

/** What the values have in common, as a CREATE of them would declare it. */
function sampledColumns(sample: readonly unknown[]): readonly Column[] | undefined {
  const columns = jsonColumns(sample);
  if (columns === undefined) return undefined;
  const create = `CREATE STREAM ${RECORDS} (${columns.join(', ')}) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON', PARTITIONS = 1);`;
  const [statement] = parseScript(create, { dialect: 'latest' }).statements;
  const settings = { dialect: 'latest', properties: new Map(), variables: new Map(), offline: true } as const;
  const { analyzed } = analyzeStatement(statement!, EMPTY_METASTORE, settings);
  return analyzed?.kind === 'create-source' ? analyzed.source.schema.columns : undefined;
}
