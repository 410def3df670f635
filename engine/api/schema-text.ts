import { identifierText } from '../../language/text/identifier-text.ts';
import type { SchemaInfo } from './protocol.ts';

/** A type of the API as SQL text. */
export function schemaText(schema: SchemaInfo): string {
  switch (schema.type) {
    case 'STRUCT':
      return `STRUCT<${(schema.fields ?? []).map((field) => `${identifierText(field.name)} ${schemaText(field.schema)}`).join(', ')}>`;
    case 'ARRAY':
      return `ARRAY<${memberText(schema)}>`;
    case 'MAP':
      return `MAP<STRING, ${memberText(schema)}>`;
    case 'DECIMAL':
      return `DECIMAL(${schema.parameters?.['precision']}, ${schema.parameters?.['scale']})`;
    default:
      return schema.type;
  }
}

const memberText = ({ memberSchema }: SchemaInfo): string => (memberSchema ? schemaText(memberSchema) : '?');
