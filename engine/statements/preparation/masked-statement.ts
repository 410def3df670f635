import type * as ast from '../../../language/generated/ast.ts';
import type { ParsedStatement } from '../../../language/parser/parse-script.ts';
import { hasRole } from '../../../language/parser/statement-roles.ts';
import { backQuoted } from '../../../language/types/sql-type.ts';

/** INSERT INTO … VALUES is echoed without its values, which may be nobody else's business. */
export function maskedInsert({ target, columns, values }: ast.InsertValues): string {
  const list = columns.length === 0 ? '' : ` (${columns.map(backQuoted).join(', ')})`;
  return `INSERT INTO ${backQuoted(target)}${list} VALUES (${values.map(() => "'[value]'").join(', ')});`;
}

const NAME = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^\s=]+/;

/** CREATE CONNECTOR with its names as they were written, and the values of its properties hidden, except the class. */
export function maskedConnector({ kind, ifNotExists, properties }: ast.CreateConnector, text: string): string {
  const head = /\bCONNECTOR\s+(?:IF\s+NOT\s+EXISTS\s+)?/i.exec(text);
  const name = NAME.exec(text.slice(head === null ? 0 : head.index + head[0].length))?.[0] ?? '';
  const entries = properties.entries.map((property) => {
    const key = NAME.exec(property.$cstNode?.text ?? '')?.[0] ?? property.name;
    const shown = property.name.toLowerCase() === 'connector.class';
    return `${key}=${shown ? (property.value.$cstNode?.text ?? '') : "'[string]'"}`;
  });
  return `CREATE ${kind} CONNECTOR ${ifNotExists ? 'IF NOT EXISTS ' : ''}${name} WITH (${entries.join(', ')});`;
}

/** A whole request as ksqlDB echoes it where it takes the fault for its own: a statement a line, secrets hidden. */
export function maskedRequest(statements: readonly ParsedStatement[]): string {
  return statements.map(maskedStatement).join('\n');
}

/** Only what is inserted and defined has values that nobody else is to see. */
export function maskedStatement({ node, text }: ParsedStatement): string {
  if (!hasRole(node, 'insert', 'definition')) return text;
  switch (node.$type) {
    case 'InsertValues':
      return maskedInsert(node);
    case 'CreateConnector':
      return maskedConnector(node, text);
    case 'CreateAs':
    case 'CreateSource':
    case 'CreateType':
    case 'InsertSelect':
      return text;
    default:
      return node satisfies never;
  }
}
