import { GrammarAST } from 'langium';
import { KsqlGrammar } from '../generated/grammar.ts';

/**
 * What a step takes: a token by the name of its type, a rule that begins at a state, or a name, which is one token of
 * several types.
 */
export type Step =
  | { readonly kind: 'token'; readonly token: string; readonly place: Place; readonly to: number }
  | { readonly kind: 'rule'; readonly rule: number; readonly place: Place; readonly to: number }
  | { readonly kind: 'name'; readonly tokens: ReadonlySet<string>; readonly place: Place; readonly to: number };

/** Where in the grammar a step stands: `AliasedSource.name`, or the rule alone for what is assigned to no property. */
export type Place = string;

/** The grammar as states and the steps between them; a rule is the state that it begins in. */
export interface GrammarGraph {
  readonly entry: number;
  /** By state. */
  readonly steps: readonly (readonly Step[])[];
  /** The rule that a state is of. */
  readonly rules: readonly number[];
  /** Whether the rule of a state may end in it. */
  readonly ends: readonly boolean[];
}

let graph: GrammarGraph | undefined;

/** The graph of the grammar, made when first needed. */
export function grammarGraph(): GrammarGraph {
  graph ??= new GraphBuilder(KsqlGrammar()).build();
  return graph;
}

/** Tokens of names that are no keywords. */
const PLAIN_NAME = 'PLAIN_ID';

/** Turns rules into states, first with steps that take nothing, which are then left out. */
class GraphBuilder {
  readonly #rules: ReadonlyMap<string, GrammarAST.ParserRule>;
  readonly #starts = new Map<string, number>();
  readonly #steps: Step[][] = [];
  readonly #silent: number[][] = [];
  readonly #ownRules: number[] = [];
  readonly #ends = new Set<number>();

  constructor({ rules }: GrammarAST.Grammar) {
    this.#rules = new Map(rules.filter(GrammarAST.isParserRule).map((rule) => [rule.name, rule]));
  }

  build(): GrammarGraph {
    const entry = this.#start([...this.#rules.values()].find((rule) => rule.entry)!);
    const reach = this.#silent.map((_, state) => this.#reachable(state));
    return {
      entry,
      steps: reach.map((states) => states.flatMap((state) => this.#steps[state]!)),
      rules: this.#ownRules,
      ends: reach.map((states) => states.some((state) => this.#ends.has(state))),
    };
  }

  /** @param rule absent: a rule of its own begins in the state */
  #state(rule?: number): number {
    this.#steps.push([]);
    const state = this.#silent.push([]) - 1;
    this.#ownRules.push(rule ?? state);
    return state;
  }

  #reachable(from: number): number[] {
    const found = new Set([from]);
    for (const state of found) for (const next of this.#silent[state]!) found.add(next);
    return [...found];
  }

  #start(rule: GrammarAST.ParserRule): number {
    const known = this.#starts.get(rule.name);
    if (known !== undefined) return known;
    const start = this.#state();
    this.#starts.set(rule.name, start);
    this.#ends.add(this.#add(rule.definition, start, rule.name));
    return start;
  }

  /** Adds what an element takes after a state, and gives the state behind it. */
  #add(element: GrammarAST.AbstractElement, from: number, place: Place): number {
    const { cardinality } = element;
    // A repetition begins in a state of its own, to which it comes back.
    const before = cardinality === undefined ? from : this.#silently(from);
    const after = this.#addOnce(element, before, place);
    if (cardinality === undefined) return after;
    if (cardinality !== '?') this.#silent[after]!.push(before);
    const end = this.#silently(after);
    if (cardinality !== '+') this.#silent[before]!.push(end);
    return end;
  }

  #silently(from: number): number {
    const state = this.#state(this.#ownRules[from]);
    this.#silent[from]!.push(state);
    return state;
  }

  #addOnce(element: GrammarAST.AbstractElement, from: number, place: Place): number {
    if (GrammarAST.isAction(element)) return from;
    if (GrammarAST.isGroup(element)) return element.elements.reduce((at, each) => this.#add(each, at, place), from);
    if (GrammarAST.isAlternatives(element)) {
      const end = this.#state(this.#ownRules[from]);
      for (const each of element.elements) this.#silent[this.#add(each, this.#silently(from), place)]!.push(end);
      return end;
    }
    if (GrammarAST.isAssignment(element)) {
      const rule = place.split('.')[0]!;
      return this.#add(element.terminal, from, `${rule}.${element.feature}`);
    }
    const to = this.#state(this.#ownRules[from]);
    if (GrammarAST.isKeyword(element)) this.#steps[from]!.push({ kind: 'token', token: element.value, place, to });
    else if (GrammarAST.isRuleCall(element)) this.#steps[from]!.push(this.#call(element, place, to));
    return to;
  }

  #call({ rule: { ref } }: GrammarAST.RuleCall, place: Place, to: number): Step {
    if (ref === undefined || !GrammarAST.isParserRule(ref)) return { kind: 'token', token: ref?.name ?? '', place, to };
    const tokens = new Set(ref.dataType === undefined ? [] : this.#tokensOf(ref.definition));
    if (tokens.has(PLAIN_NAME)) return { kind: 'name', tokens, place, to };
    return { kind: 'rule', rule: this.#start(ref), place, to };
  }

  /** The tokens of which one is taken, by an element of a rule for texts. */
  #tokensOf(element: GrammarAST.AbstractElement): readonly string[] {
    if (GrammarAST.isKeyword(element)) return [element.value];
    if (GrammarAST.isAlternatives(element)) return element.elements.flatMap((each) => this.#tokensOf(each));
    if (!GrammarAST.isRuleCall(element)) return [];
    const rule = element.rule.ref;
    return GrammarAST.isParserRule(rule) ? this.#tokensOf(rule.definition) : [rule?.name ?? ''];
  }
}
