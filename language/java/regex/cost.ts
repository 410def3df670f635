import type { CharacterSet } from './code-point-set.ts';
import { hasGroup, isNullable, type RegexNode, type RegexRepeat } from './syntax.ts';

/** An upper bound of a count, `factor * (length + 1) ** degree` for a text of a length. */
interface Bound {
  readonly factor: number;
  readonly degree: number;
}

const ONE: Bound = { factor: 1, degree: 0 };
const UNBOUNDED: Bound = { factor: Infinity, degree: 0 };

const plus = (a: Bound, b: Bound): Bound => ({ factor: a.factor + b.factor, degree: Math.max(a.degree, b.degree) });
const times = (a: Bound, b: Bound): Bound => ({ factor: a.factor * b.factor, degree: a.degree + b.degree });

/** What tries to match a piece of a pattern from one place, at most. */
interface Cost {
  /** How often what follows is tried, but for tries that end at their first character. */
  readonly ways: Bound;
  /** How many steps are taken, those of what follows aside. */
  readonly work: Bound;
}

/** What certainly comes next: the characters that it may begin with, and the steps until one of them is looked at. */
interface Next {
  readonly first: FirstCharacters;
  readonly steps: number;
}

/** A bit for each character of ASCII, and one for all others. */
type FirstCharacters = bigint;

const OTHERS = 1n << 128n;
const firstOfSets = new WeakMap<CharacterSet, FirstCharacters>();

function firstOfSet(set: CharacterSet): FirstCharacters {
  let first = firstOfSets.get(set);
  if (first === undefined) {
    const bits = Array.from(set.ascii).reverse().join('');
    first = BigInt(`0b${bits}`) | (set.isAscii ? 0n : OTHERS);
    firstOfSets.set(set, first);
  }
  return first;
}

/** The characters that a match of a node may begin with: a bit for each of ASCII, and the next for all others. */
export function firstOf(node: RegexNode): FirstCharacters {
  switch (node.kind) {
    case 'character':
      return firstOfSet(node.set);
    case 'place':
    case 'look':
      return 0n;
    case 'reference':
      return (OTHERS << 1n) - 1n;
    case 'sequence': {
      let first = 0n;
      for (const item of node.items) {
        first |= firstOf(item);
        if (!isNullable(item)) break;
      }
      return first;
    }
    case 'choice':
      return node.items.reduce((first, item) => first | firstOf(item), 0n);
    case 'group':
    case 'repeat':
    case 'atomic':
      return firstOf(node.body);
    default:
      return node satisfies never;
  }
}

/** The steps until a node looks at its first character; undefined where what comes before may take more than a few. */
function stepsToFirst(node: RegexNode): number | undefined {
  switch (node.kind) {
    case 'character':
      return 1;
    case 'place':
      return node.place === 'boundary' || node.place === 'no-boundary' ? undefined : 4;
    case 'look':
    case 'reference':
      return undefined;
    case 'sequence': {
      let steps = 1;
      for (const item of node.items) {
        const more = stepsToFirst(item);
        if (more === undefined) return undefined;
        steps += more;
        if (!isNullable(item)) break;
      }
      return steps;
    }
    case 'choice': {
      const all = node.items.map(stepsToFirst);
      return all.includes(undefined) ? undefined : all.reduce((sum: number, steps) => sum + steps!, 1);
    }
    case 'group':
    case 'repeat':
    case 'atomic': {
      const steps = stepsToFirst(node.body);
      return steps === undefined ? undefined : steps + 1;
    }
    default:
      return node satisfies never;
  }
}

/** What comes next where a node stands before what comes next. */
function nextBefore(node: RegexNode, next: Next | undefined): Next | undefined {
  const steps = stepsToFirst(node);
  if (steps === undefined) return undefined;
  if (!isNullable(node)) return { first: firstOf(node), steps };
  return next && { first: firstOf(node) | next.first, steps: steps + next.steps };
}

function costOf(node: RegexNode, next: Next | undefined): Cost {
  switch (node.kind) {
    case 'character':
      return { ways: ONE, work: ONE };
    case 'place':
      // A boundary of words looks at all marks before it.
      return {
        ways: ONE,
        work: stepsToFirst(node) === undefined ? { factor: 4, degree: 1 } : { factor: 4, degree: 0 },
      };
    case 'sequence':
      return sequenceCost(node.items, next);
    case 'choice':
      return choiceCost(node.items, next);
    case 'group':
      return costOf(node.body, next);
    case 'repeat':
      return repeatCost(node, next);
    case 'look':
      // What stands behind is read backwards, so nothing is known of what comes next.
      return { ways: ONE, work: node.isBehind ? backwardCost(node.body) : costOf(node.body, undefined).work };
    case 'atomic':
      return { ways: ONE, work: plus(costOf(node.body, undefined).work, { factor: 1, degree: 1 }) };
    case 'reference':
      return { ways: UNBOUNDED, work: UNBOUNDED };
    default:
      return node satisfies never;
  }
}

function sequenceCost(items: readonly RegexNode[], next: Next | undefined): Cost {
  let cost: Cost = { ways: ONE, work: ONE };
  let behind = next;
  for (const item of items.toReversed()) {
    const { ways, work } = costOf(item, behind);
    cost = { ways: times(ways, cost.ways), work: plus(work, times(ways, cost.work)) };
    behind = nextBefore(item, behind);
  }
  return cost;
}

