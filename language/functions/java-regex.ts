import { EvaluationError } from '../types/evaluation-error.ts';
import { translateRegex } from './regex-translator.ts';

/** A match; use {@link JavaRegex.group} for its groups. */
export type JavaMatch = RegExpExecArray;

/** A compiled pattern of java.util.regex. */
export class JavaRegex {
  readonly #regex: RegExp;
  readonly #groups: readonly number[];
  readonly #names: ReadonlyMap<string, number>;

  /** @throws EvaluationError for a pattern that is wrong or has no counterpart in JavaScript */
  constructor(pattern: string) {
    const { source, groups, names } = translateRegex(pattern);
    try {
      this.#regex = new RegExp(source, 'gv');
    } catch (error) {
      throw new EvaluationError(`Invalid regular expression '${pattern}': ${(error as Error).message}`);
    }
    this.#groups = groups;
    this.#names = names;
  }

  /** How many groups the pattern has, the whole match not counted. */
  get groupCount(): number {
    return this.#groups.length - 1;
  }

  /** Whether the pattern matches the empty text. */
  get matchesEmpty(): boolean {
    return this.find('') !== null;
  }

  /** The first match at or after a position, which may lie between the halves of a character. */
  find(text: string, from = 0): JavaMatch | null {
    if (isWithinCharacter(text, from)) {
      const match = this.#search(halved(text, from), from);
      return match?.index === from ? match : this.#search(text, from + 1);
    }
    return this.#search(text, from);
  }

  #search(text: string, from: number): JavaMatch | null {
    this.#regex.lastIndex = from;
    return this.#regex.exec(text);
  }

  /** All matches, one after the other. Behind an empty one the search goes on at the next UTF-16 unit, as Java's does. */
  findAll(text: string): JavaMatch[] {
    const matches: JavaMatch[] = [];
    for (let from = 0; from <= text.length; ) {
      const match = this.find(text, from);
      if (match === null) break;
      matches.push(match);
      from = match.index + (match[0].length || 1);
    }
    return matches;
  }

  /** What a group matched, 0 being the whole; null where it took no part. `index` must not exceed the count of groups. */
  group(match: JavaMatch, index: number): string | null {
    return match[this.#groups[index]!] ?? null;
  }

  /**
   * The text with every match replaced. In the replacement `$1` and `${name}` are groups, and a backslash takes the next character
   * as it is.
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
      for (const part of parts) result += typeof part === 'string' ? part : (this.group(match, part) ?? '');
      end = match.index + match[0].length;
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

const isWithinCharacter = (text: string, at: number): boolean => at > 0 && text.codePointAt(at - 1)! > 0xffff;

/** A search of JavaScript's goes back to the beginning of a character, unless its first half is no first half any more. */
const halved = (text: string, at: number): string => `${text.slice(0, at - 1)}\udc00${text.slice(at)}`;

const digitAt = (text: string, at: number): number | undefined =>
  /[0-9]/.test(text[at] ?? '') ? Number(text[at]) : undefined;

const cache = new Map<string, JavaRegex>();
const CACHE_SIZE = 200;

/** A pattern of java.util.regex. Compiled patterns are kept. @throws EvaluationError for a pattern that is wrong */
export function javaRegex(pattern: string): JavaRegex {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = new JavaRegex(pattern);
    cache.set(pattern, compiled);
    if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
  }
  return compiled;
}
