import type { AstNode } from 'langium';
import type * as ast from '../generated/ast.ts';
import type { DataSource } from '../metastore/metastore.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { QuickFix } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';

/**
 * Source names may hold letters, digits, `_` and `-`.
 *
 * @param property the property of the node that holds the name
 * @throws AnalysisError `source-name`
 */
export function checkSourceName(
  node: AstNode,
  property: 'name' | 'alias' | 'target',
  name: string,
  context: StatementContext,
): void {
  if (/^[a-zA-Z0-9_-]+$/.test(name)) return;
  const range = context.rangeOfProperty(node, property);
  const message = `Illegal argument: Source names may only contain alphanumeric values, '_' or '-'. Got: '${name}'`;
  throw new AnalysisError('source-name', message, { range });
}

/**
 * A name that is taken: with IF NOT EXISTS nothing happens, which this tells by true.
 * @throws AnalysisError without it
 */
export function nameTaken(
  node: ast.CreateSource | ast.CreateAs,
  existing: DataSource,
  context: StatementContext,
): boolean {
  if (node.ifNotExists) return true;
  const message = `Cannot add ${node.kind.toLowerCase()} '${node.name}': A ${existing.kind.toLowerCase()} with the same name already exists`;
  const range = context.rangeOfProperty(node, 'name');
  throw new AnalysisError('name-taken', message, { range, fixes: nameTakenFixes(node, existing, range) });
}

function nameTakenFixes(
  node: ast.CreateSource | ast.CreateAs,
  existing: DataSource,
  { start }: TextRange,
): readonly QuickFix[] {
  const keep = { title: 'Add IF NOT EXISTS', edits: [{ range: { start, end: start }, text: 'IF NOT EXISTS ' }] };
  const begin = node.$cstNode?.offset;
  if (existing.kind !== node.kind || existing.readOnly || begin === undefined) return [keep];
  const at = begin + 'CREATE'.length;
  return [{ title: 'Add OR REPLACE', edits: [{ range: { start: at, end: at }, text: ' OR REPLACE' }] }, keep];
}
