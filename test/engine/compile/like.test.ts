import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LikePattern } from '../../../engine/compile/like.ts';

const CHARACTER = '[^\\n\\r\\u0085\\u2028\\u2029]';

/** The pattern as ksqlDB has it: a regular expression. */
function asRegex(pattern: string, escapeCharacter: string | undefined): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const isEscaped = pattern[at] === escapeCharacter;
    if (isEscaped) at++;
    const character = pattern[at]!;
    if (!isEscaped && character === '%') source += `${CHARACTER}*`;
    else if (!isEscaped && character === '_') source += CHARACTER;
    else source += character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  }
  return new RegExp(`^(?:${source})$`, 'u');
}

describe('LIKE', () => {
  test('matches what its pattern as a regular expression matches', () => {
    const letters = fc.constantFrom('a', 'b', '.', '\n', '\u2028', '😀', '\ud83d', '\ude00', '!');
    const pieces = fc.array(fc.oneof(letters, fc.constantFrom('%', '_', '%', '!%', '!_')), { maxLength: 8 });
    const texts = fc.array(letters, { maxLength: 10 });
    const escapes = fc.constantFrom('!', undefined);
    let matched = 0;
    fc.assert(
      fc.property(pieces, texts, escapes, (pattern, text, escapeCharacter) => {
        const source = pattern.join('');
        if (escapeCharacter !== undefined && /^(?:[^!]|![\s\S])*!$/.test(source)) return;
        const wanted = asRegex(source, escapeCharacter).test(text.join(''));
        if (wanted) matched++;
        expect(new LikePattern(source, escapeCharacter).test(text.join(''))).toBe(wanted);
      }),
      { numRuns: 20_000 },
    );
    expect(matched).toBeGreaterThan(500);
  });

  test('of many parts ends soon', () => {
    const text = 'a'.repeat(100_000);
    expect(new LikePattern(`${'%a'.repeat(50)}%b`, undefined).test(text)).toBe(false);
    expect(new LikePattern(`${'%a'.repeat(50)}%b`, undefined).test(`${text}b`)).toBe(true);
    expect(new LikePattern(`${'%a_'.repeat(50)}%b`, undefined).test(text)).toBe(false);
    expect(new LikePattern(`${'%a\n'.repeat(50)}%b`, undefined).test('a\n'.repeat(50_000))).toBe(false);
  });

  test('whose pattern takes the product of both lengths is given up', () => {
    const half = 'a'.repeat(50_000);
    expect(() => new LikePattern(`%${half}b%`, undefined).test(half + half)).toThrow(/too many steps/);
  });
});
