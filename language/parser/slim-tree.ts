import { AstUtils, type CompositeCstNode, type CstNode, GrammarAST, isCompositeCstNode, type Mutable } from 'langium';

/**
 * Leaves out of the text's tree the nodes that say nothing: a rule of the grammar that only hands on what another one
 * has read leaves one, and an expression goes through a dozen of them down to a name. They would be most of the memory
 * that a script takes, and most of the way to where a property stands.
 */
export function slimTree(root: CstNode): void {
  if (!isCompositeCstNode(root)) return;
  if (root.content.some(isEmptyStep)) {
    const content: CstNode[] = [];
    addContent(root, content);
    for (const child of content) (child as Mutable<CstNode>).container = root;
    (root as Mutable<CompositeCstNode>).content = content;
  }
  for (const child of root.content) slimTree(child);
}

/** Adds what is in a node, and in the place of an empty step what is in that. */
function addContent({ content }: CompositeCstNode, to: CstNode[]): void {
  for (const child of content)
    if (isEmptyStep(child)) addContent(child, to);
    else to.push(child);
}

/** A node that belongs to no node of the syntax tree, and to no property of one. */
const isEmptyStep = (node: CstNode): node is CompositeCstNode =>
  isCompositeCstNode(node) && (node as OwnTree)._astNode === undefined && assignedProperty(node) === undefined;

/** What Langium's class keeps by itself: the node of the syntax tree that the node was made for. */
interface OwnTree extends CompositeCstNode {
  readonly _astNode?: unknown;
}

const properties = new WeakMap<object, { readonly name: string | undefined }>();

/** The property of the syntax tree that a node of the text's tree was read for. */
export function assignedProperty({ grammarSource }: CstNode): string | undefined {
  if (grammarSource === undefined) return undefined;
  const known = properties.get(grammarSource);
  if (known !== undefined) return known.name;
  const name = AstUtils.getContainerOfType(grammarSource, GrammarAST.isAssignment)?.feature;
  properties.set(grammarSource, { name });
  return name;
}
