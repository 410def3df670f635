import type { CodeAction } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import { analyzeStatement, parseScript, rangeOf } from '../../language/index.ts';
import type { AnalyzedStatement } from '../../language/query/analyzed.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { settingsOf } from '../scripts/type-of-text.ts';
import { type ActionSite, editAction, placeOf } from './action-site.ts';

/** What a CREATE leaves to the defaults can be stated, and what only states them can be left out. */
export function withActions(site: ActionSite): CodeAction[] {
  const { node, selected } = site;
  if (node?.$type !== 'CreateSource' && node?.$type !== 'CreateAs') return [];
  const clause = node.properties && placeOf(site, node.properties);
  const head = { start: site.statement.range.start, end: clause?.end ?? endOfHead(site, node) };
  if (selected.start > head.end) return [];
  const left = clause !== undefined && selected.start >= clause.start - 'WITH '.length ? leaveDefaults(site, node) : [];
  return [...stateDefaults(site, node, clause), ...left];
}

type Create = ast.CreateSource | ast.CreateAs;

const endOfHead = (site: ActionSite, node: Create): number =>
  node.$type === 'CreateAs' ? placeOf(site, node.query).start : site.statement.range.end;

/** As ksqlDB prints the statement back, with all that holds for it. */
function printedText({ analyzed }: Pick<ActionSite, 'analyzed'>): string | undefined {
  return analyzed?.kind === 'create-as' || analyzed?.kind === 'create-source' ? analyzed.statementText : undefined;
}

function stateDefaults(site: ActionSite, node: Create, clause: TextRange | undefined): CodeAction[] {
  const printed = printedText(site);
  const [read] = printed === undefined ? [] : parseScript(printed, site.script.parsed.options).statements;
  const whole = read?.node;
  if (read === undefined || (whole?.$type !== 'CreateSource' && whole?.$type !== 'CreateAs')) return [];
  const given = new Set(node.properties?.entries.map(({ name }) => name.toUpperCase()));
  const isStated = (name: string) => given.has(name) || (given.has('FORMAT') && /^(?:KEY|VALUE)_FORMAT$/.test(name));
  const missing = (whole.properties?.entries ?? [])
    // It is the server's to say, and refused where a statement says it.
    .filter(({ name }) => name !== 'CLEANUP_POLICY' && !isStated(name.toUpperCase()))
    .map((entry) => {
      const { start, end } = rangeOf(entry.value, { offset: 0 });
      return `${entry.name} = ${printed!.slice(start, end)}`;
    });
  if (missing.length === 0) return [];
  const text = missing.join(', ');
  if (clause !== undefined) {
    const at = clause.end - 1;
    return [editAction(site, 'State the defaults in WITH', [{ range: { start: at, end: at }, text: `, ${text}` }])];
  }
  const at = clausePlace(site, node);
  return at === undefined
    ? []
    : [editAction(site, 'State the defaults in WITH', [{ range: { start: at, end: at }, text: `WITH (${text}) ` }])];
}

/** Where a WITH clause may begin: before the AS of the query. */
function clausePlace(site: ActionSite, node: Create): number | undefined {
  if (node.$type === 'CreateSource') return undefined;
  const { start } = placeOf(site, node.query);
  return /\bAS\s+$/i.exec(site.script.parsed.text.slice(0, start))?.index;
}

/** Leaves out what changes nothing about the source, which the analysis of the statement without it says. */
function leaveDefaults(site: ActionSite, node: Create): CodeAction[] {
  const { statement, script } = site;
  const made = madeBy(site.analyzed);
  if (made === undefined) return [];
  let text = statement.text;
  for (const entry of [...(node.properties?.entries ?? [])].reverse()) {
    const { start, end } = placeOf(site, entry);
    const without = withoutEntry(text, { start: start - statement.offset, end: end - statement.offset });
    const [changed] = parseScript(without, script.parsed.options).statements;
    if (changed?.node === undefined) continue;
    if (madeBy(analyzeStatement(changed, site.metastore, settingsOf(script)).analyzed) === made) text = without;
  }
  if (text === statement.text) return [];
  const range = { start: statement.offset, end: statement.offset + statement.text.length };
  return [editAction(site, 'Leave the defaults out of WITH', [{ range, text }])];
}

/** The text without an entry and its comma, or without the clause where it was the only one. */
function withoutEntry(text: string, { start, end }: TextRange): string {
  const before = text.slice(0, start);
  const after = text.slice(end);
  if (/^\s*,/.test(after)) return before + after.replace(/^\s*,\s*/, '');
  if (/,\s*$/.test(before)) return before.replace(/,\s*$/, '') + after;
  return before.replace(/\s*\bWITH\s*\(\s*$/i, '') + after.replace(/^\s*\)/, '');
}

/** All that comes of a CREATE, without its text. */
function madeBy(analyzed: AnalyzedStatement | undefined): string | undefined {
  if (analyzed?.kind === 'create-as') return JSON.stringify([{ ...analyzed.sink, statementText: '' }, analyzed.topic]);
  if (analyzed?.kind !== 'create-source') return undefined;
  return JSON.stringify([{ ...analyzed.source, statementText: '' }, analyzed.createTopic]);
}