function choiceCost(items: readonly RegexNode[], next: Next | undefined): Cost {
  const costs = items.map((item) => costOf(item, next));
  const work = costs.reduce((sum, cost) => plus(sum, cost.work), ONE);
  let first = 0n;
  let isClear = !items.some(isNullable);
  for (const item of items) {
    const more = firstOf(item);
    isClear &&= (first & more) === 0n;
    first |= more;
  }
  const ways = costs.map((cost) => cost.ways);
  if (!isClear) return { ways: ways.reduce(plus), work };
  const [factors, degrees] = [ways.map(({ factor }) => factor), ways.map(({ degree }) => degree)];
  return { ways: { factor: Math.max(...factors), degree: Math.max(...degrees) }, work };
}

function repeatCost(node: RegexRepeat, next: Next | undefined): Cost {
  if (node.mode !== 'possessive') return loopCost(node, next);
  const { work } = loopCost(node, undefined);
  return { ways: ONE, work: plus(work, { factor: 1, degree: 1 }) };
}

function loopCost({ body, min, max }: RegexRepeat, next: Next | undefined): Cost {
  const first = firstOf(body);
  const again = nextBefore(body, undefined);
  const isNullableBody = isNullable(body);
  const inner = costOf(body, next && again && { first: first | next.first, steps: again.steps + next.steps });
  const rounds: Bound = max <= MAX_COUNTED_ROUNDS ? { factor: max + 1, degree: 0 } : { factor: 1, degree: 1 };
  const isClearBody = inner.ways.degree === 0 && inner.ways.factor <= 1 && !isNullableBody;
  if (!isClearBody) {
    const perRound = plus(inner.ways, ONE);
    let ways = ONE;
    for (let round = 0; round < max && ways.factor < Infinity; round++)
      ways = round === MAX_COUNTED_ROUNDS ? UNBOUNDED : times(ways, perRound);
    return { ways, work: times(ways, inner.work) };
  }
  const work = times(rounds, inner.work);
  const isClear = next !== undefined && (first & next.first) === 0n;
  if (isClear || min === max)
    return { ways: ONE, work: plus(work, times(rounds, { factor: next?.steps ?? 1, degree: 0 })) };
  return { ways: rounds, work };
}

const MAX_COUNTED_ROUNDS = 1000;

function backwardCost(node: RegexNode): Bound {
  switch (node.kind) {
    case 'character':
      return ONE;
    case 'sequence':
    case 'choice':
      return node.items.every((item) => item.kind === 'character')
        ? { factor: node.items.length, degree: 0 }
        : UNBOUNDED;
    case 'group':
      return backwardCost(node.body);
    case 'place':
    case 'repeat':
    case 'look':
    case 'atomic':
    case 'reference':
      return UNBOUNDED;
    default:
      return node satisfies never;
  }
}

/**
 * Whether JavaScript's engine finds what Java's does. It forgets groups with each round of a repetition, takes no round
 * that matches nothing, and lets a group that found nothing be referred to; and its possessive quantifiers are atomic
 * as a whole, where Java's are round by round.
 */
function agreesWithJava(node: RegexNode): boolean {
  switch (node.kind) {
    case 'character':
    case 'place':
      return true;
    case 'reference':
      return false;
    case 'sequence':
    case 'choice':
      return node.items.every(agreesWithJava);
    case 'group':
      return agreesWithJava(node.body);
    case 'look':
    case 'atomic':
      return !hasGroup(node.body) && agreesWithJava(node.body);
    case 'repeat': {
      const { body, max, mode } = node;
      if (!agreesWithJava(body) || isNullable(body)) return false;
      if (mode === 'possessive' && body.kind !== 'character') return false;
      return max <= 1 || findsItsGroups(body);
    }
    default:
      return node satisfies never;
  }
}

/** Whether each match of a node finds all the groups in it. */
function findsItsGroups(node: RegexNode): boolean {
  if (!hasGroup(node)) return true;
  switch (node.kind) {
    case 'group':
      return findsItsGroups(node.body);
    case 'sequence':
      return node.items.every(findsItsGroups);
    case 'repeat':
      return node.min > 0 && findsItsGroups(node.body);
    case 'character':
    case 'place':
    case 'choice':
    case 'look':
    case 'atomic':
    case 'reference':
      return false;
    default:
      return node satisfies never;
  }
}

/** Whether a match can begin at the beginning of the text alone. */
function isAnchored(node: RegexNode): boolean {
  if (node.kind === 'place') return node.place === 'start';
  if (node.kind === 'sequence') return node.items.length > 0 && isAnchored(node.items[0]!);
  if (node.kind === 'choice') return node.items.every(isAnchored);
  return node.kind === 'group' && isAnchored(node.body);
}

/** About how many steps JavaScript's engine may take for one text: a few milliseconds. */
const MAX_NATIVE_STEPS = 1_000_000;

/**
 * The longest text, in UTF-16 units, over which JavaScript's own engine certainly ends in a few milliseconds with what
 * Java finds; -1 where it may not over any text. Its engine goes back and tries again, so the bound is that of the
 * tries: each quantifier that can end in several places multiplies those of what follows, unless what follows begins
 * with none of the characters that it takes.
 */
export function longestNativeText(root: RegexNode): number {
  if (!agreesWithJava(root)) return -1;
  const { work } = costOf(root, undefined);
  if (!Number.isFinite(work.factor)) return -1;
  const degree = work.degree + (isAnchored(root) ? 0 : 1);
  if (degree <= 1 && work.factor <= MAX_LINEAR_FACTOR) return Infinity;
  return Math.floor((MAX_NATIVE_STEPS / work.factor) ** (1 / Math.max(degree, 1))) - 1;
}

/** Up to this many steps for each character, the text may have any length. */
const MAX_LINEAR_FACTOR = 64;
