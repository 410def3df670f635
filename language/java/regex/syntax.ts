import type { CaseMode } from './classes.ts';
import type { CharacterSet } from './code-point-set.ts';

/**
 * How often a quantifier takes what it repeats before it lets go on: as often as it can, as seldom, or once and for
 * all.
 */
export type RepeatMode = 'greedy' | 'reluctant' | 'possessive';

/** A parsed pattern of java.util.regex, flags resolved. */
export type RegexNode =
  | { readonly kind: 'character'; readonly set: CharacterSet }
  /** A place in the text; `source` tells it to JavaScript. */
  | { readonly kind: 'place'; readonly place: RegexPlace; readonly source: string }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  /** The first that leads to a match is taken. */
  | { readonly kind: 'choice'; readonly items: readonly RegexNode[] }
  /** `number` counts from 1. */
  | { readonly kind: 'group'; readonly number: number; readonly body: RegexNode }
  | RegexRepeat
  | { readonly kind: 'look'; readonly isBehind: boolean; readonly isNegated: boolean; readonly body: RegexNode }
  /** Takes what its body matches first, and nothing else. */
  | { readonly kind: 'atomic'; readonly body: RegexNode }
  /** What a group matched; `undefined` for a group that there is not, which never matches. */
  | { readonly kind: 'reference'; readonly group: number | undefined; readonly mode: CaseMode };

export interface RegexRepeat {
  readonly kind: 'repeat';
  readonly body: RegexNode;
  readonly min: number;
  /** Infinity where there is no end. */
  readonly max: number;
  readonly mode: RepeatMode;
}

/** The ends of the text and the boundaries of words; `other` ones are told by their source alone. */
export type RegexPlace = 'start' | 'end' | 'boundary' | 'no-boundary' | 'other';

/** Several nodes as one. */
export const sequence = (items: readonly RegexNode[]): RegexNode =>
  items.length === 1 ? items[0]! : { kind: 'sequence', items };

/** Whether a node may match the empty text. */
export function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case 'character':
      return false;
    case 'place':
    case 'look':
    case 'reference':
      return true;
    case 'sequence':
      return node.items.every(isNullable);
    case 'choice':
      return node.items.some(isNullable);
    case 'group':
    case 'atomic':
      return isNullable(node.body);
    case 'repeat':
      return node.min === 0 || isNullable(node.body);
    default:
      return node satisfies never;
  }
}

/** How many UTF-16 units a node matches, at least and at most. */
export function lengthOf(node: RegexNode): readonly [least: number, most: number] {
  switch (node.kind) {
    case 'character':
      return [1, node.set.isAscii ? 1 : 2];
    case 'place':
    case 'look':
      return [0, 0];
    case 'reference':
      return [0, Infinity];
    case 'sequence':
      return node.items.map(lengthOf).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    case 'choice':
      return node.items.map(lengthOf).reduce(([a, b], [c, d]) => [Math.min(a, c), Math.max(b, d)], [Infinity, 0]);
    case 'group':
    case 'atomic':
      return lengthOf(node.body);
    case 'repeat': {
      const [least, most] = lengthOf(node.body);
      return [least * node.min, most === 0 ? 0 : most * node.max];
    }
    default:
      return node satisfies never;
  }
}

/** Whether a node holds a group. */
export function hasGroup(node: RegexNode): boolean {
  switch (node.kind) {
    case 'group':
      return true;
    case 'sequence':
    case 'choice':
      return node.items.some(hasGroup);
    case 'repeat':
    case 'look':
    case 'atomic':
      return hasGroup(node.body);
    case 'character':
    case 'place':
    case 'reference':
      return false;
    default:
      return node satisfies never;
  }
}
