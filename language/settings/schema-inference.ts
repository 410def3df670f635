import type { FormatInfo, Metastore, RegisteredSchema } from '../metastore/metastore.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { type Column, columnToString } from '../types/schema.ts';
import { array, map, type SqlType, sameType, struct } from '../types/sql-type.ts';
import { supportsWrapping, usesRegistry } from './formats.ts';
import { textProperty, type WithClause } from './with-properties.ts';

/** What inference found for one side of the record; `unknown` when there is no registry to ask. */
export type InferredColumns = readonly Column[] | 'unknown';

export interface InferenceRequest {
  readonly side: 'KEY' | 'VALUE';
  readonly format: FormatInfo;
  readonly clause: WithClause;
  readonly topic: string;
  /** Whether the statement declares columns for this side. */
  readonly declared: boolean;
  readonly metastore: Metastore;
  readonly range: TextRange;
}

/**
 * The columns of one side of the record from the schema registry, or undefined when nothing is to be inferred because
 * the statement declares them or the format keeps no schemas.
 *
 * Names from the latest schema are upper-cased; a schema named by its id keeps its case. A bare value becomes the
 * column ROWKEY or ROWVAL.
 *
 * @throws AnalysisError when the schema does not exist or has several definitions to choose from
 */
export function inferColumns(request: InferenceRequest): InferredColumns | undefined {
  const { side, format, clause, declared, metastore, range } = request;
  const idProperty = `${side}_SCHEMA_ID`;
  const schemaId = format.schemaId;
  if (schemaId !== undefined) {
    if (!usesRegistry(format.name)) {
      const message = `${side}_FORMAT should support schema inference when ${idProperty} is provided. Current format is ${format.name}.`;
      throw new AnalysisError('schema-id-without-registry', message, { range: clause.rangeOf(idProperty) });
    }
    if (declared) {
      const message = `Table elements and ${idProperty} cannot both exist for create statement.`;
      throw new AnalysisError('columns-and-schema-id', message, { range: clause.rangeOf(idProperty) });
    }
  }
  if (declared || !usesRegistry(format.name)) return undefined;
  if (!metastore.schemas) return 'unknown';
  const fullName =
    textProperty(clause, `${side}_SCHEMA_FULL_NAME`) ?? textProperty(clause, `${side}_AVRO_SCHEMA_FULL_NAME`);
  const subject = `${request.topic}-${side.toLowerCase()}`;
  const schema =
    schemaId === undefined ? metastore.schemas.latest(subject, fullName) : metastore.schemas.byId(schemaId, fullName);
  if (!schema) throw missingSchema(request, subject, schemaId);
  if (schema.format !== format.name) throw otherFormat(request, schema);
  if (schema.problem !== undefined) throw unusableSchema(request, schema.problem);
  if (schema.definitions && schema.definitions.length > 1 && fullName === undefined) {
    const spelled = side === 'KEY' ? 'Key' : 'Value';
    const message =
      `${spelled} schema has multiple schema definitions. \n\n${schema.definitions.map((d) => `- ${d}`).join('\n')}\n\n` +
      `Please specify a schema full name in the WITH clause using ${side}_SCHEMA_FULL_NAME`;
    throw new AnalysisError('several-schema-definitions', message, { range });
  }
  return columnsOfSchema(schema, request, schemaId === undefined);
}

/** The columns that a registered schema gives to one side of the record. */
function columnsOfSchema(schema: RegisteredSchema, request: InferenceRequest, upperCase: boolean): readonly Column[] {
  const root = upperCase ? upperCaseNames(schema.root) : schema.root;
  const namespace = request.side === 'KEY' ? 'key' : 'value';
  const unwrapped =
    request.side === 'KEY'
      ? supportsWrapping(request.format.name, 'UNWRAP_SINGLES')
      : request.format.wrapping === 'UNWRAP_SINGLES';
  if (unwrapped) return [{ name: namespace === 'key' ? 'ROWKEY' : 'ROWVAL', type: root, namespace }];
  if (root.kind === 'STRUCT') return root.fields.map(({ name, type }) => ({ name, type, namespace }));
  throw unusableSchema(
    request,
    'Schema returned from schema registry is anonymous type. To use this schema with ksqlDB, set ' +
      "'WRAP_SINGLE_VALUE=false' in the WITH clause properties.\n",
  );
}

