import { type AstNode, AstUtils } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type * as ast from '../../language/generated/ast.ts';
import { analyzeStatement, type ParsedStatement, parseScript, rangeOf } from '../../language/index.ts';
import type { Metastore } from '../../language/metastore/metastore.ts';
import type { AnalyzedStatement } from '../../language/query/analyzed.ts';
import type { Diagnostic, TextEdit } from '../../language/text/diagnostic.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';
import { settingsOf } from '../scripts/type-of-text.ts';

/** What is selected when actions are asked for. */
export interface ActionSite {
  readonly script: Script;
  readonly statement: ParsedStatement;
  /** Undefined for a statement with a syntax error. */
  readonly node: ast.Statement | undefined;
  readonly analyzed: AnalyzedStatement | undefined;
  /** In offsets of the document; empty where nothing but the cursor is there. */
  readonly selected: TextRange;
  /** What there is before the statement. */
  readonly metastore: Metastore;
}

/** An action that changes a document. */
export function editAction(
  { script: { document } }: Pick<ActionSite, 'script'>,
  title: string,
  edits: readonly TextEdit[],
  kind: CodeActionKind = CodeActionKind.RefactorRewrite,
): CodeAction {
  const changes = edits.map(({ range, text }) => ({ range: toLspRange(document, range), newText: text }));
  return { title, kind, edit: { changes: { [document.uri]: changes } } };
}

/**
 * Whether a change within a statement leaves it as right as it was: what is offered must not be refused a moment later.
 */
export const isSound = (site: ActionSite, edits: readonly TextEdit[]): boolean =>
  errorsAfter(site, edits) <= errorsBefore(site);

/** Whether a change within a statement takes an error away. */
export const isMended = (site: ActionSite, edits: readonly TextEdit[]): boolean =>
  errorsAfter(site, edits) < errorsBefore(site);

const errorsIn = (diagnostics: readonly Diagnostic[]): number =>
  diagnostics.filter(({ severity }) => severity === 'error').length;

const errorsBefore = ({ statement, script }: ActionSite): number =>
  errorsIn(script.analysis.diagnostics.filter((diagnostic) => diagnostic.statement === statement.index));

function errorsAfter({ statement, script, metastore }: ActionSite, edits: readonly TextEdit[]): number {
  const document = TextDocument.create('', '', 0, statement.text);
  const text = TextDocument.applyEdits(
    document,
    edits.map(({ range, text: newText }) => ({
      range: {
        start: document.positionAt(range.start - statement.offset),
        end: document.positionAt(range.end - statement.offset),
      },
      newText,
    })),
  );
  const [changed] = parseScript(text, script.parsed.options).statements;
  if (changed?.node === undefined) return Number.POSITIVE_INFINITY;
  return errorsIn(analyzeStatement(changed, metastore, settingsOf(script)).diagnostics);
}

/** Where a node stands in the document. */
export const placeOf = ({ statement }: Pick<ActionSite, 'statement'>, node: AstNode): TextRange =>
  rangeOf(node, statement);

/** The text of a node. */
export function textOf(site: Pick<ActionSite, 'statement' | 'script'>, node: AstNode): string {
  const { start, end } = placeOf(site, node);
  return site.script.parsed.text.slice(start, end);
}

/** The innermost node of a type that holds all of what is selected. */
export function nodeAround<N extends AstNode>(site: ActionSite, fits: (node: AstNode) => node is N): N | undefined {
  let best: N | undefined;
  if (site.node === undefined) return undefined;
  for (const node of AstUtils.streamAst(site.node)) {
    if (!fits(node) || node.$cstNode === undefined) continue;
    const { start, end } = placeOf(site, node);
    if (start <= site.selected.start && site.selected.end <= end) best = node;
  }
  return best;
}

/** The query of the statement. */
export function queryNode({ node }: ActionSite): ast.Query | undefined {
  if (node === undefined) return undefined;
  if (node.$type === 'Query') return node;
  return node.$type === 'CreateAs' || node.$type === 'InsertSelect' ? node.query : undefined;
}

/** Whether the script writes keywords in small letters, by the first word of a statement. */
export const isSmall = ({ statement }: ActionSite): boolean => /^[a-z]/.test(statement.text);

/** Keywords as the statement writes them. */
export const keywords = (site: ActionSite, words: string): string => (isSmall(site) ? words.toLowerCase() : words);

/** A name that no source has yet. */
export function freeName({ script, metastore }: ActionSite, wanted: string): string {
  const isTaken = (name: string) =>
    metastore.sources.has(name.toUpperCase()) || script.analysis.metastore.sources.has(name.toUpperCase());
  if (!isTaken(wanted)) return wanted;
  for (let i = 2; ; i++) if (!isTaken(`${wanted}_${i}`)) return `${wanted}_${i}`;
}

/** The problem of a kind that the statement has where something is selected. */
export const problemAt = ({ script, statement, selected }: ActionSite, code: string): Diagnostic | undefined =>
  script.diagnostics.find(
    (each) =>
      each.code === code &&
      each.statement === statement.index &&
      each.range.start <= selected.end &&
      selected.start <= each.range.end,
  );
