import { isWithinCharacter } from '../../language/java/regex/is-within-character.ts';
import { stepLimit } from '../../language/java/regex/step-limit.ts';
import { EvaluationError } from '../../language/types/evaluation-error.ts';

/** A text between two `%` of a pattern. */
interface Piece {
  /** Code points, {@link ANY} for `_`. */
  readonly points: readonly number[];
  /**
   * The same as a text, where that can be searched by JavaScript's own means: short, and without `_` and halves of
   * characters.
   */
  readonly literal: string | undefined;
}

const ANY = -1;
const LINE_END = /[\n\r\u0085\u2028\u2029]/;
const HALF_CHARACTER = /\p{Cs}/u;

/**
 * Longer literals are compared step by step: where texts repeat themselves, JavaScript's search takes the product of
 * their lengths.
 */
const MAX_LITERAL = 200;
/**
 * A compiled LIKE pattern: `%` stands for any text, `_` for one character, neither for a line break (Java's Pattern
 * without DOTALL, which ksqlDB uses). Java counts code points, so one `_` stands for an emoji too.
 *
 * What lies between two `%` is taken where it comes first: whatever a later place leads to, this one does, too.
 */
export class LikePattern {
  readonly #pieces: readonly Piece[];
  #stepsLeft = 0;

  /**
   * @param escapeCharacter the character after which `%` and `_` stand for themselves; there is no default.
   * @throws EvaluationError when the pattern ends with the escape character.
   */
  constructor(pattern: string, escapeCharacter: string | undefined) {
    this.#pieces = piecesOf(pattern, escapeCharacter);
  }

  /** Whether the pattern is the whole of the text. @throws EvaluationError when that takes too many steps */
  test(text: string): boolean {
    this.#stepsLeft = stepLimit(text);
    // What does not match where `%` stands for anything does not match where it may hold no line break.
    return this.#matches(text, false) && (!LINE_END.test(text) || this.#matches(text, true));
  }

  #matches(text: string, hasLines: boolean): boolean {
    const pieces = this.#pieces;
    let end = this.#endOf(pieces[0]!, text, 0);
    const last = pieces.length - 1;
    if (last === 0 || end < 0) return end === text.length;
    for (let index = 1; index < last; index++) {
      end = this.#find(pieces[index]!, text, end, hasLines ? lineEnd(text, end) : text.length);
      if (end < 0) return false;
    }
    const start = this.#startOf(pieces[last]!, text);
    return start >= end && (!hasLines || lineEnd(text, end) >= start);
  }

  /** Where a piece ends that begins between two positions; -1 for none. */
  #find(piece: Piece, text: string, from: number, to: number): number {
    if (piece.literal !== undefined) {
      const at = text.indexOf(piece.literal, from);
      return at < 0 || at > to ? -1 : at + piece.literal.length;
    }
    for (let at = from; at <= to; at++) {
      if (isWithinCharacter(text, at)) continue;
      const end = this.#endOf(piece, text, at);
      if (end >= 0) return end;
    }
    return -1;
  }

  /** Where a piece ends that begins at a position; -1 where it does not stand there. */
  #endOf({ points, literal }: Piece, text: string, from: number): number {
    if (literal !== undefined) return text.startsWith(literal, from) ? from + literal.length : -1;
    let at = from;
    let index = 0;
    for (; index < points.length && at < text.length; index++) {
      const found = text.codePointAt(at)!;
      if (!isMatch(points[index]!, found)) break;
      at += found > 0xffff ? 2 : 1;
    }
    this.#stepsLeft -= index + 1;
    if (this.#stepsLeft < 0) throw tooManySteps(text);
    return index === points.length ? at : -1;
  }

  /** Where a piece begins that ends with the text; -1 where it does not stand there. */
  #startOf({ points, literal }: Piece, text: string): number {
    if (literal !== undefined) return text.endsWith(literal) ? text.length - literal.length : -1;
    let at = text.length;
    for (let index = points.length - 1; index >= 0; index--) {
      if (at === 0) return -1;
      at -= isWithinCharacter(text, at - 1) ? 2 : 1;
      if (!isMatch(points[index]!, text.codePointAt(at)!)) return -1;
    }
    return at;
  }
}

const tooManySteps = (text: string): EvaluationError =>
  new EvaluationError(`LIKE takes too many steps over a text of ${text.length} characters. Shorten its pattern.`);

function piecesOf(pattern: string, escapeCharacter: string | undefined): readonly Piece[] {
  const pieces: Piece[] = [];
  /** What stands before, between and behind the `_` of a piece; halves of characters come together as they grow. */
  let parts = [''];
  const close = () => {
    const points = parts.flatMap((part, index) => [
      ...(index === 0 ? [] : [ANY]),
      ...Array.from(part, (character) => character.codePointAt(0)!),
    ]);
    const isPlain = parts.length === 1 && parts[0]!.length <= MAX_LITERAL && !HALF_CHARACTER.test(parts[0]!);
    pieces.push({ points, literal: isPlain ? parts[0] : undefined });
    parts = [''];
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === escapeCharacter) {
      at++;
      if (at === pattern.length) throw new EvaluationError('LIKE pattern must not end with escape character.');
      parts[parts.length - 1] += pattern[at]!;
    } else if (character === '%') close();
    else if (character === '_') parts.push('');
    else parts[parts.length - 1] += character;
  }
  close();
  return pieces;
}

const isMatch = (wanted: number, found: number): boolean => (wanted === ANY ? !isLineEnd(found) : wanted === found);

const isLineEnd = (code: number): boolean =>
  code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029;

/** The position of the first line break from one on; the length of the text where there is none. */
function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isLineEnd(text.charCodeAt(at))) at++;
  return at;
}

/** Tests texts against patterns that are only known row by row; the last pattern stays compiled. */
export function dynamicLike(escapeCharacter: string | undefined): (text: string, pattern: string) => boolean {
  let last: string | undefined;
  let compiled: LikePattern | undefined;
  return (text, pattern) => {
    if (pattern !== last || compiled === undefined) {
      compiled = new LikePattern(pattern, escapeCharacter);
      last = pattern;
    }
    return compiled.test(text);
  };
}
