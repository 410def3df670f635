import type { CaseMode } from './classes.ts';
import type { CharacterSet } from './code-point-set.ts';
import { firstOf } from './cost.ts';
import { hasGroup, isNullable, lengthOf, type RegexNode, type RegexPlace, type RegexRepeat } from './syntax.ts';

/** What an instruction does; the fields that it reads are named behind it. */
export const Operation = {
  /** One character of `set`. */
  character: 0,
  /** `next`, or else `other`. */
  split: 1,
  /** From `min` to `max` characters of `set`, in the way that `mode` says. */
  run: 2,
  /** Keeps the position in `register`. */
  open: 3,
  /** Group `group` is what lies between `register` and here. */
  close: 4,
  /** Begins `loop`. */
  enter: 5,
  /** A round of `loop` is over, or none has begun: to `other` for another, or to `next`. */
  loop: 6,
  /** Rounds of `other` from `min` to `max`, of which each is kept. */
  keep: 7,
  /** Whether `other` matches here or, where `isBehind`, ends here, or not where `isNegated`. */
  look: 8,
  /** What `other` matches first. */
  atomic: 9,
  /** What `group` matched. */
  reference: 10,
  /** A place in the text. */
  place: 11,
  /** The end of a pattern, or of a look or an atomic group. */
  accept: 12,
  /** The end of a look behind. */
  acceptBehind: 13,
  fail: 14,
} as const;

/** A repetition whose rounds are counted, or that must notice a round that matched nothing. */
export interface Loop {
  readonly min: number;
  readonly max: number;
  readonly isReluctant: boolean;
  readonly count: number;
  /** The register of where the round began. */
  readonly begin: number;
  /** How many counts make a difference, those of the minimum alone where there is no end. */
  readonly counts: number;
}

/** One shape for all, so that reading them stays fast. */
export class Instruction {
  readonly operation: number;
  next = -1;
  other = -1;
  set: CharacterSet | undefined = undefined;
  min = 0;
  max = 0;
  mode: 'greedy' | 'reluctant' | 'possessive' = 'greedy';
  register = -1;
  group = 0;
  loop: Loop | undefined = undefined;
  isBehind = false;
  isNegated = false;
  caseMode: CaseMode = 'exact';
  place: RegexPlace = 'other';
  regex: RegExp | undefined = undefined;
  /** Its first slot among those that are kept for each position; -1 for what is not kept. */
  slot = -1;
  /** The loops around it, whose state belongs to its slot. */
  around: readonly Loop[] = [];

  constructor(operation: number) {
    this.operation = operation;
  }
}

export interface RegexProgram {
  readonly code: readonly Instruction[];
  readonly start: number;
  /** The ends of group g are registers 2 * g and 2 * g + 1. */
  readonly registerCount: number;
  /** How many slots each position has; 0 where failures depend on more than the place in pattern and text. */
  readonly slotCount: number;
  /**
   * For each character of ASCII, and for all others together, 1 where a match can begin with it; undefined where that
   * says nothing.
   */
  readonly first: Uint8Array | undefined;
  /**
   * Whether no match begins between the halves of a character: Java looks there unless the pattern has characters of
   * two units.
   */
  readonly skipsHalves: boolean;
}

const MAX_SLOTS = 10_000;

/** Makes the instructions of a pattern. */
export const compileRegex = (root: RegexNode, groupCount: number): RegexProgram =>
  new RegexCompiler(groupCount).compile(root);

class RegexCompiler {
  readonly #code: Instruction[] = [];
  #registerCount: number;
  #slotCount = 0;
  #around: readonly Loop[] = [];
  #isBehind = false;
  /**
   * Whether groups decide about success, or are left behind by what failed later: then all has to be tried, as Java
   * does.
   */
  #needsAllTries = false;
  readonly #groupCount: number;

  constructor(groupCount: number) {
    this.#groupCount = groupCount;
    this.#registerCount = 3 * (groupCount + 1);
  }

  compile(root: RegexNode): RegexProgram {
    const start = this.#emit(root, this.#add(Operation.accept));
    const isKept = !this.#needsAllTries && this.#slotCount <= MAX_SLOTS;
    return {
      code: this.#code,
      start,
      registerCount: this.#registerCount,
      slotCount: isKept ? this.#slotCount : 0,
      first: this.#needsAllTries || isNullable(root) ? undefined : firstTable(root),
      skipsHalves: this.#code.some(({ set }) => set?.isWide),
    };
  }

