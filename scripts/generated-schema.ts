import { CODES_BY_TOPIC, DIAGNOSTICS } from '../language/diagnostics/diagnostic-codes.ts';
import { LOCK_VERSION } from '../language/project/schema-lock.ts';
import { CONFIG_PROPERTIES } from '../language/settings/property-table.ts';

const texts = (description: string) => ({ type: 'array', items: { type: 'string' }, description });

/** The JSON schema of `ksql.json`, from the language's own tables. */
export function configSchemaText(): string {
  const severity = { enum: ['error', 'warning', 'information', 'hint', 'off'] };
  const rules = [...CODES_BY_TOPIC.values()]
    .flat()
    .map((code) => [code, { ...severity, description: DIAGNOSTICS[code].title }]);
  const settings = CONFIG_PROPERTIES.filter(({ immutable }) => !immutable).map(({ name, docs, values }) => [
    name,
    { description: docs, examples: values },
  ]);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A KSQL project',
    description: 'Files of this folder that belong together: each may use what the others make.',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      files: texts(
        'The files of the project, or folders of files; *, ** and ? stand for other characters. All .ksql and .ksqlnb files unless given.',
      ),
      order: texts(
        'Files in the order of their deployment, where what they read does not decide it; what is not named follows.',
      ),
      dialect: { enum: ['latest', '2018'], description: 'The dialect of the files.' },
      variables: {
        type: 'object',
        additionalProperties: { type: ['string', 'number', 'boolean'] },
        description: 'Variables that are defined before each file, as DEFINE does.',
      },
      properties: {
        type: 'object',
        properties: Object.fromEntries(settings),
        additionalProperties: { type: ['string', 'number', 'boolean'] },
        description: 'Settings of each session, as SET gives them.',
      },
      functions: texts("Folders with functions of the user's own."),
      rules: {
        type: 'object',
        properties: Object.fromEntries(rules),
        additionalProperties: false,
        description: 'How grave diagnostics are, by their codes.',
      },
    },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** An object with a member of one kind for each name. */
const named = (description: string, member: object) => ({
  type: 'object',
  description,
  additionalProperties: member,
});

const strictly = (properties: object, ...optional: readonly string[]) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

/** The JSON schema of `ksql.lock.json`. */
export function lockSchemaText(): string {
  const text = { type: 'string' };
  const count = { type: 'integer', minimum: 0 };
  const flag = { type: 'boolean' };
  const column = strictly(
    { name: text, type: text, namespace: { enum: ['key', 'value', 'headers', 'header'] }, headerKey: text },
    'headerKey',
  );
  const source = strictly(
    {
      kind: { enum: ['STREAM', 'TABLE'] },
      topic: text,
      keyFormat: text,
      valueFormat: text,
      windowType: text,
      windowSizeMs: { ...count, description: 'Of windows that all have one size.' },
      delimiter: { ...text, description: 'Of values in the format DELIMITED, where it is no comma.' },
      readOnly: flag,
      partitions: count,
      columns: { type: 'array', items: column },
      statementText: { ...text, description: 'The statement that made it, as the server prints it.' },
    },
    'windowType',
    'windowSizeMs',
    'delimiter',
    'readOnly',
    'partitions',
  );
  const parameters = { type: 'array', items: strictly({ name: text, type: text, variadic: flag }, 'variadic') };
  const overload = strictly({ parameters, returns: text });
  const declared = strictly({
    kind: { enum: ['scalar', 'aggregate', 'table'] },
    summary: text,
    file: text,
    overloads: { type: 'array', items: overload },
  });
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'What a cluster has',
    description: '`ksql pull` writes this file. It stands for the cluster where none is connected.',
    type: 'object',
    additionalProperties: false,
    properties: {
      version: { const: LOCK_VERSION },
      cluster: { ...text, description: "The ids of Kafka's cluster and of ksqlDB's service." },
      sources: named('Streams and tables.', source),
      types: named('Types that were made with CREATE TYPE, as SQL.', text),
      topics: named('Topics that are not internal.', strictly({ partitions: count, replicas: count })),
      functions: named("Functions besides ksqlDB's own.", declared),
    },
    required: ['version', 'sources', 'types', 'topics', 'functions'],
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
