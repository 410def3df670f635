import type { RegexNode, RegexRepeat } from './syntax.ts';

/**
 * Prints a pattern for JavaScript's engine, flag `v`. Possessive quantifiers and atomic groups become a lookahead and a
 * reference to what it found; Java's groups are named `g1`, `g2` and so on, as those of the lookaheads come in between.
 */
export function regexSource(root: RegexNode): string {
  let atomicCount = 0;
  const atomic = (source: string): string => {
    const name = `a${++atomicCount}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  };
  const repeat = ({ body, min, max, mode }: RegexRepeat): string => {
    const source = body.kind === 'character' ? print(body) : `(?:${print(body)})`;
    const repeated = `${source}{${min},${max === Infinity ? '' : max}}`;
    return mode === 'possessive' ? atomic(repeated) : mode === 'reluctant' ? `${repeated}?` : repeated;
  };
  const print = (node: RegexNode): string => {
    switch (node.kind) {
      case 'character':
        return node.set.source;
      case 'place':
        return node.source;
      case 'sequence':
        return node.items.map(print).join('');
      case 'choice':
        return `(?:${node.items.map(print).join('|')})`;
      case 'group':
        return `(?<g${node.number}>${print(node.body)})`;
      case 'repeat':
        return repeat(node);
      case 'look':
        return `(?${node.isBehind ? '<' : ''}${node.isNegated ? '!' : '='}${print(node.body)})`;
      case 'atomic':
        return atomic(print(node.body));
      case 'reference':
        return node.group === undefined ? '(?!)' : `\\k<g${node.group}>`;
      default:
        return node satisfies never;
    }
  };
  return print(root);
}
