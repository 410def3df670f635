import type * as ast from '../generated/ast.ts';
import { identifierText, stringText } from '../text/identifier-text.ts';
import type { Column } from '../types/schema.ts';
import type { SqlType } from '../types/sql-type.ts';
import { type NamePrinter, pluralUnit, printExpression } from './expression-text.ts';

/** The value of a WITH property as it is printed: texts in quotes, numbers and booleans as they are. */
export type PropertyValue = string | number | boolean;

/** What is printed in place of what the user wrote, once names are resolved and defaults injected. */
export interface CreateSourceText {
  readonly columns: readonly Column[];
  readonly properties: ReadonlyMap<string, PropertyValue>;
}

/** A type inside a CREATE statement: field names are only quoted where they must be. */
export function columnTypeText(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${columnTypeText(type.element)}>`;
    case 'MAP':
      return `MAP<${columnTypeText(type.key)}, ${columnTypeText(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${identifierText(field.name)} ${columnTypeText(field.type)}`).join(', ')}>`;
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return type.kind;
    default:
      return type satisfies never;
  }
}

/** `WITH (A='x', B=1)`, properties in alphabetical order. */
export function propertiesText(properties: ReadonlyMap<string, PropertyValue>): string {
  const entries = [...properties].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `WITH (${entries.map(([name, value]) => `${name}=${typeof value === 'string' ? stringText(value) : String(value)}`).join(', ')})`;
}

/** DROP as ksqlDB prints it back once the topic is deleted: that clause is done with. */
export function dropText({ kind, name, ifExists }: ast.DropSource): string {
  return `DROP ${kind} ${ifExists ? 'IF EXISTS ' : ''}${identifierText(name)};`;
}

/** CREATE STREAM or TABLE as ksqlDB prints it back: columns resolved, properties injected. */
export function createSourceText(node: ast.CreateSource, { columns, properties }: CreateSourceText): string {
  const isTable = node.kind === 'TABLE';
  const elements = columns.map(
    (column) => `${identifierText(column.name)} ${columnTypeText(column.type)}${constraintText(column, isTable)}`,
  );
  const list = elements.length === 0 ? '' : ` (${elements.join(', ')})`;
  return `${createHead(node, node.readOnly === true)}${list} ${propertiesText(properties)};`;
}

function createHead(node: ast.CreateSource | ast.CreateAs, readOnly: boolean): string {
  const words = ['CREATE', ...(node.orReplace ? ['OR REPLACE'] : []), ...(readOnly ? ['SOURCE'] : []), node.kind];
  if (node.ifNotExists) words.push('IF NOT EXISTS');
  return [...words, identifierText(node.name)].join(' ');
}

function constraintText({ namespace, headerKey }: Column, isTable: boolean): string {
  switch (namespace) {
    case 'key':
      return isTable ? ' PRIMARY KEY' : ' KEY';
    case 'headers':
      return ' HEADERS';
    case 'header':
      return ` HEADER(${stringText(headerKey ?? '')})`;
    case 'value':
      return '';
    default:
      return namespace satisfies never;
  }
}

/** How a query is printed: names with their sources, and the name each select item got. */
export interface QueryText {
  readonly names: NamePrinter;
  /** The output name of the i-th select item that is an expression; undefined keeps what the user wrote. */
  readonly aliasOf: (item: ast.SelectExpression, index: number) => string | undefined;
}

/** CREATE … AS SELECT as ksqlDB prints it back. */
export function createAsText(
  node: ast.CreateAs,
  properties: ReadonlyMap<string, PropertyValue>,
  text: QueryText,
): string {
  return `${createHead(node, false)} ${propertiesText(properties)} AS ${queryText(node.query, text)};`;
}

/** A query as ksqlDB prints it: each clause on a line, several select items on lines of their own, EMIT always said. */
export function queryText(query: ast.Query, { names, aliasOf }: QueryText): string {
  const items = query.items.map((item, i) =>
    selectItemText(item, names, item.$type === 'SelectExpression' ? aliasOf(item, i) : undefined),
  );
  const select = items.length === 1 ? `SELECT ${items[0]}` : `SELECT\n  ${items.join(',\n  ')}`;
  const lines = [select, `FROM ${relationText(query.from, names)}`];
  if (query.window !== undefined) lines.push(`WINDOW ${windowText(query.window)} `);
  if (query.where !== undefined) lines.push(`WHERE ${printExpression(query.where, names)}`);
  if (query.groupBy !== undefined) lines.push(`GROUP BY ${keysText(query.groupBy.keys, names)}`);
  if (query.partitionBy !== undefined) lines.push(`PARTITION BY ${keysText(query.partitionBy.keys, names)}`);
  if (query.having !== undefined) lines.push(`HAVING ${printExpression(query.having, names)}`);
  lines.push(`EMIT ${query.emit ?? 'CHANGES'}`);
  if (query.limit !== undefined) lines.push(`LIMIT ${query.limit}`);
  return lines.join('\n');
}

const keysText = (keys: readonly ast.Expression[], names: NamePrinter) => {
  const texts = keys.map((key) => printExpression(key, names));
  return texts.length === 1 ? texts[0]! : texts.join(', ');
};

function selectItemText(item: ast.SelectItem, names: NamePrinter, alias: string | undefined): string {
  switch (item.$type) {
    case 'SelectAll':
      return '*';
    case 'SelectAllOf':
      return `${identifierText(item.source)}.*`;
    case 'SelectStructFields':
      return `${printExpression(item.base.expression, names)}->*`;
    case 'SelectExpression': {
      const name = alias ?? item.alias;
      return name === undefined
        ? printExpression(item.expression, names)
        : `${printExpression(item.expression, names)} ${identifierText(name)}`;
    }
    default:
      return item satisfies never;
  }
}

function relationText(relation: ast.Relation, names: NamePrinter): string {
  if (relation.$type === 'AliasedSource')
    return `${identifierText(relation.name)} ${identifierText(relation.alias ?? relation.name)}`;
  const join = relation as ast.Join;
  const type = join.type ?? 'INNER';
  const words = { INNER: 'INNER', LEFT: 'LEFT OUTER', RIGHT: 'RIGHT OUTER', FULL: 'FULL OUTER' }[type] ?? type;
  const within = join.within === undefined ? '' : ` ${withinText(join.within)}`;
  return `${relationText(join.left, names)}\n${words} JOIN ${relationText(join.right, names)}${within} ON (${printExpression(join.criteria, names)})`;
}

function withinText({ size, before, after, grace }: ast.Within): string {
  const bounds = size === undefined ? [durationText(before!), durationText(after!)] : [durationText(size)];
  const span = bounds[0] === (bounds[1] ?? bounds[0]) ? bounds[0] : `(${bounds.join(', ')})`;
  return `WITHIN ${span}${grace === undefined ? '' : ` GRACE PERIOD ${durationText(grace)}`}`;
}

function windowText(window: ast.WindowExpression): string {
  const retention = window.retention === undefined ? '' : ` , RETENTION ${durationText(window.retention)}`;
  const tail = `${retention}${window.grace === undefined ? '' : ` , GRACE PERIOD ${durationText(window.grace)}`}`;
  switch (window.$type) {
    case 'TumblingWindow':
      return `TUMBLING ( SIZE ${durationText(window.size)}${tail} )`;
    case 'HoppingWindow':
      return `HOPPING ( SIZE ${durationText(window.size)} , ADVANCE BY ${durationText(window.advance)}${tail} )`;
    case 'SessionWindow':
      return `SESSION ( ${durationText(window.gap)}${tail} )`;
    default:
      return window satisfies never;
  }
}

const durationText = ({ amount, unit }: ast.Duration): string => `${amount} ${pluralUnit(unit)}`;
