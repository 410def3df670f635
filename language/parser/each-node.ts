import type { AstNode } from 'langium';

/**
 * Visits a node and all within it, outer ones first, in the order of their properties. Langium's streams do the same at
 * several times the cost; every statement of a workspace is walked through more than once.
 */
export function eachNode(root: AstNode, visit: (node: AstNode) => void): void {
  visit(root);
  for (const name in root) {
    if (name.startsWith('$')) continue;
    const value = root[name as keyof AstNode] as unknown;
    if (Array.isArray(value)) for (const each of value) isNode(each) && eachNode(each, visit);
    else if (isNode(value)) eachNode(value, visit);
  }
}

const isNode = (value: unknown): value is AstNode => typeof value === 'object' && value !== null && '$type' in value;
