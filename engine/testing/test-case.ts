import path from 'node:path';
import { asList, asNumber, asText, type ExactJson, type ExactObject, isObject, printExactJson } from './case-json.ts';

/** A record of a test file; `key` and `value` are in the file's own representation. */
export interface TestRecord {
  readonly topic: string;
  readonly key: ExactJson;
  readonly value: ExactJson;
  readonly timeMs?: number | undefined;
  readonly window?: { readonly startMs: number; readonly endMs: number; readonly type: 'time' | 'session' };
  readonly headers: readonly { readonly key: string; readonly value: string | null }[];
}

/** A topic that a test file defines, with the schemas to register for it. */
export interface TestTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly keyFormat?: string;
  readonly valueFormat?: string;
  readonly keySchema?: ExactJson;
  readonly valueSchema?: ExactJson;
  readonly keySchemaId?: number;
  readonly valueSchemaId?: number;
  readonly keySchemaReferences: readonly SchemaReference[];
  readonly valueSchemaReferences: readonly SchemaReference[];
}

export interface SchemaReference {
  readonly name: string;
  readonly format: string;
  readonly schema: ExactJson;
}

export interface ExpectedException {
  readonly type?: string | undefined;
  readonly message?: string | undefined;
}

/** One case of ksqlDB's query-validation or rest-query-validation form, formats and configs expanded. */
export interface TestCase {
  /** The file's base name, as reports name it. */
  readonly file: string;
  /** `<file> - <name>[ - FORMAT][ - property=value]`, as ksqlDB's own runner names it. */
  readonly fullName: string;
  readonly name: string;
  readonly format: string | null;
  readonly enabled: boolean;
  readonly statements: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  /** DOUBLEs are compared with a tolerance and decoded as doubles. */
  readonly inexactNumbers: boolean;
  readonly topics: readonly TestTopic[];
  readonly inputs: readonly TestRecord[];
  readonly outputs: readonly TestRecord[];
  readonly hasInputs: boolean;
  readonly expectedException?: ExpectedException;
  readonly post?: ExactObject;
  /** Of the REST form: responses in the order of the statements, or the error the last statement gets. */
  readonly responses?: readonly ExactJson[] | undefined;
  readonly expectedError?: ExactObject;
  readonly waitForActivePushQuery: boolean;
  readonly verifyOrder: boolean;
  /** Queries are asked once more, in the Protobuf form of rows. */
  readonly testPullWithProtoFormat: boolean;
}

/** Whether a document looks like a file of test cases. */
export function isTestDocument(document: ExactJson): document is ExactObject {
  return isObject(document) && asList(document['tests']).some((test) => isObject(test) && 'statements' in test);
}

/** All cases of a file, one for each format and each value of `config` (qtt-format). */
export function expandCases(file: string, document: ExactObject): TestCase[] {
  const base = path.basename(file);
  return asList(document['tests'])
    .filter(isObject)
    .flatMap((test) => {
      const formats = test['format'] === undefined ? [null] : asList(test['format']).map((f) => asText(f) ?? null);
      const configs = test['config'] === undefined ? [undefined] : asList(test['config']);
      return formats.flatMap((format) => configs.map((config) => expandCase(base, test, format, config)));
    });
}

