import { type InlayHint, InlayHintKind, MarkupKind, type Range } from 'vscode-languageserver';
import { childrenOf } from '../../language/binding/expression-tree.ts';
import type * as ast from '../../language/generated/ast.ts';
import type { ParsedStatement } from '../../language/index.ts';
import type { OutputName } from '../../language/names/name.ts';
import type { AnalyzedCreateAs, AnalyzedQuery, JoinRelation, Relation } from '../../language/query/analyzed.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import type { InlayHintKinds } from '../protocol.ts';
import { namesIn } from '../scripts/names.ts';
import type { Script } from '../scripts/script-store.ts';
import { shortType } from '../text/source-text.ts';

export const ALL_HINTS: InlayHintKinds = { columns: true, key: true, topics: true, defaults: true, casts: true };

/** A hint at an offset of its statement. */
interface Hint {
  readonly at: number;
  readonly label: string;
  readonly tooltip?: string;
}

/** What statements within a range do without its being written. */
export function inlayHints(script: Script, range: Range, kinds: InlayHintKinds): InlayHint[] {
  const { document, parsed, analysis } = script;
  const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  return parsed.statements.flatMap((statement) => {
    // Places in a text with the values of variables are others than those in the document.
    if (statement.range.start > end || statement.range.end < start || analysis.substituted.has(statement.index))
      return [];
    return hintsOf(script, statement, kinds).map(
      ({ at, label, tooltip }): InlayHint => ({
        position: document.positionAt(statement.offset + at),
        label,
        kind: InlayHintKind.Type,
        paddingLeft: true,
        ...(tooltip === undefined ? {} : { tooltip: { kind: MarkupKind.Markdown, value: tooltip } }),
      }),
    );
  });
}

function hintsOf(script: Script, statement: ParsedStatement, kinds: InlayHintKinds): readonly Hint[] {
  const analyzed = script.analysis.statements[statement.index];
  const { node } = statement;
  const hints: Hint[] = kinds.casts ? castHints(script, statement) : [];
  if (analyzed === undefined || node === undefined || !('query' in analyzed)) return hints;
  const query = queryOf(node);
  if (query !== undefined && kinds.topics) hints.push(...topicHints(analyzed.query, query));
  if (query !== undefined && kinds.defaults) hints.push(...graceHints(analyzed.query, query));
  if (analyzed.kind === 'create-as' && node.$type === 'CreateAs') {
    if (kinds.columns) hints.push(...columnHints(analyzed.query, namesIn(script, statement).outputs));
    const name = namesIn(script, statement).uses.find(({ defines, named }) => defines && named.kind === 'source');
    if (name !== undefined && kinds.key) hints.push(keyHint(analyzed, name.range.end));
    if (name !== undefined && kinds.defaults) hints.push(...defaultHints(analyzed, node, name.range.end));
  }
  return hints;
}

function queryOf(node: ast.Statement): ast.Query | undefined {
  if (node.$type === 'Query') return node;
  return node.$type === 'CreateAs' || node.$type === 'InsertSelect' ? node.query : undefined;
}

const typeText = (type: Parameters<typeof typeToString>[0]): string => shortType(typeToString(type));

/** The types of what is selected, and the names that nobody has given. */
function columnHints({ output }: AnalyzedQuery, names: readonly OutputName[]): readonly Hint[] {
  const unnamed = new Set(names.filter(({ by }) => by === 'rule').map(({ named }) => named.name));
  const items = Map.groupBy(
    output.columns.flatMap((column) =>
      column.selected === undefined ? [] : [{ ...column, selected: column.selected }],
    ),
    ({ selected }) => selected.range.end,
  );
  return Array.from(items, ([at, columns]): Hint => {
    const [only] = columns;
    const list = columns.map(({ name, type }) => `${identifierText(name)} ${typeText(type)}`);
    if (columns.length > 1 || only!.selected.fromStar) {
      const count = columns.length === 1 ? 'one column' : `${columns.length} columns`;
      return { at, label: `: ${count}`, tooltip: `\`\`\`ksql\n${list.join(',\n')}\n\`\`\`` };
    }
    const isNamed = !unnamed.has(only!.name);
    return {
      at,
      label: isNamed ? `: ${typeText(only!.type)}` : `AS ${identifierText(only!.name)}: ${typeText(only!.type)}`,
    };
  });
}

function keyHint({ sink }: AnalyzedCreateAs, at: number): Hint {
  const keys = sink.schema.columns
    .filter(({ namespace }) => namespace === 'key')
    .map(({ name }) => identifierText(name));
  const word = sink.kind === 'TABLE' ? 'primary key' : 'key';
  const windowed = sink.window === undefined ? '' : ', windowed';
  return { at, label: keys.length === 0 ? `no ${word}` : `${word} ${keys.join(', ')}${windowed}` };
}

