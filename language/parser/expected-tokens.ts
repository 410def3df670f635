import { type GrammarGraph, grammarGraph, type Place, type Step } from './grammar-graph.ts';
import type { NamedToken } from './ksql-parser.ts';

export { type NamedToken, namedTokens } from './ksql-parser.ts';

/** What the grammar takes at the end of a beginning of a statement. */
export interface ExpectedTokens {
  /**
   * Keywords and symbols in the order of the grammar, each with what has to follow it at once: `GROUP BY`, `IN (`. One
   * that may go on in two ways stands once for each: `EMIT CHANGES`, `EMIT FINAL`.
   */
  readonly words: readonly ExpectedWord[];
  /** Where names may stand, by their places in the grammar, such as `AliasedSource.name`. */
  readonly names: ReadonlySet<Place>;
  /** Where texts may stand. */
  readonly texts: ReadonlySet<Place>;
  /** The places around one of these, innermost first: `Query.where` is around all of a condition. */
  placesAround(place: Place): ReadonlySet<Place>;
}

export interface ExpectedWord {
  readonly text: string;
  /** Where its first word stands in the grammar. */
  readonly place: Place;
}

/** A rule that has come to a state, and the index of the token before which it began. */
interface Item {
  readonly state: number;
  readonly origin: number;
}

/** A rule that waits for another one to end. */
interface Waiting extends Item {
  readonly place: Place;
}

interface ItemSet {
  readonly items: readonly Item[];
  /** How many rules, each within the next, can have ended at the place. */
  readonly endedRules: number;
  /** By the rules that they wait for. */
  readonly waiting: ReadonlyMap<number, readonly Waiting[]>;
}

