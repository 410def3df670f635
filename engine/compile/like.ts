import { EvaluationError } from '../../language/types/evaluation-error.ts';

/**
 * A LIKE pattern as a regular expression: `%` stands for any text, `_` for one character, neither for a line break (Java's
 * Pattern without DOTALL, which ksqlDB uses).
 *
 * @param escapeCharacter the character after which `%` and `_` stand for themselves; there is no default.
 * @throws EvaluationError when the pattern ends with the escape character.
 */
export function likePattern(pattern: string, escapeCharacter: string | undefined): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === escapeCharacter) {
      at++;
      if (at === pattern.length) throw new EvaluationError('LIKE pattern must not end with escape character.');
      source += quoted(pattern[at]!);
    } else if (character === '%') source += JAVA_DOT_STAR;
    else if (character === '_') source += JAVA_DOT;
    else source += quoted(character);
  }
  // Java counts code points, so one `_` stands for an emoji too.
  return new RegExp(`^(?:${source})$`, 'u');
}

const JAVA_DOT = '[^\\n\\r\\u0085\\u2028\\u2029]';
const JAVA_DOT_STAR = `${JAVA_DOT}*`;

const quoted = (character: string) => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');

/** Tests texts against patterns that are only known row by row; the last pattern stays compiled. */
export function dynamicLike(escapeCharacter: string | undefined): (text: string, pattern: string) => boolean {
  let last: string | undefined;
  let compiled: RegExp | undefined;
  return (text, pattern) => {
    if (pattern !== last || compiled === undefined) {
      compiled = likePattern(pattern, escapeCharacter);
      last = pattern;
    }
    return compiled.test(text);
  };
}
