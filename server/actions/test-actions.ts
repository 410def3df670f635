import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type { ParsedStatement } from '../../language/index.ts';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import type { SqlType } from '../../language/types/sql-type.ts';
import { namesIn } from '../scripts/names.ts';
import { type Spelling, spellingOf } from '../scripts/spelling.ts';
import type { ActionSite } from './action-site.ts';

/**
 * A test of a CREATE … AS, in a file beside the script: what it needs, a row for each source, and what is to come out.
 */
export function testActions(site: ActionSite): CodeAction[] {
  const { node, analyzed, script } = site;
  if (node?.$type !== 'CreateAs' || analyzed?.kind !== 'create-as') return [];
  const stem = script.document.uri.replace(/\.(?:ksql|sql)$/, '');
  const uri = `${stem}.${node.name.toLowerCase()}.test.ksql`;
  const newText = testText(site, analyzed.sink);
  if (newText === undefined) return [];
  const start = { line: 0, character: 0 };
  return [
    {
      title: `Generate a test of ${identifierText(node.name)}`,
      kind: CodeActionKind.Refactor,
      edit: {
        documentChanges: [
          { kind: 'create', uri, options: { ignoreIfExists: true } },
          { textDocument: { uri, version: null }, edits: [{ range: { start, end: start }, newText }] },
        ],
      },
    },
  ];
}

function testText(site: ActionSite, sink: DataSource): string | undefined {
  const { statement, script, metastore, analyzed } = site;
  if (analyzed?.kind !== 'create-as') return undefined;
  const needed = neededStatements(site);
  const spelling = spellingOf(script);
  const inputs = needed
    .flatMap(({ node }) => (node?.$type === 'CreateSource' ? [metastore.sources.get(node.name)] : []))
    .filter((source) => source !== undefined)
    // A join finds the rows of a table that are there before those of the stream.
    .sort((a, b) => Number(a.kind === 'STREAM') - Number(b.kind === 'STREAM'));
  if (inputs.length === 0) return undefined;
  const rows = inputs.map((source) => insertText(source, spelling));
  return [
    `--@test: ${identifierText(sink.name).toLowerCase()} is made of its sources`,
    ...needed.map(({ text }) => text),
    statement.text,
    '',
    ...rows,
    '',
    ...assertText(site, sink, spelling),
    '',
  ].join('\n');
}

/** The statements before one that make what it names, and what those name in turn, in their order. */
function neededStatements({ script, statement }: ActionSite): readonly ParsedStatement[] {
  const needed = new Set<ParsedStatement>();
  const open = [statement];
  for (const each of open) {
    const wanted = new Set(namesIn(script, each).uses.map(({ named }) => `${named.kind} ${named.name}`));
    for (const other of script.parsed.statements) {
      if (other.index >= each.index || needed.has(other)) continue;
      const makes = namesIn(script, other).uses.some(
        ({ named, defines }) =>
          defines && (named.kind === 'source' || named.kind === 'type') && wanted.has(`${named.kind} ${named.name}`),
      );
      if (!makes) continue;
      needed.add(other);
      open.push(other);
    }
  }
  return [...needed].sort((a, b) => a.index - b.index);
}

function insertText({ name, schema }: DataSource, spelling: Spelling): string {
  const columns = schema.columns.filter(({ namespace }) => namespace === 'key' || namespace === 'value');
  const names = columns.map((column) => spelling.column(name, column.name) ?? identifierText(column.name));
  const values = columns.map(({ type }) => sampleText(type));
  return `INSERT INTO ${spelling.source(name) ?? identifierText(name)} (${names.join(', ')}) VALUES (${values.join(', ')});`;
}

/** The row that comes of the samples, in the columns that are handed on unchanged, and which others there are. */
function assertText({ script, statement }: ActionSite, sink: DataSource, spelling: Spelling): readonly string[] {
  const outputs = namesIn(script, statement).outputs;
  const nameOf = (name: string) => spelling.column(sink.name, name) ?? identifierText(name);
  const isHandedOn = (name: string) => outputs.some(({ named, from }) => named.name === name && from !== undefined);
  const known = sink.schema.columns.filter(({ name }) => isHandedOn(name));
  const others = sink.schema.columns.filter(({ name }) => !isHandedOn(name)).map(({ name }) => nameOf(name));
  const names = known.map(({ name }) => nameOf(name)).join(', ');
  const values = known.map(({ type }) => sampleText(type)).join(', ');
  return [
    ...(others.length === 0 ? [] : [`-- What comes of the rest is still to be said: ${others.join(', ')}.`]),
    ...(known.length === 0
      ? []
      : [`ASSERT VALUES ${spelling.source(sink.name) ?? identifierText(sink.name)} (${names}) VALUES (${values});`]),
  ];
}

/** A value of a type: the same for all columns, so that joins find each other. */
function sampleText(type: SqlType): string {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'true';
    case 'INTEGER':
    case 'BIGINT':
      return '1';
    case 'DOUBLE':
      return '1.5';
    case 'DECIMAL':
      return (1).toFixed(type.scale);
    case 'STRING':
      return "'a'";
    case 'BYTES':
      return "TO_BYTES('61', 'hex')";
    case 'DATE':
      return "'2024-01-01'";
    case 'TIME':
      return "'12:00:00'";
    case 'TIMESTAMP':
      return "'2024-01-01T12:00:00'";
    case 'ARRAY':
      return `ARRAY[${sampleText(type.element)}]`;
    case 'MAP':
      return `MAP(${sampleText(type.key)} := ${sampleText(type.value)})`;
    case 'STRUCT':
      return `STRUCT(${type.fields.map(({ name, type: own }) => `${identifierText(name)} := ${sampleText(own)}`).join(', ')})`;
    default:
      return type satisfies never;
  }
}