/** The most tokens of which a phrase is made. */
const LONGEST_PHRASE = 4;
/** Where a word can be followed by more words than these, they are left to be chosen after it. */
const MOST_CONTINUATIONS = 3;
/** What is taken for missing where a token does not fit: a name that is still to be written. */
const MISSING = 'PLAIN_ID';
/** What a phrase is made of. */
const PHRASE_TOKEN = /^[A-Z([<]/;

/**
 * What may follow the tokens of a beginning of a statement, by the grammar that it is parsed with. A token that does
 * not fit is read as if a name were missing before it, or is passed over: what is half-written still tells where one
 * is.
 */
export function expectedAfter(tokens: readonly NamedToken[]): ExpectedTokens {
  const reader = new PrefixReader(grammarGraph());
  for (const { name } of tokens) reader.take(name);
  return reader.expected();
}

/** Whether a statement may begin with these tokens, as they are. */
export function isBeginning(tokens: readonly NamedToken[]): boolean {
  const reader = new PrefixReader(grammarGraph());
  return tokens.every(({ name }) => reader.takeAsItIs(name));
}

/** Follows all ways through the grammar at once, as Earley's algorithm does. */
class PrefixReader {
  readonly #graph: GrammarGraph;
  #sets: ItemSet[] = [];

  constructor(graph: GrammarGraph) {
    this.#graph = graph;
    this.#sets.push(this.#closed([{ state: graph.entry, origin: 0 }]));
  }

  /** @returns whether it fits */
  takeAsItIs(token: string): boolean {
    const next = this.#after(token);
    if (next !== undefined) this.#sets.push(next);
    return next !== undefined;
  }

  take(token: string): void {
    if (this.takeAsItIs(token)) return;
    const missing = this.#after(MISSING);
    if (missing === undefined) return;
    this.#sets.push(missing);
    const afterMissing = this.#after(token);
    if (afterMissing === undefined) this.#sets.pop();
    else this.#sets.push(afterMissing);
  }

  /** What is there once a token has been taken, in the steps that may; undefined where it does not fit. */
  #after(token: string, mayTake: (step: Step) => boolean = () => true): ItemSet | undefined {
    const items: Item[] = [];
    for (const { state, origin } of this.#sets.at(-1)!.items)
      for (const step of this.#graph.steps[state]!)
        if (takes(step, token) && mayTake(step)) items.push({ state: step.to, origin });
    return items.length === 0 ? undefined : this.#closed(items);
  }

  /** Items with those that begin at their place, and those that go on because a rule has ended there. */
  #closed(seeds: readonly Item[]): ItemSet {
    const at = this.#sets.length;
    const items: Item[] = [];
    const ended: number[] = [];
    const known = new Set<number>();
    const waiting = new Map<number, Waiting[]>();
    const add = (item: Item, endedRules = 0) => {
      const key = this.#key(item);
      if (known.has(key)) return;
      known.add(key);
      items.push(item);
      ended.push(endedRules);
    };
    for (const seed of seeds) add(seed);
    for (let i = 0; i < items.length; i++) {
      const { state, origin } = items[i]!;
      for (const step of this.#graph.steps[state]!) {
        if (step.kind !== 'rule') continue;
        const before = waiting.get(step.rule) ?? [];
        waiting.set(step.rule, [...before, { state: step.to, origin, place: step.place }]);
        add({ state: step.rule, origin: at });
      }
      if (!this.#graph.ends[state]) continue;
      // No rule is empty, so one that ends here has begun before.
      for (const parent of this.#sets[origin]?.waiting.get(this.#graph.rules[state]!) ?? []) add(parent, ended[i]! + 1);
    }
    return { items, waiting, endedRules: Math.max(...ended) };
  }

  expected(): ExpectedTokens {
    const names = new Set<Place>();
    const texts = new Set<Place>();
    for (const step of this.#nextSteps()) {
      if (step.kind === 'name' || (step.kind === 'token' && step.token === 'PLAIN_ID')) names.add(step.place);
      if (step.kind === 'token' && step.token === 'TEXT') texts.add(step.place);
    }
    const at = this.#sets.at(-1)!;
    const sets = [...this.#sets];
    return { words: this.#phrases(), names, texts, placesAround: (place) => this.#placesAround(place, at, sets) };
  }

  #nextSteps(): readonly Step[] {
    return this.#sets.at(-1)!.items.flatMap(({ state }) => this.#graph.steps[state]!);
  }

  #phrases(): readonly ExpectedWord[] {
    const places = new Map<string, Place>();
    for (const step of this.#nextSteps())
      if (isWord(step) && !places.has(step.token)) places.set(step.token, step.place);
    return [...places].flatMap(([word, place]) =>
      this.#phrasesFrom(word, LONGEST_PHRASE).map((text) => ({ text, place })),
    );
  }

  /** A word with those that must follow it, or with each of the few that may. */
  #phrasesFrom(word: string, longest: number): readonly string[] {
    if (longest === 1 || !PHRASE_TOKEN.test(word)) return [word];
    this.#sets.push(this.#after(word, isWord)!);
    const phrases = this.#continuations().flatMap((next) => this.#phrasesFrom(next, longest - 1));
    this.#sets.pop();
    return phrases.length === 0 ? [word] : phrases.map((more) => `${word} ${more}`);
  }

  /**
   * The words that follow, where they are few and nothing else may stand there. What is complete in itself has none.
   */
  #continuations(): readonly string[] {
    if (this.#sets.at(-1)!.endedRules > 1) return [];
    const steps = this.#nextSteps().filter((step) => step.kind !== 'rule');
    const words = new Set(steps.map((step) => (isWord(step) ? step.token : '')));
    const isPhrase = words.size <= MOST_CONTINUATIONS && [...words].every((word) => PHRASE_TOKEN.test(word));
    return isPhrase ? [...words] : [];
  }

  #placesAround(place: Place, { items }: ItemSet, sets: readonly ItemSet[]): ReadonlySet<Place> {
    const found = new Set<Place>();
    const open = items.filter(({ state }) => this.#graph.steps[state]!.some((step) => step.place === place));
    const seen = new Set(open.map((item) => this.#key(item)));
    for (const { state, origin } of open) {
      for (const parent of sets[origin]!.waiting.get(this.#graph.rules[state]!) ?? []) {
        found.add(parent.place);
        const key = this.#key(parent);
        if (!seen.has(key)) open.push(parent);
        seen.add(key);
      }
    }
    return found;
  }

  #key({ state, origin }: Item): number {
    return origin * this.#graph.steps.length + state;
  }
}

const TERMINALS: ReadonlySet<string> = new Set([
  ...['FLOATING_POINT_VALUE', 'DIGIT_ID', 'DECIMAL_VALUE', 'INTEGER_VALUE', 'PLAIN_ID', 'QUOTED_ID', 'BACKQUOTED_ID'],
  ...['TEXT', 'VARIABLE'],
]);

const isWord = (step: Step): step is Step & { readonly kind: 'token' } =>
  step.kind === 'token' && !TERMINALS.has(step.token);

const takes = (step: Step, token: string): boolean =>
  step.kind === 'token' ? step.token === token : step.kind === 'name' && step.tokens.has(token);
