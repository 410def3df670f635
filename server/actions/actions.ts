import { type CodeAction, CodeActionKind, type Range } from 'vscode-languageserver';
import { codeActions } from '../features/code-actions.ts';
import { type Script, statementAt } from '../scripts/script-store.ts';
import type { ActionSite } from './action-site.ts';
import { expressionActions } from './expression-actions.ts';
import { extractActions } from './extract-actions.ts';
import { FIX_ALL, fixAll, fixesOfKinds } from './fix-all.ts';
import { generateActions, topicAt } from './generate-actions.ts';
import { hintActions } from './hint-actions.ts';
import { inlineActions } from './inline-actions.ts';
import { organise } from './organise.ts';
import { projectionMends } from './projection-mends.ts';
import { selectActions } from './select-actions.ts';
import { testActions } from './test-actions.ts';
import { withActions } from './with-actions.ts';

/** The kinds of actions that there are. */
export const ACTION_KINDS: readonly CodeActionKind[] = [
  CodeActionKind.QuickFix,
  CodeActionKind.Refactor,
  CodeActionKind.RefactorExtract,
  CodeActionKind.RefactorInline,
  CodeActionKind.RefactorRewrite,
  CodeActionKind.SourceOrganizeImports,
  FIX_ALL,
];

const STATEMENT_ACTIONS: readonly ((site: ActionSite) => CodeAction[])[] = [
  projectionMends,
  hintActions,
  selectActions,
  expressionActions,
  extractActions,
  inlineActions,
  withActions,
  generateActions,
  testActions,
];

/**
 * All that can be done with what is selected.
 *
 * @param only the kinds that are asked for; absent: all but those that a client asks for on saving
 * @param makesSources whether the client can make a CREATE from a topic
 */
export function actions(
  script: Script,
  range: Range,
  only: readonly CodeActionKind[] | undefined,
  makesSources = false,
): CodeAction[] {
  const isWanted = (kind: CodeActionKind) =>
    only?.some((wanted) => kind === wanted || kind.startsWith(`${wanted}.`)) ?? true;
  const whole = [
    ...(isWanted(CodeActionKind.SourceOrganizeImports) ? [organise(script)] : []),
    ...(isWanted(FIX_ALL) ? [fixAll(script)] : []),
  ].filter((action) => action !== undefined);
  if (only?.every((kind) => kind.startsWith(CodeActionKind.Source)) === true) return whole;
  const site = siteAt(script, range);
  const there = site === undefined ? [] : STATEMENT_ACTIONS.flatMap((actionsOf) => actionsOf(site));
  const fixes = [...codeActions(script, range), ...fixesOfKinds(script, codesAt(script, range))];
  const topics = site && makesSources ? createForTopic(site) : [];
  return [...fixes, ...there, ...topics, ...whole].filter(({ kind }) => isWanted(kind!));
}

function siteAt(script: Script, range: Range): ActionSite | undefined {
  const { document, analysis } = script;
  const selected = { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
  const statement = statementAt(script, selected.start);
  if (statement === undefined || selected.end > statement.range.end) return undefined;
  const { index, node } = statement;
  const metastore = analysis.metastores[index] ?? analysis.metastore;
  return { script, statement, node, analyzed: analysis.statements[index], selected, metastore };
}

function codesAt(script: Script, range: Range): ReadonlySet<string> {
  const [start, end] = [script.document.offsetAt(range.start), script.document.offsetAt(range.end)];
  const touched = script.diagnostics.filter((each) => each.range.start <= end && start <= each.range.end);
  return new Set(touched.map(({ code }) => code));
}

/** The client reads the registry, or a sample of the records, and writes the statement. */
function createForTopic(site: ActionSite): CodeAction[] {
  const topic = topicAt(site);
  if (topic === undefined) return [];
  const title = `Make a CREATE STREAM of the topic ${topic}`;
  return [
    { title, kind: CodeActionKind.Refactor, command: { title, command: 'ksql.createForTopic', arguments: [topic] } },
  ];
}
