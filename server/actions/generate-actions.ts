import type { AstNode } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { jsonColumns, readJson } from '../../language/text/json-columns.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { typeOfText } from '../scripts/type-of-text.ts';
import { shortType } from '../text/source-text.ts';
import { type ActionSite, editAction, freeName, nodeAround, textOf } from './action-site.ts';

/** Statements that can be made of what stands there. */
export const generateActions = (site: ActionSite): CodeAction[] => [...createForInsert(site), ...createForJson(site)];

/** A CREATE for the stream that an INSERT names and nothing makes, with the types of its values. */
function createForInsert(site: ActionSite): CodeAction[] {
  const { node, metastore, statement } = site;
  if (node?.$type !== 'InsertValues' || metastore.sources.has(node.target)) return [];
  const { start } = statement.range;
  const text = `${createText(namedAs(site, node), columnsOf(site, node))}\n\n`;
  return [
    editAction(
      site,
      `Create the stream ${node.target}`,
      [{ range: { start, end: start }, text }],
      CodeActionKind.QuickFix,
    ),
  ];
}

/** The target as it is written. */
const namedAs = ({ statement }: ActionSite, { target }: ast.InsertValues): string =>
  /\bINTO\s+(`[^`]*`|"[^"]*"|[^\s(]+)/i.exec(statement.text)?.[1] ?? identifierText(target);

function columnsOf(site: ActionSite, { columns, values }: ast.InsertValues): readonly string[] {
  const names = columns.length > 0 ? columns.map(identifierText) : values.map((_, i) => `col${i + 1}`);
  return values.slice(0, names.length).map((value, i) => {
    const type = typeOfText(site.script, textOf(site, value), site.metastore, new Map());
    const name = /^[A-Z0-9_]+$/.test(names[i]!) ? names[i]!.toLowerCase() : names[i]!;
    return `${name} ${type === undefined ? 'STRING' : shortType(typeToString(type))}${i === 0 ? ' KEY' : ''}`;
  });
}

/** The text of a CREATE STREAM over a JSON topic of its name. */
export function createText(
  name: string,
  columns: readonly string[],
  topic = name.replaceAll(/[`"]/g, '').toLowerCase(),
): string {
  const list = columns.map((column) => `\n  ${column}`).join(',');
  return `CREATE STREAM ${name} (${list}\n) WITH (\n  KAFKA_TOPIC = '${topic.replaceAll("'", "''")}',\n  VALUE_FORMAT = 'JSON',\n  PARTITIONS = 1\n);`;
}

/** The CREATE of a stream over a topic with such records; undefined where they are no JSON objects. */
export function createForRecords(topic: string, records: readonly string[]): string | undefined {
  const documents = records.flatMap((record) => readJson(record) ?? []);
  const columns = jsonColumns(documents);
  const name = topic.replaceAll(/\W+/g, '_');
  return columns && createText(/^\d/.test(name) ? `t_${name}` : name, columns, topic);
}

/** JSON that was pasted into a script becomes the CREATE of a stream of such rows. */
function createForJson(site: ActionSite): CodeAction[] {
  const { statement, script, selected, node } = site;
  const isSelected = selected.end > selected.start;
  const { start } = statement.range;
  const range = isSelected ? selected : { start, end: start + jsonLength(statement.text) };
  const text = script.parsed.text.slice(range.start, range.end);
  if (node !== undefined || !/^\s*[[{]/.test(text)) return [];
  const documents = readJson(text.trim().replace(/;$/, ''));
  const columns = documents && jsonColumns(documents);
  if (columns === undefined) return [];
  const name = freeName(site, 'pasted');
  return [editAction(site, 'Make a CREATE STREAM of this JSON', [{ range, text: createText(name, columns) }])];
}

/**
 * How long the JSON document at the beginning of a text is; what stands behind it may be the statement that was there
 * before.
 */
function jsonLength(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth === 0) return index + token.length;
  }
  return text.length;
}

/**
 * Where something stands that has the name of a topic, for an action of the client: a PRINT, or a CREATE without
 * columns.
 */
export function topicAt(site: ActionSite): string | undefined {
  const { node } = site;
  if (node?.$type === 'PrintTopic') return node.topic;
  const unknown = topicOfUnknown(site);
  if (unknown !== undefined) return unknown;
  if (node?.$type !== 'CreateSource' || node.elements.length > 0) return undefined;
  const value = node.properties?.entries.find(({ name }) => name.toUpperCase() === 'KAFKA_TOPIC')?.value;
  return value?.$type === 'StringLiteral' ? value.value : undefined;
}

/** The topic of the server that has the name of a source which nothing makes. */
function topicOfUnknown(site: ActionSite): string | undefined {
  const { script, metastore } = site;
  const isSource = (node: AstNode): node is ast.AliasedSource => node.$type === 'AliasedSource';
  const source = nodeAround(site, isSource);
  if (source === undefined || metastore.sources.has(source.name)) return undefined;
  const likely = (topic: string) => topic.replaceAll(/\W/g, '_').toUpperCase() === source.name.toUpperCase();
  return [...(script.topics?.keys() ?? [])].find(likely);
}
