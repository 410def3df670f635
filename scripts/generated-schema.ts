import { CODES_BY_TOPIC, DIAGNOSTICS } from '../language/diagnostics/diagnostic-codes.ts';
import { CONFIG_PROPERTIES } from '../language/settings/property-table.ts';

const texts = (description: string) => ({ type: 'array', items: { type: 'string' }, description });

/** The JSON schema of `ksql.json`, from the language's own tables. */
export function schemaText(): string {
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
        'The files of the project, or folders of files; *, ** and ? stand for other characters. All .ksql files unless given.',
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