function upperCaseNames(type: SqlType): SqlType {
  switch (type.kind) {
    case 'ARRAY':
      return array(upperCaseNames(type.element));
    case 'MAP':
      return map(upperCaseNames(type.key), upperCaseNames(type.value));
    case 'STRUCT':
      return struct(type.fields.map((f) => ({ name: f.name.toUpperCase(), type: upperCaseNames(f.type) })));
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return type;
    default:
      return type satisfies never;
  }
}

function otherFormat(
  { side, topic, format, clause, range }: InferenceRequest,
  schema: RegisteredSchema,
): AnalysisError {
  const spelled = side === 'KEY' ? 'Key' : 'Value';
  const message =
    `${spelled} schema is not in the expected format. You may want to set ${side}_FORMAT to '${schema.format}'.\n` +
    `topic: ${topic}\nexpected format: ${format.name}\nactual format from Schema Registry: ${schema.format}`;
  const place = clause.values.has(`${side}_FORMAT`) ? clause.rangeOf(`${side}_FORMAT`) : range;
  return new AnalysisError('schema-format', message, { range: place });
}

function unusableSchema({ side, topic, range }: InferenceRequest, reason: string): AnalysisError {
  const message =
    `Unable to verify if the ${side.toLowerCase()} schema for topic: ${topic} is compatible with ksqlDB.\nReason: ${reason}\n` +
    'Declare the columns in the statement, or register another schema.';
  return new AnalysisError('unusable-schema', message, { range });
}

function missingSchema(request: InferenceRequest, subject: string, id: number | undefined): AnalysisError {
  const { side, topic, range } = request;
  const what = side === 'KEY' ? 'keys' : 'values';
  const message =
    `Schema for message ${what} on topic '${topic}' does not exist in the Schema Registry.\nSubject: ${subject}\n` +
    `${id === undefined ? '' : `Schema Id: ${id}\n`}Possible causes include:\n` +
    '- The topic itself does not exist\n\t-> Use SHOW TOPICS; to check\n' +
    '- Messages on the topic are not serialized using a format Schema Registry supports\n' +
    `\t-> Use PRINT '${topic}' FROM BEGINNING; to verify\n` +
    '- The schema is registered on a different instance of the Schema Registry\n' +
    'Declare the columns in the statement, or register the schema.';
  return new AnalysisError('missing-schema', message, { range });
}

/**
 * Checks the columns of a query's result against the schema that KEY_SCHEMA_ID or VALUE_SCHEMA_ID names: they must be
 * the first columns of it, in order.
 *
 * @throws AnalysisError `The following value columns are changed, missing or reordered: […]`
 */
export function checkAgainstSchemaId(
  columns: readonly Column[],
  request: Omit<InferenceRequest, 'declared' | 'topic'>,
): void {
  const { side, format, metastore, clause } = request;
  if (format.schemaId === undefined || !metastore.schemas) return;
  const inferred = inferColumns({ ...request, declared: false, topic: '' });
  if (inferred === undefined || inferred === 'unknown') return;
  const changed = columns.filter(
    (column, i) => inferred[i]?.name !== column.name || !sameType(inferred[i].type, column.type),
  );
  if (changed.length === 0) return;
  const print = (list: readonly Column[]) => `[${list.map(columnToString).join(', ')}]`;
  const message =
    `The following ${side.toLowerCase()} columns are changed, missing or reordered: ${print(changed)}. ` +
    `Schema from schema registry is ${print(inferred)}`;
  throw new AnalysisError('schema-id-mismatch', message, { range: clause.rangeOf(`${side}_SCHEMA_ID`) });
}
