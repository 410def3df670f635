import { type CompletionItem, CompletionItemKind, InsertTextFormat, MarkupKind } from 'vscode-languageserver';
import type { FunctionDefinition } from '../../language/functions/function.ts';
import { functionMarkdown, signatureText } from '../text/function-text.ts';
import { columnItems, joinEqualities } from './column-items.ts';
import { aroundExpression, type CompletionSite, isWithinCall } from './completion-site.ts';

/** Clauses that see rows before they are grouped, and statements without a query. */
const WITHOUT_AGGREGATES = ['Query.where', 'Relation.criteria', 'GroupBy.keys', 'PartitionBy.keys'];
const CONSTANT = ['InsertValues.values', 'AssertValues.values', 'AssertNullValues.values'];

/** What an expression can begin with at a place: columns, functions, and what a join is likely to be on. */
export function expressionItems(site: CompletionSite): CompletionItem[] {
  const around = aroundExpression(site);
  const begins = site.tokens.at(-1)?.value === 'ON' && around.has('Relation.criteria');
  return [
    ...(begins ? joinEqualities(site) : []),
    ...parameterItems(site, around),
    ...(CONSTANT.some((place) => around.has(place)) ? [] : columnItems(site)),
    ...functionItems(site, around),
  ];
}

/** The parameters of the lambdas around a place. */
function parameterItems({ tokens, script }: CompletionSite, around: ReadonlySet<string>): CompletionItem[] {
  if (!around.has('Lambda.body')) return [];
  const names = tokens.flatMap(({ value }, i) => {
    if (value !== '=>') return [];
    if (tokens[i - 1]?.value !== ')') return tokens.slice(i - 1, i);
    const open = tokens.findLastIndex((token, at) => at < i && token.value === '(');
    return tokens.slice(open + 1, i - 1).filter(({ kind }) => kind !== 'symbol');
  });
  return names.map(({ start, end }, i) => ({
    label: script.parsed.text.slice(start, end),
    kind: CompletionItemKind.Variable,
    detail: 'parameter of the lambda',
    sortText: `A${String(i).padStart(2, '0')}`,
  }));
}

function functionItems(site: CompletionSite, around: ReadonlySet<string>): CompletionItem[] {
  return [...site.script.functions.values()]
    .filter((definition) => mayCall(definition, site, around))
    .map(functionItem);
}

/** Aggregates stand in SELECT and HAVING and not within each other, table functions in SELECT alone. */
function mayCall({ kind }: FunctionDefinition, site: CompletionSite, around: ReadonlySet<string>): boolean {
  if (kind === 'scalar') return true;
  const isSelected = around.has('Query.items');
  if (kind === 'table') return isSelected && !around.has('CaseExpression.whens') && !isWithinCall(site, 'aggregate');
  const isRefused = [...WITHOUT_AGGREGATES, ...CONSTANT].some((place) => around.has(place));
  return (isSelected || around.has('Query.having')) && !isRefused && !isWithinCall(site, 'aggregate');
}

function functionItem(definition: FunctionDefinition): CompletionItem {
  const { name, successor } = definition;
  const takesNothing = definition.overloads.every(({ parameters }) => parameters.length === 0);
  return {
    label: name,
    insertText: takesNothing ? `${name}()` : `${name}($1)`,
    insertTextFormat: InsertTextFormat.Snippet,
    kind: CompletionItemKind.Function,
    detail: signatureText(definition, definition.overloads[0]!),
    documentation: { kind: MarkupKind.Markdown, value: functionMarkdown(definition) },
    sortText: `d${name}`,
    ...(takesNothing ? {} : { command: { title: 'Show parameters', command: 'editor.action.triggerParameterHints' } }),
    ...(successor === undefined ? {} : { deprecated: true }),
  };
}
