import { EvaluationError } from '../../types/evaluation-error.ts';
import { longestNativeText } from './cost.ts';
import { isWithinCharacter } from './is-within-character.ts';
import { RegexMatcher } from './matcher.ts';
import { parseRegex } from './parser.ts';
import { compileRegex } from './program.ts';
import { regexSource } from './source.ts';
import { type RegexNode, sequence } from './syntax.ts';

export interface JavaMatch {
  readonly index: number;
  readonly end: number;
  /** What each group matched, 0 being the whole; null where it took no part. */
  readonly groups: readonly (string | null)[];
}

const TEXT_START: RegexNode = { kind: 'place', place: 'start', source: '^' };
const TEXT_END: RegexNode = { kind: 'place', place: 'end', source: '$' };

/**
 * A compiled pattern of java.util.regex. JavaScript's engine searches where it certainly ends soon and finds what
 * Java's does; elsewhere this project's own does, which counts its steps.
 *
 * What remains different: where Java steps back in a repetition of a group of fixed shape, it forgets to set groups
 * within it back, and this does not; and JavaScript's engine looks between the halves of a character less often.
 */
export class JavaRegex {
  readonly #root: RegexNode;
  readonly #native: RegExp;
  readonly #longestNativeText: number;
  /** For each group of Java's pattern its number in JavaScript's. */
  readonly #nativeGroups: readonly number[];
  readonly #names: ReadonlyMap<string, number>;
  #matcher: RegexMatcher | undefined;
  #matchesEmpty: boolean | undefined;

  /** How many groups the pattern has, the whole match not counted. */
  readonly groupCount: number;

  /**
   * @param isWhole whether a match has to be the whole of a text
   * @throws EvaluationError for a pattern that is wrong or has no counterpart in JavaScript
   */
  constructor(pattern: string, isWhole = false) {
    const { root, groupCount, names } = parseRegex(pattern);
    this.#root = isWhole ? sequence([TEXT_START, root, TEXT_END]) : root;
    this.groupCount = groupCount;
    this.#names = names;
    const source = regexSource(this.#root);
    try {
      this.#native = new RegExp(source, 'gv');
    } catch (error) {
      throw new EvaluationError(`Invalid regular expression '${pattern}': ${(error as Error).message}`);
    }
    this.#nativeGroups = groupNumbers(source, groupCount);
    this.#longestNativeText = longestNativeText(this.#root);
  }

  /** Whether the pattern matches the empty text. */
  get matchesEmpty(): boolean {
    this.#matchesEmpty ??= this.find('') !== null;
    return this.#matchesEmpty;
  }

  /** Whether the pattern matches a text, or a part of it. */
  test(text: string): boolean {
    return this.find(text) !== null;
  }

  /** The first match. @throws EvaluationError when the search takes too many steps, as do the other searches */
  find(text: string): JavaMatch | null {
    if (text.length <= this.#longestNativeText) return this.#findNatively(text, 0);
    return this.#findOnOwn(text, 1)[0] ?? null;
  }

  /**
   * All matches, one after the other. Behind an empty one the search goes on at the next UTF-16 unit, as Java's does.
   */
  findAll(text: string): JavaMatch[] {
    if (text.length > this.#longestNativeText) return this.#findOnOwn(text, Infinity);
    const matches: JavaMatch[] = [];
    for (let from = 0; from <= text.length; ) {
      const match = this.#findNatively(text, from);
      if (match === null) break;
      matches.push(match);
      from = Math.max(match.end, match.index + 1);
    }
    return matches;
  }

  /** The first match at or after a position, which may lie between the halves of a character. */
  #findNatively(text: string, from: number): JavaMatch | null {
    if (isWithinCharacter(text, from)) {
      const match = this.#execute(halved(text, from), from);
      return match?.index === from ? match : this.#execute(text, from + 1);
    }
    return this.#execute(text, from);
  }

  #execute(text: string, from: number): JavaMatch | null {
    this.#native.lastIndex = from;
    const found = this.#native.exec(text);
    if (found === null) return null;
    const groups = this.#nativeGroups.map((group) => found[group] ?? null);
    return { index: found.index, end: found.index + found[0].length, groups };
  }

  #findOnOwn(text: string, count: number): JavaMatch[] {
    this.#matcher ??= new RegexMatcher(compileRegex(this.#root, this.groupCount));
    this.#matcher.open(text);
    try {
      return this.#collect(this.#matcher, text, count);
    } finally {
      this.#matcher.close();
    }
  }

