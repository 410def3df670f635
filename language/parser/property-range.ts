import { type AstNode, type CstNode, isCompositeCstNode } from 'langium';
import { rangeOf } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { assignedProperty } from './slim-tree.ts';

/**
 * The text range of a property of a node, such as the name in a function call; the node's own when it has none.
 *
 * @param index which of several values of the property, from 0; the last where there are fewer
 */
export function propertyRange(node: AstNode, property: string, index = 0): TextRange | undefined {
  const found: CstNode[] = [];
  if (node.$cstNode !== undefined) collect(node.$cstNode, property, index + 1, found);
  const cst = found.at(-1);
  return cst ? { start: cst.offset, end: cst.end } : rangeOf(node);
}

/** Adds the first nodes of the text's tree that a property was read from, of its own node and no inner one. */
function collect(cst: CstNode, property: string, most: number, found: CstNode[]): void {
  if (!isCompositeCstNode(cst)) return;
  const { astNode } = cst;
  for (const child of cst.content) {
    if (found.length === most) return;
    if (assignedProperty(child) === property) found.push(child);
    else if (isCompositeCstNode(child) && child.astNode === astNode) collect(child, property, most, found);
  }
}
