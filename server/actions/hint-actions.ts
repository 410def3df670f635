import type { AstNode } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type * as ast from '../../language/generated/ast.ts';
import {
  type ActionSite,
  editAction,
  isSound,
  keywords,
  nodeAround,
  placeOf,
  problemAt,
  textOf,
} from './action-site.ts';

/** What the hints about a statement advise. It changes what the statement means, so saving does not do it. */
export const hintActions = (site: ActionSite): CodeAction[] => [...readFromBeginning(site), ...compareAsNumbers(site)];

function readFromBeginning(site: ActionSite): CodeAction[] {
  if (problemAt(site, 'latest-misses-rows') === undefined) return [];
  const { start } = site.statement.range;
  const text = `${keywords(site, 'SET')} 'auto.offset.reset' = 'earliest';\n`;
  return [
    editAction(site, 'Read from the beginning', [{ range: { start, end: start }, text }], CodeActionKind.QuickFix),
  ];
}

function compareAsNumbers(site: ActionSite): CodeAction[] {
  if (problemAt(site, 'text-order') === undefined) return [];
  const comparison = nodeAround(site, (node: AstNode): node is ast.Comparison => node.$type === 'Comparison');
  if (comparison === undefined) return [];
  const { left, right } = comparison;
  const [number, other] = right.$type === 'StringLiteral' ? [right, left] : [left, right];
  if (number.$type !== 'StringLiteral') return [];
  const digits = number.value.trim();
  const type = /^[+-]?\d{1,9}$/.test(digits) ? 'INT' : /^[+-]?\d{1,18}$/.test(digits) ? 'BIGINT' : 'DOUBLE';
  const edits = [
    { range: placeOf(site, number), text: digits.replace(/^\+/, '') },
    {
      range: placeOf(site, other),
      text: `${keywords(site, 'CAST')}(${textOf(site, other)} ${keywords(site, 'AS')} ${type})`,
    },
  ];
  return isSound(site, edits) ? [editAction(site, 'Compare as numbers', edits, CodeActionKind.QuickFix)] : [];
}