  #collect(matcher: RegexMatcher, text: string, count: number): JavaMatch[] {
    const matches: JavaMatch[] = [];
    for (let from = 0; from <= text.length && matches.length < count; ) {
      const ends = matcher.find(from);
      if (ends === undefined) break;
      const groups = Array.from({ length: this.groupCount + 1 }, (_, group) =>
        ends[2 * group]! < 0 ? null : text.slice(ends[2 * group], ends[2 * group + 1]),
      );
      const [index, end] = [ends[0]!, ends[1]!];
      matches.push({ index, end, groups });
      from = Math.max(end, index + 1);
    }
    return matches;
  }

  /**
   * The text with every match replaced. In the replacement `$1` and `${name}` are groups, and a backslash takes the
   * next character as it is.
   * @throws EvaluationError for a group that there is not
   */
  replaceAll(text: string, replacement: string): string {
    const matches = this.findAll(text);
    if (matches.length === 0) return text;
    const parts = this.#parseReplacement(replacement);
    let result = '';
    let end = 0;
    for (const match of matches) {
      result += text.slice(end, match.index);
      for (const part of parts) result += typeof part === 'string' ? part : (match.groups[part] ?? '');
      end = match.end;
    }
    return result + text.slice(end);
  }

  #parseReplacement(replacement: string): readonly (string | number)[] {
    const parts: (string | number)[] = [];
    for (let at = 0; at < replacement.length; at++) {
      const character = replacement[at]!;
      if (character === '$') {
        const [group, end] = this.#groupAt(replacement, at);
        parts.push(group);
        at = end - 1;
        continue;
      }
      if (character === '\\') at++;
      if (at === replacement.length) throw new EvaluationError('character to be escaped is missing');
      parts.push(replacement[at]!);
    }
    return parts;
  }

  /** The group that is meant at a `$`, and where its name ends. */
  #groupAt(replacement: string, at: number): [group: number, end: number] {
    const named = /^\$\{([A-Za-z][A-Za-z0-9]*)\}/.exec(replacement.slice(at));
    if (named !== null) {
      const group = this.#names.get(named[1]!);
      if (group === undefined) throw new EvaluationError(`No group with name {${named[1]}}`);
      return [group, at + named[0].length];
    }
    let end = at + 1;
    let group = digitAt(replacement, end++);
    if (group === undefined) throw new EvaluationError('Illegal group reference');
    if (group > this.groupCount) throw new EvaluationError(`No group ${group}`);
    // Further digits belong to the number as long as there is such a group.
    for (let digit = digitAt(replacement, end); digit !== undefined; digit = digitAt(replacement, ++end)) {
      if (group * 10 + digit > this.groupCount) break;
      group = group * 10 + digit;
    }
    return [group, end];
  }
}

/** Groups are named after their numbers in Java's pattern, as those of atomic groups come in between. */
function groupNumbers(source: string, groupCount: number): readonly number[] {
  const order = Array.from(source.matchAll(/\(\?<([ga]\d+)>/g), (match) => match[1]!);
  return Array.from({ length: groupCount + 1 }, (_, group) => order.indexOf(`g${group}`) + 1);
}

/**
 * A search of JavaScript's goes back to the beginning of a character, unless its first half is no first half any more.
 */
const halved = (text: string, at: number): string => `${text.slice(0, at - 1)}\udc00${text.slice(at)}`;

const digitAt = (text: string, at: number): number | undefined =>
  /[0-9]/.test(text[at] ?? '') ? Number(text[at]) : undefined;

const parts = new Map<string, JavaRegex>();
const wholes = new Map<string, JavaRegex>();
const CACHE_SIZE = 200;

/**
 * A pattern of java.util.regex. Compiled patterns are kept.
 * @param isWhole whether a match has to be the whole of a text
 * @throws EvaluationError for a pattern that is wrong
 */
export function javaRegex(pattern: string, isWhole = false): JavaRegex {
  const cache = isWhole ? wholes : parts;
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = new JavaRegex(pattern, isWhole);
    cache.set(pattern, compiled);
    if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
  }
  return compiled;
}