/** The properties that CREATE … AS gets without their being written. */
function defaultHints({ sink, topic }: AnalyzedCreateAs, node: ast.CreateAs, nameEnd: number): readonly Hint[] {
  const written = new Set(node.properties?.entries.map(({ name }) => name.toUpperCase()));
  const all: readonly [name: string, text: string | undefined, instead?: string][] = [
    ['KAFKA_TOPIC', `'${topic.name}'`],
    ['KEY_FORMAT', sink.keyFormat.name === 'NONE' ? undefined : `'${sink.keyFormat.name}'`, 'FORMAT'],
    ['VALUE_FORMAT', `'${sink.valueFormat.name}'`, 'FORMAT'],
    ['PARTITIONS', topic.partitions > 0 ? String(topic.partitions) : undefined],
  ];
  const missing = all.flatMap(([name, text, instead]) =>
    text === undefined || written.has(name) || (instead !== undefined && written.has(instead))
      ? []
      : [`${name} = ${text}`],
  );
  if (missing.length === 0) return [];
  const last = node.properties?.entries.at(-1)?.$cstNode?.end;
  const tooltip = 'What ksqlDB takes where the statement says nothing.';
  return last === undefined
    ? [{ at: nameEnd, label: `WITH (${missing.join(', ')})`, tooltip }]
    : [{ at: last, label: `, ${missing.join(', ')}`, tooltip }];
}

/** The time for which windows without GRACE PERIOD take late records. */
function graceHints({ grouping }: AnalyzedQuery, { window }: ast.Query): readonly Hint[] {
  if (grouping?.window === undefined || grouping.window.graceMs !== undefined || window?.$cstNode === undefined)
    return [];
  const tooltip = 'Records that are late by up to a day still count. `GRACE PERIOD` says otherwise.';
  return [{ at: window.$cstNode.end - 1, label: ', GRACE PERIOD 24 HOURS', tooltip }];
}

/** Where rows are keyed anew, which goes through a topic that the query makes for itself. */
function topicHints(query: AnalyzedQuery, node: ast.Query): readonly Hint[] {
  const joins = joinsOf(node.from);
  const hints = joinRelations(query.relation).flatMap((relation, i): Hint[] => {
    const at = joins[i]?.criteria.$cstNode?.end;
    const sides = [
      ...(relation.repartitionLeft ? [`left by ${relation.leftKey.text}`] : []),
      ...(relation.repartitionRight ? [`right by ${relation.rightKey.text}`] : []),
    ];
    if (at === undefined || sides.length === 0) return [];
    return [{ at, label: `keyed anew: ${sides.join(', ')}`, tooltip: repartitionText('this side of the join') }];
  });
  const groupEnd = node.groupBy?.$cstNode?.end;
  if (query.grouping?.repartition && groupEnd !== undefined) {
    const keys = query.grouping.keys.map(({ text }) => text).join(', ');
    hints.push({ at: groupEnd, label: `keyed anew by ${keys}`, tooltip: repartitionText('the rows') });
  }
  const partitionEnd = node.partitionBy?.$cstNode?.end;
  if (query.partitionBy !== undefined && partitionEnd !== undefined)
    hints.push({ at: partitionEnd, label: 'keyed anew', tooltip: repartitionText('the rows') });
  return hints;
}

const repartitionText = (what: string): string =>
  `The key is another one than that of ${what} as read, so all rows go through an internal topic of the query (\`…-repartition\`) that spreads them anew.`;

/** The joins of a FROM clause, from left to right. */
function joinsOf(relation: ast.Relation): readonly ast.Join[] {
  return relation.$type === 'Join' ? [...joinsOf(relation.left), relation] : [];
}

function joinRelations(relation: Relation): readonly JoinRelation[] {
  return relation.kind === 'join' ? [...joinRelations(relation.left), relation] : [];
}

/** The types that operands are brought to without a CAST. */
function castHints({ analysis }: Script, statement: ParsedStatement): Hint[] {
  const casts = new Map<number, string>();
  for (const expression of analysis.expressions[statement.index]?.values() ?? [])
    for (const child of childrenOf(expression)) {
      if (child.kind !== 'cast' || !child.implicit || child.operand.range === undefined) continue;
      casts.set(child.operand.range.end, typeText(child.type));
    }
  return Array.from(casts, ([at, type]) => ({
    at,
    label: `→ ${type}`,
    tooltip: 'Brought to this type without a `CAST`.',
  }));
}
