import { type AstNode, GrammarUtils } from 'langium';
import { rangeOf } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';

/** The text range of a property of a node, such as the name in a function call; the node's own when it has none. */
export function propertyRange(node: AstNode, property: string, index?: number): TextRange | undefined {
  const cst = GrammarUtils.findNodeForProperty(node.$cstNode, property, index);
  return cst ? { start: cst.offset, end: cst.end } : rangeOf(node);
}
