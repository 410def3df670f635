import type { ParsedStatement } from '../../language/index.ts';
import { type NameUse, nameKey, type OutputName } from '../../language/names/name.ts';
import { type QuerySource, querySources } from '../../language/names/tree-names.ts';
import type { TextEdit } from '../../language/text/diagnostic.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { namesIn } from '../scripts/names.ts';
import type { Script } from '../scripts/script-store.ts';
import type { NewName } from './new-name.ts';
import type { RenameSet } from './rename-set.ts';

/** The changes of a script that give everything its new name, in the order of the text. */
export function renameEdits(script: Script, renamed: RenameSet): readonly TextEdit[] {
  return script.parsed.statements
    .flatMap((statement) => statementEdits(script, statement, renamed).map((edit) => moved(edit, statement)))
    .sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}

const moved = ({ range, text }: TextEdit, { offset }: ParsedStatement): TextEdit => ({
  range: { start: range.start + offset, end: range.end + offset },
  text,
});

function statementEdits(script: Script, statement: ParsedStatement, renamed: RenameSet): TextEdit[] {
  const { uses, outputs } = namesIn(script, statement);
  const scope = { file: script.document.uri, index: statement.index };
  const expanded = expandedStars(script, statement, outputs, renamed);
  const isExpanded = ({ range }: NameUse) =>
    expanded.some((edit) => edit.range.start <= range.start && range.end <= edit.range.end);
  const names = uses.flatMap((use): TextEdit[] => {
    const name = renamed.get(nameKey(use.named, scope));
    // A variable keeps its value, which may stand for something else in another place.
    if (name === undefined || use.form === 'value' || isExpanded(use)) return [];
    return [{ range: use.range, text: textFor(use, name) }];
  });
  return [
    ...names,
    ...expanded,
    ...keptNames(script, statement, outputs, renamed),
    ...qualified(script, statement, renamed),
  ];
}

function textFor({ form, named }: NameUse, { name, text }: NewName): string {
  if (form === 'variable') return name.toLowerCase() === text.toLowerCase() ? text : name;
  if (form === 'name') return text;
  return named.kind === 'topic' ? name.replaceAll("'", "''") : text.replaceAll("'", "''");
}

/** What a column of a result has to be named, and what it would be named by itself. */
function namesOf(script: Script, statement: ParsedStatement, output: OutputName, renamed: RenameSet) {
  const wanted = renamed.get(nameKey(output.named));
  const name = wanted?.name ?? output.named.name;
  return { name, text: wanted?.text ?? renamed.text(name), byItself: renamed.derived(output, statement, script) };
}

/** Select items without AS that get one, because the name that they would have is not the one of their column. */
function keptNames(
  script: Script,
  statement: ParsedStatement,
  outputs: readonly OutputName[],
  renamed: RenameSet,
): readonly TextEdit[] {
  const { uses } = namesIn(script, statement);
  // A select item that is the field of a struct takes its name.
  const isField = ({ item }: OutputName) =>
    uses.some(({ named, range }) => named.kind === 'field' && range.end === item.end && renamed.has(nameKey(named)));
  return outputs.flatMap((output): TextEdit[] => {
    if (output.by !== 'column' && output.by !== 'rule') return [];
    const { name, text, byItself } = namesOf(script, statement, output, renamed);
    const { end } = output.item;
    return name === byItself && !isField(output) ? [] : [{ range: { start: end, end }, text: ` AS ${text}` }];
  });
}

/** Stars that are written out, because one of their columns needs an AS. */
function expandedStars(
  script: Script,
  statement: ParsedStatement,
  outputs: readonly OutputName[],
  renamed: RenameSet,
): readonly TextEdit[] {
  const stars = Map.groupBy(
    outputs.filter(({ by }) => by === 'star'),
    ({ item }) => item.start,
  );
  return [...stars.values()].flatMap((columns): TextEdit[] => {
    const names = columns.map((output) => ({ output, ...namesOf(script, statement, output, renamed) }));
    if (names.every(({ name, byItself }) => name === byItself)) return [];
    const items = names.map(({ output, name, text }) => {
      const { from, alias } = output;
      const column = from && (renamed.get(nameKey(from)) ?? { name: from.name, text: renamed.text(from.name) });
      if (column === undefined || from === undefined) return text;
      const isJoined = output.named.name !== from.name;
      const qualifier = isJoined && alias !== undefined ? `${aliasText(alias, statement, script, renamed)}.` : '';
      return `${qualifier}${column.text}${column.name === name ? '' : ` AS ${text}`}`;
    });
    return [{ range: columns[0]!.item, text: items.join(', ') }];
  });
}

function aliasText(alias: string, statement: ParsedStatement, script: Script, renamed: RenameSet): string {
  const scope = { file: script.document.uri, index: statement.index };
  const { uses } = namesIn(script, statement);
  const isAlias = ({ named }: NameUse) => named.kind === 'alias' && named.name === alias;
  const own = uses.find(isAlias) ?? uses.find(({ named }) => named.kind === 'source' && named.name === alias);
  if (own === undefined) return identifierText(alias);
  return renamed.get(nameKey(own.named, scope))?.text ?? statement.text.slice(own.range.start, own.range.end);
}

/** Qualifiers for columns of which the name alone would say too little once others have their new names. */
function qualified(script: Script, statement: ParsedStatement, renamed: RenameSet): readonly TextEdit[] {
  const sources = statement.node === undefined ? new Map<string, QuerySource>() : querySources(statement.node);
  if (sources.size < 2) return [];
  const metastore = script.analysis.metastores[statement.index];
  const columnsOf = (source: string): readonly string[] =>
    (metastore?.sources.get(source)?.schema.columns ?? []).map(
      ({ name }) => renamed.get(nameKey({ kind: 'column', source, name }))?.name ?? name,
    );
  const { uses } = namesIn(script, statement);
  return uses.flatMap(({ named, range, form, defines }): TextEdit[] => {
    if (named.kind !== 'column' || defines || form !== 'name') return [];
    if (/\.\s*$/.test(statement.text.slice(0, range.start))) return [];
    const owner = [...sources].find(([, { source }]) => source === named.source)?.[0];
    const name = renamed.get(nameKey(named))?.name ?? named.name;
    const owners = [...sources.values()].filter(({ source }) => columnsOf(source).includes(name));
    if (owner === undefined || owners.length < 2) return [];
    const { start } = range;
    return [{ range: { start, end: start }, text: `${aliasText(owner, statement, script, renamed)}.` }];
  });
}