function expandCase(file: string, test: ExactObject, format: string | null, config: ExactJson | undefined): TestCase {
  const name = asText(test['name']) ?? '';
  const substitute = (text: string) => (format === null ? text : text.replaceAll('{FORMAT}', format));
  const properties: Record<string, string> = {};
  let suffix = format === null ? '' : ` - ${format}`;
  for (const [key, raw] of Object.entries(isObject(test['properties']) ? test['properties'] : {})) {
    const takesConfig = config !== undefined && asText(raw)?.toUpperCase() === '{CONFIG}';
    const value = takesConfig ? propertyText(config) : propertyText(raw);
    if (takesConfig) suffix += ` - ${key}=${value}`;
    properties[key] = value;
  }
  const exact = properties['use.exact.numeric.comparison'] !== 'false';
  delete properties['use.exact.numeric.comparison'];
  const conditions = (key: string) => (isObject(test[key]) ? test[key] : {});
  const exception = test['expectedException'];
  return {
    file,
    name,
    fullName: `${file.replace(/\.json$/, '')} - ${name}${suffix}`,
    format,
    enabled: test['enabled'] !== false,
    statements: asList(test['statements']).map((s) => substitute(asText(s) ?? '')),
    properties,
    inexactNumbers: !exact,
    topics: asList(test['topics'])
      .filter(isObject)
      .map((topic) => expandTopic(topic, substitute)),
    inputs: asList(test['inputs']).filter(isObject).map(expandRecord),
    outputs: asList(test['outputs']).filter(isObject).map(expandRecord),
    hasInputs: asList(test['inputs']).length > 0,
    ...(isObject(exception) ? { expectedException: expandException(exception) } : {}),
    ...(isObject(test['post']) ? { post: test['post'] } : {}),
    responses: test['responses'] === undefined ? undefined : asList(test['responses']),
    ...(isObject(test['expectedError']) ? { expectedError: test['expectedError'] } : {}),
    waitForActivePushQuery: conditions('inputConditions')['waitForActivePushQuery'] === true,
    testPullWithProtoFormat: test['testPullWithProtoFormat'] === true,
    verifyOrder: conditions('outputConditions')['verifyOrder'] === true,
  };
}

const propertyText = (value: ExactJson): string => (typeof value === 'string' ? value : printExactJson(value));

function expandException(exception: ExactObject): ExpectedException {
  const type = asText(exception['type']);
  const message = asText(exception['message']);
  return { type, message };
}

function expandTopic(topic: ExactObject, substitute: (text: string) => string): TestTopic {
  const optional = <K extends string, V>(key: K, value: V | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V };
  const format = (key: string) => {
    const text = asText(topic[key]);
    return text === undefined ? undefined : substitute(text);
  };
  return {
    name: asText(topic['name']) ?? '',
    partitions: asNumber(topic['partitions']) ?? 1,
    replicas: asNumber(topic['replicas']) ?? 1,
    ...optional('keyFormat', format('keyFormat')),
    ...optional('valueFormat', format('valueFormat')),
    ...optional('keySchema', topic['keySchema'] ?? undefined),
    ...optional('valueSchema', topic['valueSchema'] ?? undefined),
    ...optional('keySchemaId', asNumber(topic['keySchemaId'])),
    ...optional('valueSchemaId', asNumber(topic['valueSchemaId'])),
    keySchemaReferences: asList(topic['keySchemaReferences']).filter(isObject).map(expandReference),
    valueSchemaReferences: asList(topic['valueSchemaReferences']).filter(isObject).map(expandReference),
  };
}

function expandReference(reference: ExactObject): SchemaReference {
  return {
    name: asText(reference['name']) ?? '',
    format: asText(reference['format']) ?? 'AVRO',
    schema: reference['schema'] ?? null,
  };
}

function expandRecord(record: ExactObject): TestRecord {
  const window = record['window'];
  const timeMs = asNumber(record['timestamp']);
  return {
    topic: asText(record['topic']) ?? '',
    key: record['key'] ?? null,
    value: record['value'] ?? null,
    timeMs,
    ...(isObject(window)
      ? {
          window: {
            startMs: asNumber(window['start']) ?? 0,
            endMs: asNumber(window['end']) ?? 0,
            type: asText(window['type'])?.toLowerCase() === 'session' ? 'session' : 'time',
          },
        }
      : {}),
    headers: asList(record['headers'])
      .filter(isObject)
      .map((header) => ({ key: asText(header['KEY']) ?? '', value: asText(header['VALUE']) ?? null })),
  };
}