  #add(operation: number, fields: Partial<Instruction> = {}): number {
    this.#code.push(Object.assign(new Instruction(operation), fields));
    return this.#code.length - 1;
  }

  /**
   * The slot of an instruction whose failure is worth keeping. What stands behind fails for one end only, and is not
   * kept.
   */
  #kept(): Partial<Instruction> {
    if (this.#isBehind) return {};
    const slot = this.#slotCount;
    this.#slotCount += this.#around.reduce((slots, loop) => slots * loop.counts * 2, 1);
    return { slot, around: this.#around };
  }

  /** The instructions of a node before the instruction `next`. @returns where they begin */
  #emit(node: RegexNode, next: number): number {
    switch (node.kind) {
      case 'character':
        return this.#add(Operation.character, { set: node.set, next });
      case 'place':
        return this.#place(node.place, node.source, next);
      case 'sequence':
        return node.items.reduceRight((behind, item) => this.#emit(item, behind), next);
      case 'choice': {
        const starts = node.items.map((item) => this.#emit(item, next));
        return starts.reduceRight((other, start) =>
          this.#add(Operation.split, { next: start, other, ...this.#kept() }),
        );
      }
      case 'group': {
        const register = 2 * (this.#groupCount + 1) + node.number;
        const close = this.#add(Operation.close, { register, group: node.number, next });
        return this.#add(Operation.open, { register, next: this.#emit(node.body, close) });
      }
      case 'repeat':
        return this.#repeat(node, next);
      case 'look':
        return this.#look(node, next);
      case 'atomic':
        return this.#add(Operation.atomic, { other: this.#inner(node.body), next });
      case 'reference':
        this.#needsAllTries = true;
        if (node.group === undefined) return this.#add(Operation.fail);
        return this.#add(Operation.reference, { group: node.group, caseMode: node.mode, next });
      default:
        return node satisfies never;
    }
  }

  #place(place: RegexPlace, source: string, next: number): number {
    const regex = place === 'other' ? new RegExp(source, 'vy') : undefined;
    return this.#add(Operation.place, { place, regex, isNegated: place === 'no-boundary', next });
  }

  /** A pattern of its own, which ends in an acceptance; the loops around have no part in it. */
  #inner(body: RegexNode, accept: number = Operation.accept): number {
    if (hasGroup(body)) this.#needsAllTries = true;
    const around = this.#around;
    this.#around = [];
    const start = this.#emit(body, this.#add(accept));
    this.#around = around;
    return start;
  }

  #look({ body, isBehind, isNegated }: RegexNode & { kind: 'look' }, next: number): number {
    const isWithinBehind = this.#isBehind;
    this.#isBehind ||= isBehind;
    const other = this.#inner(body, isBehind ? Operation.acceptBehind : Operation.accept);
    this.#isBehind = isWithinBehind;
    const [min, max] = lengthOf(body);
    return this.#add(Operation.look, { other, isBehind, isNegated, min, max, next });
  }

  #repeat(node: RegexRepeat, next: number): number {
    const { body, min, mode } = node;
    // Java takes no more rounds than it must of a group that can only match nothing.
    const isIdle = node.max > 1 && mode !== 'possessive' && body.kind === 'group' && isPlace(body.body);
    const max = isIdle ? min : node.max;
    if (body.kind === 'character') {
      const kept = max === Infinity ? this.#kept() : {};
      return this.#add(Operation.run, { set: body.set, min, max, mode, next, ...kept });
    }
    if (mode === 'possessive') return this.#add(Operation.keep, { other: this.#inner(body), min, max, next });
    if (min === 0 && max === 1) {
      const start = this.#emit(body, next);
      const [first, second] = mode === 'reluctant' ? [next, start] : [start, next];
      return this.#add(Operation.split, { next: first, other: second, ...this.#kept() });
    }
    if (min <= 1 && max === Infinity && !isNullable(body)) return this.#plainLoop(node, next);
    return this.#countedLoop({ ...node, max }, next);
  }

  /** Rounds without an end that always match something need no state. */
  #plainLoop({ body, min, mode }: RegexRepeat, next: number): number {
    const split = this.#add(Operation.split, this.#kept());
    const start = this.#emit(body, split);
    const instruction = this.#code[split]!;
    [instruction.next, instruction.other] = mode === 'reluctant' ? [next, start] : [start, next];
    return min === 0 ? split : start;
  }

  #countedLoop({ body, min, max, mode }: RegexRepeat, next: number): number {
    const loop: Loop = {
      min,
      max,
      isReluctant: mode === 'reluctant',
      count: this.#registerCount++,
      begin: this.#registerCount++,
      counts: (max === Infinity ? min : max) + 1,
    };
    const around = this.#around;
    this.#around = [...around, loop];
    const at = this.#add(Operation.loop, { loop, next, ...this.#kept() });
    this.#code[at]!.other = this.#emit(body, at);
    this.#around = around;
    return this.#add(Operation.enter, { loop, next: at });
  }
}

function firstTable(root: RegexNode): Uint8Array {
  const first = firstOf(root);
  return Uint8Array.from({ length: 129 }, (_, bit) => Number((first >> BigInt(bit)) & 1n));
}

function isPlace(node: RegexNode): boolean {
  if (node.kind === 'sequence') return node.items.every(isPlace);
  return node.kind === 'place' || node.kind === 'look' || (node.kind === 'group' && isPlace(node.body));
}
